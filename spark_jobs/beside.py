"""Few rows brought to many: the side that an engine keeps in memory is the small one, whatever it knows of sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FOUND = "_found"  # begins the names of the columns by which rows were found; null where none was


def with_few(many: DataFrame, few: DataFrame, on: Sequence[str], kept: Sequence[str] = ()) -> DataFrame:
    """Every row of `many` with the row of `few` that is equal in the columns `on`: its `kept` columns, `on` as FOUND.

    A row of `many` that several of `few` equal comes as often.
    """
    from pyspark.sql.functions import expr

    named = few.selectExpr(*kept, *(f"{name} AS {FOUND}{name}" for name in on))
    same = expr(" AND ".join(f"{FOUND}{name} = {name}" for name in on))
    return named.join(many, on=same, how="right")  # the side that is kept in memory comes first
