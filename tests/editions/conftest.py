"""A home whose gold can be written, beside an empty ledger."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from govlake import lake
from govlake.editions import Mart

Gold = Callable[..., Mart]
Mode = Literal["overwrite", "append"]


@pytest.fixture
def gold(home: Path) -> Gold:
    """Write a mart to gold and name it: `gold("kpi_day", {"day": [1], "taps": [9]})`."""

    def write(model: str, columns: dict[str, Any], mode: Mode = "overwrite", domain: str = "transit") -> Mart:
        address = lake.path("gold", domain, model)
        schema_mode = "overwrite" if mode == "overwrite" else None
        write_deltalake(address, pa.table(columns), mode=mode, schema_mode=schema_mode)
        return Mart(domain, model)

    return write
