"""All reading and writing of Delta tables, in the home's folder or on an S3 server alike.

The lake is its own catalogue: a table lives at `<lake>/<layer>/<domain>/<table>`. Counts, versions and history
come from the Delta log, which costs no pass over the data. Every write replaces something named (a batch, a
partition, the table), so that running twice equals running once, and stands under the lake's lease.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from govlake import lease, seen
from govlake.contracts import rules
from govlake.contracts.model import Table
from govlake.engine import session
from govlake.errors import LakeError
from govlake.lease import timely
from govlake.settings import settings
from govlake.store import options, store

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable
    from pyspark.sql import DataFrame

LASTING = ("bronze", "silver", "history", "quarantine", "gold")
LAYERS = (*LASTING, "staging")  # what is staged goes with its batch
ROOT = "lake"  # where the lake is in its store
_beside: ContextVar[tuple[str, frozenset[str]]] = ContextVar("beside", default=("", frozenset()))


def root() -> str:
    """Address of the folder that holds the layers."""
    return store().address(ROOT)


def path(layer: str, domain: str, name: str, *parts: str) -> str:
    """Address of a table in the lake, as every engine and Delta reader takes it."""
    return store().address("/".join((ROOT, layer, domain, name, *parts)))


def table_path(layer: str, table: Table, *parts: str, live: bool = False) -> str:
    """Address of a contract's table in `layer`; a staging table has the batch id as its last part.

    Inside `beside` that is the table that is built beside, unless the `live` one is asked for.
    """
    folder, tables = _beside.get()
    if table.key in tables and not live:
        return store().address("/".join((folder, layer, table.domain, table.name, *parts)))
    return path(layer, table.domain, table.name, *parts)


@contextmanager
def beside(folder: str, tables: Iterable[Table]) -> Iterator[None]:
    """Meanwhile, these tables are read and written below `folder` of the store, in every layer."""
    before = _beside.set((folder, frozenset(table.key for table in tables)))
    try:
        yield
    finally:
        _beside.reset(before)


def is_beside() -> bool:
    """Whether tables are built beside: nothing of it counts yet."""
    return bool(_beside.get()[1])


def delta(address: str) -> DeltaTable | None:
    """The Delta table at `address`, or None where there is none."""
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    try:
        return DeltaTable(address, storage_options=options())
    except TableNotFoundError:
        return None


def look(address: str) -> DeltaTable | None:
    """As `delta`, only to be read from: one and the same object serves whoever looks."""
    return seen.look(address, delta)


def read(address: str) -> DataFrame:
    """The table at `address` as an engine frame."""
    return session().read.format("delta").load(address)


def columns(address: str) -> dict[str, str]:
    """Column names and Delta types, empty where there is no table."""
    found = look(address)
    return {field.name: _type_name(field.type) for field in found.schema().fields} if found else {}


def version(address: str) -> int:
    """The table's Delta version, -1 where there is none."""
    found = look(address)
    return found.version() if found else -1


def identity(address: str) -> str:
    """The table's own id, which stays with it through every version; "" where there is no table."""
    found = look(address)
    return str(found.metadata().id) if found else ""


def rows(address: str, partition: tuple[str, str] | None = None) -> int:
    """Rows of a table, or of one of its partitions, from the Delta log."""
    return sum(
        count
        for value, count in partition_rows(address, partition[0] if partition else "").items()
        if partition is None or value == partition[1]
    )


def partition_rows(address: str, column: str = "") -> dict[str, int]:
    """Rows per value of one partition column (all under "" without a column), from the Delta log."""
    found = look(address)
    if found is None:
        return {}
    files = seen.files_of(found, "num_records", f"partition.{column}")
    values = files[f"partition.{column}"] if column else [""] * len(files["num_records"])
    counts: dict[str, int] = {}
    for value, number in zip(values, files["num_records"], strict=True):
        if number is None:
            raise LakeError(
                f"The Delta log of {address} has no row counts.",
                "Rewrite the table with `govlake run --force`.",
            )
        counts[str(value)] = counts.get(str(value), 0) + number
    return counts


def counts(address: str, column: str) -> dict[str, int]:
    """Rows per value of any column, counted by the engine in a pass over that column; empty where there is no table."""
    if look(address) is None:
        return {}
    rows = read(address).groupBy(column).count().collect()
    return {
        str(row[column]).lower() if isinstance(row[column], bool) else str(row[column]): row["count"] for row in rows
    }


def _to_write(address: str) -> DeltaTable | None:
    """The table as it is once this home holds the lease; a takeover after that refuses what is written from it."""
    lease.hold()
    return delta(address)


def _to_replace(address: str) -> DeltaTable | None:
    """As `_to_write`, where an engine writes: only to be read from."""
    lease.hold()
    return look(address)


def _is_proof() -> bool:
    """Whether the engine's commit to a table that is there proves that nobody took the lake over before it.

    A new one cannot have been fenced, and Apache Spark on S3 writes its log without a condition.
    """
    return not (settings().engine == "spark" and settings().store)


def replace_batch(address: str, batches: pa.RecordBatchReader, batch_id: str, found_by: Sequence[str] = ()) -> int:
    """Write the rows of one batch in place of what the batch had before; returns the rows written.

    Written by delta-rs straight from the reader: one pass, bounded memory, the same on every engine. `found_by` as for
    `overwrite`.
    """
    from deltalake import write_deltalake

    existing = _to_write(address)
    how: dict[str, Any] = {"mode": "overwrite"}
    if existing is None:
        how |= {"configuration": log_keeps(found_by) if found_by else {}}
    else:
        how |= {"predicate": f"_batch_id = '{batch_id}'", "schema_mode": "merge"}
    table = address if existing is None else existing
    with lease.writing(address, proven=existing is not None):
        write_deltalake(table, batches, partition_by=["_batch_id"], storage_options=options(), **how)
    return rows(address, ("_batch_id", batch_id))


def log_keeps(found_by: Sequence[str]) -> dict[str, str]:
    """Properties of a table whose log tells of each file its rows and what is in these columns, once."""
    names = ",".join(found_by)
    skipping = {"delta.dataSkippingStatsColumns": names} if names else {"delta.dataSkippingNumIndexedCols": "0"}
    return skipping | {"delta.checkpoint.writeStatsAsStruct": "false"}


def begin(address: str, properties: dict[str, str]) -> bool:
    """Whether there is a table to be replaced, once this home holds the lease. It is given the `properties` it lacks:
    Apache Spark writes none whose log is to tell of a column that it has lost."""
    known = _to_replace(address)
    if known is not None and properties.items() - known.metadata().configuration.items():
        table = _to_write(address)
        assert table is not None
        with lease.writing(address, proven=True):
            table.alter.set_table_properties(properties)
    return known is not None


def replace(address: str, rows: pa.Table) -> None:
    """Replace a whole small table with rows of this process, its schema included."""
    from deltalake import write_deltalake

    table = _to_write(address)
    target = address if table is None else table
    how: dict[str, Any] = {"configuration": log_keeps(())} if table is None else {}
    with lease.writing(address, proven=table is not None):
        write_deltalake(target, rows, mode="overwrite", schema_mode="overwrite", storage_options=options(), **how)


def drop_batch(address: str, batch_id: str) -> None:
    """Remove a batch's rows, where the table exists and has any."""
    found = _to_write(address)
    if found is not None and rows(address, ("_batch_id", batch_id)):
        with lease.writing(address, proven=True):
            found.delete(f"_batch_id = '{batch_id}'")


def overwrite(frame: DataFrame, address: str, partition_by: Iterable[str] = (), found_by: Sequence[str] = ()) -> None:
    """Replace the whole table, its schema included.

    `found_by` are columns, none of the partition, whose least and greatest value per file a new table's log keeps, so
    that an engine opens few files; it keeps them of every column where none is named. An engine reads the log with
    every query: of a table with many files it should say little of each.
    """
    names, properties = list(partition_by), log_keeps(found_by) if found_by else {}
    existing = begin(address, properties)

    def save(timed: DataFrame) -> None:
        writer = timed.write.format("delta").mode("overwrite").option("overwriteSchema", "true").options(**properties)
        (writer.partitionBy(*names) if names else writer).save(address)

    timely.write(frame, address, save, proven=existing and _is_proof())


def replace_where(
    frame: DataFrame, address: str, predicate: str, partition_by: Iterable[str] = (), found_by: Sequence[str] = ()
) -> None:
    """Replace the rows that match `predicate` with those of `frame`; creates the table at first use, as `overwrite`."""
    if _to_replace(address) is None:
        overwrite(frame, address, partition_by, found_by)
        return

    def save(timed: DataFrame) -> None:
        timed.write.format("delta").mode("overwrite").option("replaceWhere", predicate).save(address)

    timely.write(frame, address, save, proven=_is_proof())


def remove(address: str) -> None:
    """Delete a table's folder. Only for staging tables, which nothing refers to after their batch is done."""
    staging = f"{ROOT}/staging"
    start = f"{store().address(staging)}/"
    if not address.startswith(start):
        raise LakeError(f"{address} is not a staging table and is not deleted.", "Use `govlake maintain` for old data.")
    with lease.writing(address):
        store().clear(f"{staging}/{address[len(start) :]}/")


def find(layer: str) -> list[tuple[str, str]]:
    """Every (domain, table) that a layer holds."""
    place, folder = store(), f"{ROOT}/{layer}"
    domains = place.folders(folder, sure=False)
    tables = [(domain, name) for domain in domains for name in place.folders(f"{folder}/{domain}", sure=False)]
    has_log = place.holding([f"{folder}/{domain}/{name}/_delta_log" for domain, name in tables])
    return [table for table, found in zip(tables, has_log, strict=True) if found]


def partitions(frame: DataFrame, table: Table) -> list[tuple[object, ...]]:
    """The distinct partition values of a frame."""
    if not table.partition_columns:
        return []
    return [tuple(row) for row in frame.select(*table.partition_columns).distinct().collect()]


def partition_predicate(table: Table, values: Iterable[tuple[object, ...]]) -> str:
    """SQL that is true for the rows of the given partitions; false for none."""

    def equal(name: str, value: object) -> str:
        return f"`{name}` IS NULL" if value is None else f"`{name}` = {literal(table, name, value)}"

    whole = [
        " AND ".join(equal(*pair) for pair in zip(table.partition_columns, value, strict=True)) for value in values
    ]
    return " OR ".join(f"({part})" for part in sorted(whole)) or "false"


def literal(table: Table, name: str, value: object) -> str:
    """A value of a column as SQL writes it."""
    return rules.literal(next(column for column in table.columns if column.name == name), value)


def _type_name(kind: object) -> str:
    return str(getattr(kind, "type", kind))
