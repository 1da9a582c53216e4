"""Columns added to a frame without asking the engine what else is in it: each such question is a plan of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def with_columns(frame: DataFrame, columns: Mapping[str, str]) -> DataFrame:
    """The frame with these columns, SQL by name, added at its end or replaced in their place."""
    from pyspark.sql.functions import expr

    return frame.withColumns({name: expr(sql) for name, sql in columns.items()})
