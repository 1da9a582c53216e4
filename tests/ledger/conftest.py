"""A small contract and its batches."""

from collections.abc import Callable
from datetime import date

import pytest

from govlake.batch import Batch
from govlake.contracts import Column, Contract, Source, Table


@pytest.fixture
def contract() -> Contract:
    """Taps of the transport department: one table, due every day by 08:00."""
    taps = Table("transit", "tap", "Taps", "刷卡", "One row per tap", "", (Column("tap_id", "string", ("id",)),), ())
    return Contract(
        "transit.tap", "1.0.0", "transport", "Transport", "交通局", "transit", "tap", "Taps", "刷卡", (taps,), Source()
    )


@pytest.fixture
def batch_of(contract: Contract) -> Callable[..., Batch]:
    return lambda day=date(2026, 9, 1), revision=1: Batch(contract, day, revision)
