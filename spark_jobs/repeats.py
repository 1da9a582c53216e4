"""Which rows of a batch need a second look: those whose key comes again in the batch, or is in silver already.

All others are new by themselves. A pass over the key columns alone finds the few; only they go through windows and
joins, which cost many times what reading and judging a row costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from govlake import file_statistics, lake
from govlake.batch import Batch
from govlake.contracts.model import Table
from spark_jobs.beside import with_few
from spark_jobs.classify import key_hash
from spark_jobs.shape import silver_rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

PLACE = ("_source_file", "_row_number")
LITTLE = 250_000  # rows, of the batch and of silver in its reach: windows and joins cost less than two tables written
FEW = 10_000  # rows of silver that are compared sooner than it is found out which of them the batch may meet
TABLES = ("keys", "places")  # beside the staged table, only while it is made


@dataclass(frozen=True)
class Reach:
    """Rows of silver that a batch may meet, at most so many; None where there are none."""

    rows: int
    silver: DataFrame | None


@dataclass(frozen=True)
class SecondLook:
    """The rows that need one. `repeating` of them share their key with another row, `meeting` with one in silver.

    `silver` holds those rows of silver, None where there are none.
    """

    repeating: int
    meeting: int
    places: DataFrame
    silver: DataFrame | None

    def mark(self, bronze: DataFrame) -> DataFrame:
        """Rows of bronze with `_repeats`: true, false where they only meet silver, null where neither."""
        return with_few(bronze, self.places, PLACE, ["_repeats"])


def is_little(batch: Batch, table: Table) -> bool:
    """Whether the batch is so small that every row may have its second look, if it meets little, by the Delta log."""
    return lake.rows(lake.table_path("bronze", table), ("_batch_id", batch.id)) <= LITTLE


def in_reach(table: Table, values: DataFrame) -> Reach:
    """What typed `values` may meet: of much silver only what lies in the range of their keys, so that the engine
    opens no file that cannot hold them."""
    address = lake.table_path("silver", table)
    rows = lake.rows(address)
    if not rows:
        return Reach(0, None)
    silver = silver_rows(table, address)
    if rows <= FEW:
        return Reach(rows, silver)
    ranges = _ranges(table, values)
    ends = {name: [lake.literal(table, name, end) for end in pair] for name, pair in ranges.items()}
    parts = [f"`{name}` BETWEEN {low} AND {high}" for name, (low, high) in ends.items()]
    met = file_statistics.rows_between(address, ranges)
    return Reach(met, silver.where(" AND ".join(parts) or "true") if met else None)


def _ranges(table: Table, values: DataFrame) -> dict[str, list[Any]]:
    """Least and greatest value of each key column that has an order; a row without a key meets nothing."""
    keys = table.ranged_columns
    if not keys:
        return {}
    ends = [f"{end}(`{name}`)" for name in keys for end in ("min", "max")]
    found = tuple(values.selectExpr(*ends).first() or ())
    return {name: pair for name, *pair in zip(keys, found[::2], found[1::2], strict=True) if None not in pair}


def find(batch: Batch, table: Table, values: DataFrame) -> SecondLook:
    """The rows among typed `values` that need a second look.

    Keys are compared by a hash. It may take two keys for one, which costs a second look, and never misses a pair.
    """
    keys = _store(_hashed(values, table), batch, table, "keys")
    silver = _silver_met(table, keys)
    repeated = keys.groupBy("_hash").count().where("count > 1").select("_hash")
    found = repeated.join(keys, on="_hash", how="inner").selectExpr("_hash", *PLACE, "1 AS _repeats")
    if silver is not None:
        met = keys.join(silver.select("_hash"), on="_hash", how="left_semi")
        found = found.union(met.selectExpr("_hash", *PLACE, "0 AS _repeats"))
    places = (
        found.groupBy("_hash", *PLACE).max("_repeats").selectExpr("_hash", *PLACE, "`max(_repeats)` = 1 AS _repeats")
    )
    places = _store(places, batch, table, "places")
    counts = lake.counts(_address(batch, table, "places"), "_repeats")
    if silver is not None:
        silver = places.select("_hash").distinct().join(silver, on="_hash", how="inner")
    return SecondLook(counts.get("true", 0), counts.get("false", 0), places, silver)


def forget(batch: Batch, table: Table) -> None:
    """Remove what finding left beside the staged table."""
    for name in TABLES:
        lake.remove(_address(batch, table, name))


def _hashed(values: DataFrame, table: Table) -> DataFrame:
    """Hash, place and partition of the rows that have a key; one without is not good whatever else it holds."""
    needed = [column.name for column in table.columns if column.name in table.key_columns and column.required]
    rows = values.where(" AND ".join(f"`{name}` IS NOT NULL" for name in needed)) if needed else values
    partitions = [f"`{name}`" for name in table.partition_columns]
    return rows.selectExpr(f"{key_hash(table)} AS _hash", *PLACE, *partitions)


def _silver_met(table: Table, keys: DataFrame) -> DataFrame | None:
    """Rows of silver with their `_hash`; None where the batch can meet none.

    Where the partition is part of the key, only partitions that the batch names are read: cost follows the increment.
    """
    address = lake.table_path("silver", table)
    if lake.look(address) is None:
        return None
    silver = silver_rows(table, address)
    if table.partition_columns and set(table.partition_columns) <= set(table.key_columns):
        held = file_statistics.held_partitions(address, table, lake.partitions(keys, table))
        if not held:
            return None
        silver = silver.where(lake.partition_predicate(table, held))
    return silver.selectExpr("*", f"{key_hash(table)} AS _hash")


def _store(frame: DataFrame, batch: Batch, table: Table, name: str) -> DataFrame:
    address = _address(batch, table, name)
    lake.overwrite(frame, address)
    return lake.read(address)


def _address(batch: Batch, table: Table, name: str) -> str:
    return lake.table_path("staging", table, f"{batch.id}.{name}")
