"""A home whose gold can be written, beside an empty ledger."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from govlake import lake
from govlake.editions import Mart

Gold = Callable[..., Mart]


@pytest.fixture
def gold(home: Path) -> Gold:
    """Write a mart to gold and name it: `gold("kpi_day", {"day": [1], "taps": [9]})`."""

    def write(model: str, columns: dict[str, Any], grain: tuple[str, ...] = (), domain: str = "transit") -> Mart:
        address = lake.path("gold", domain, model)
        write_deltalake(address, pa.table(columns), mode="overwrite", schema_mode="overwrite")
        return Mart(domain, model, grain)

    return write
