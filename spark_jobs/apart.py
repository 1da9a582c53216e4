"""Keep an engine from sorting a large write by partition where nearly all rows belong to one.

Writers that are given rows of several partitions sort all of them first, beyond memory through the disk. Rows whose
partition is a constant in the query are written as they come.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from govlake import lake
from govlake.contracts.model import Table
from spark_jobs import parsing

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

LARGE = 1_000_000  # rows of a partition that are worth a pass of their own
PASSES = 8  # at most; what is in no large partition shares one more


def by_partition(rows: DataFrame, table: Table, arriving: DataFrame, at_most: int, held: str = "") -> DataFrame:
    """The same `rows` of silver, those of each large partition apart.

    `arriving` are those of them that silver does not hold yet, `at_most` that many; the others, where there are any,
    are from the table at the address `held`.
    """
    if len(table.partition_columns) != 1:
        return rows
    column = table.partition_columns[0]
    known = lake.partition_rows(held, column) if held else {}
    if at_most + max(known.values(), default=0) < LARGE:
        return rows
    sizes = {row[0]: row[1] + known.get(str(row[0]), 0) for row in arriving.groupBy(column).count().collect()}
    large = sorted((value for value in sizes if value is not None and sizes[value] >= LARGE), key=str)[:PASSES]
    if not large:
        return rows
    others = rows.where(f"NOT coalesce({lake.partition_predicate(table, [(value,) for value in large])}, false)")
    parts = [_of_partition(rows, table, column, value) for value in large]
    return reduce(lambda one, other: one.union(other), [*parts, others])


def _of_partition(rows: DataFrame, table: Table, column: str, value: object) -> DataFrame:
    """The rows of one partition; its value stands in the query, since a condition on it may be lost in the reader."""
    from pyspark.sql.functions import expr

    kind = next(parsing.silver_type(each) for each in table.columns if each.name == column)
    constant = f"CAST({lake.literal(table, column, value)} AS {kind})"
    return rows.where(lake.partition_predicate(table, [(value,)])).withColumn(column, expr(constant))
