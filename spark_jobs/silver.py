"""Staging to silver and quarantine, after gate 2 let the batch pass.

Rows that only arrive are put in the place of the batch's own; where rows leave, their partitions are replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

from govlake import content, file_statistics, lake
from govlake.batch import Batch, Outcome, Restatement
from govlake.contracts.model import BRONZE_META, Table
from govlake.errors import LakeError
from spark_jobs import history, parsing, restated
from spark_jobs.apart import by_partition
from spark_jobs.beside import FOUND, with_few
from spark_jobs.classify import KEY, row_key
from spark_jobs.shape import fits, silver_row, silver_rows

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Note = Callable[[Restatement], object]
SAMPLE_ROWS = 3  # rows shown per rule
MAX_PARTITIONS = 500  # more than this many touched partitions are written as one replacement of the table


def run(batch: Batch, note: Note = lambda restatement: None) -> Outcome:
    """Merge every table's winners into silver and put its bad rows, as delivered, into quarantine.

    `note` is told, before silver changes, what the delivery restates of earlier ones.
    """
    written, removed = 0, 0
    changed_tables, reasons = [], {}
    for table in batch.contract.tables:
        new, gone = merge(batch, table, note)
        written, removed = written + new, removed + gone
        if new or gone:
            changed_tables.append(table.key)
        if quarantine(batch, table):
            reasons[table.key] = causes(batch, table)
    quarantined = sum(
        lake.rows(lake.table_path("quarantine", t), ("_batch_id", batch.id)) for t in batch.contract.tables
    )
    line = f"silver {batch.id}: {written:,} rows written, {removed:,} withdrawn, {quarantined:,} in quarantine"
    detail = {"changed": changed_tables, "written": written, "removed": removed, "quarantine": reasons}
    return Outcome("done", line, detail=detail)


def merge(batch: Batch, table: Table, note: Note) -> tuple[int, int]:
    """Bring the staged winners into silver; returns the rows changed and the rows withdrawn.

    Nothing is written where nothing changes, so a rerun adds no version to the table.
    """
    address = lake.table_path("silver", table)
    origin = lake.table_path("staging", table, batch.id)
    staged = lake.read(origin)
    winners = staged.where("_outcome IN ('silver_new', 'silver_updated') AND _changes")
    rows = winners.selectExpr(*silver_row(table))
    if lake.look(address) is None:
        if table.mode == "snapshot":
            history.record(batch, table, staged, winners, None, None)
        _overwrite(table, address, by_partition(rows, table, winners, lake.rows(origin)))
        return lake.rows(address), 0
    migrate(table, address)
    keyed = lake.read(address).selectExpr("*", f"{row_key(table)} AS _key")
    again = file_statistics.may_hold(address, "_batch_id", batch.id)  # an earlier attempt may have written here
    gone = withdrawn(batch, table, keyed, staged, again)
    arriving, updated, replaced = _arriving(winners)
    leaving = _count(gone) if gone is not None else 0
    if table.mode == "snapshot":
        history.record(batch, table, staged, winners, gone, keyed)
    if not arriving and not leaving:
        return 0, 0
    meets = bool(replaced) or again
    if not meets and not leaving:
        lake.replace_where(by_partition(rows, table, winners, arriving), address, _own(batch))
        return arriving, 0
    predicate = _touched(table, keyed, winners, gone, meets)
    if updated or leaving:
        found = restated.find(batch, table, keyed.where(predicate), winners, gone if leaving else None)
        if found is not None:
            note(replace(found, silver_version=content.version(address)))
    kept = _without(keyed.where(predicate), _leaving(table, winners, gone))
    merged = kept.selectExpr(*silver_row(table)).union(rows)
    _replace(table, address, by_partition(merged, table, winners, arriving, address), predicate)
    return arriving, leaving


def _arriving(winners: DataFrame) -> tuple[int, int, int]:
    """Rows that arrive, those of them that change a row of silver, and those that replace one."""
    updated = "_outcome = 'silver_updated'"
    counts = [f"count(CASE WHEN {test} THEN 1 END)" for test in (updated, f"{updated} OR _batch_id <> _first_batch_id")]
    found = winners.selectExpr("count(*)", *counts).first()
    return (int(found[0]), int(found[1]), int(found[2])) if found else (0, 0, 0)


def _touched(table: Table, keyed: DataFrame, winners: DataFrame, gone: DataFrame | None, meets: bool) -> str:
    """The partitions in which rows arrive, change or leave, as a predicate.

    Rows that arriving ones replace (if `meets`) are looked for in all of silver only where they may be in
    another partition: cost follows the increment.
    """
    if not table.partition_columns:
        return "true"
    touched = set(lake.partitions(winners, table))
    if meets and not set(table.partition_columns) <= set(table.key_columns):
        touched |= set(lake.partitions(keyed.join(_leaving(table, winners, gone), on=KEY, how="left_semi"), table))
    elif gone is not None:
        touched |= set(lake.partitions(gone, table))
    return lake.partition_predicate(table, touched) if len(touched) <= MAX_PARTITIONS else "true"


def _leaving(table: Table, winners: DataFrame, gone: DataFrame | None) -> DataFrame:
    """Keys whose present row leaves: replaced, or withdrawn."""
    arriving = winners.selectExpr(f"{row_key(table)} AS _key", "_occurrence")
    return arriving if gone is None else arriving.union(gone.select(*KEY))


def _without(held: DataFrame, leaving: DataFrame) -> DataFrame:
    """The rows of silver `held` whose key is not among those `leaving`."""
    return with_few(held, leaving, KEY).where(f"{FOUND}{KEY[0]} IS NULL")


def _replace(table: Table, address: str, rows: DataFrame, predicate: str) -> None:
    """Put `rows` in the place of the partitions that `predicate` names."""
    if predicate == "true":
        _overwrite(table, address, rows)
    else:
        lake.replace_where(rows, address, predicate)


def withdrawn(batch: Batch, table: Table, keyed: DataFrame, staged: DataFrame, again: bool) -> DataFrame | None:
    """Silver rows that the delivery takes back: absent from a newer snapshot, or from the corrected revision, or
    accepted from this very delivery once (which may be where it is brought `again`), under rules that have changed.

    A key that is in the delivery but in quarantine keeps its last good row from another delivery.
    """
    found = [_absent(batch, table, keyed, staged), _outdated(batch, table, keyed, staged) if again else None]
    taken_back = [frame for frame in found if frame is not None]
    return reduce(lambda one, other: one.union(other), taken_back) if taken_back else None


def _absent(batch: Batch, table: Table, keyed: DataFrame, staged: DataFrame) -> DataFrame | None:
    """Rows of earlier deliveries that this one no longer has."""
    if table.mode == "snapshot":
        candidates = keyed.where(f"_batch_order < {batch.order}")
        if history.newest(table) > batch.order or _count(keyed.where(f"_batch_order > {batch.order}")):
            return None
    elif batch.revision > 1:
        earlier = [Batch(batch.contract, batch.logical_date, number).id for number in range(1, batch.revision)]
        listed = ", ".join(parsing.quote(batch_id) for batch_id in earlier)
        candidates = keyed.where(f"_batch_id IN ({listed}) AND _first_batch_id IN ({listed})")
    else:
        return None
    return candidates.join(_keys(table, staged), on=KEY, how="left_anti")


def _outdated(batch: Batch, table: Table, keyed: DataFrame, staged: DataFrame) -> DataFrame | None:
    """Rows that an earlier attempt brought and that are not good today; none at the first attempt."""
    own = keyed.where(_own(batch))
    if not _count(own):
        return None
    return own.join(_keys(table, staged.where("_outcome <> 'quarantined'")), on=KEY, how="left_anti")


def _own(batch: Batch) -> str:
    """True for the batch's rows."""
    return f"_batch_id = {parsing.quote(batch.id)}"


def _keys(table: Table, staged: DataFrame) -> DataFrame:
    return staged.selectExpr(f"{row_key(table)} AS _key", "_occurrence")


def quarantine(batch: Batch, table: Table) -> int:
    """Write the batch's bad rows as delivered, each with its reasons; returns how many there are."""
    address = lake.table_path("quarantine", table)
    staging = lake.table_path("staging", table, batch.id)
    expected = lake.counts(staging, "_outcome").get("quarantined", 0)
    if not expected:
        lake.drop_batch(address, batch.id)
        return 0
    place = ["_source_file", "_row_number"]
    bad = lake.read(staging).where("_outcome = 'quarantined'").select(*place, "_reasons")
    bronze = lake.read(lake.table_path("bronze", table)).where(_own(batch))
    names = [column.name for column in table.delivered_columns]
    rows = bronze.join(bad, on=place, how="inner").select(*names, *BRONZE_META, "_reasons")
    lake.replace_where(rows, address, _own(batch), ["_batch_id"], ["_row_number"])
    stored = lake.rows(address, ("_batch_id", batch.id))
    if stored != expected:
        raise LakeError(
            f"{batch.id}: {expected:,} rows of {table.key} failed but {stored:,} are in quarantine.",
            "Run the batch again; if it repeats, two rows of the delivery carry the same number.",
        )
    return stored


def causes(batch: Batch, table: Table) -> dict[str, dict[str, Any]]:
    """Bad rows by rule, each with a few rows as delivered; personal identifiers in them are masked."""
    bad = lake.read(lake.table_path("quarantine", table)).where(_own(batch))
    shown = [
        f"'***' AS `{column.name}`" if column.pseudonymise else f"`{column.name}`" for column in table.delivered_columns
    ]
    place = ["_source_file", "_row_number", "_malformed"]
    listed = bad.selectExpr(*shown, *place, "explode(_reasons) AS _rule")
    window = "row_number() OVER (PARTITION BY _rule ORDER BY _source_file, _row_number) AS _nth"
    number = "count(*) OVER (PARTITION BY _rule) AS _rows"
    found: dict[str, dict[str, Any]] = {}
    for row in listed.selectExpr("*", window, number).where(f"_nth <= {SAMPLE_ROWS}").collect():
        values = row.asDict()
        values.pop("_nth")
        entry = found.setdefault(values.pop("_rule"), {"rows": values.pop("_rows"), "sample": []})
        values.pop("_rows", None)
        entry["sample"].append({name: value for name, value in values.items() if value is not None})
    return found


def migrate(table: Table, address: str) -> None:
    """Give silver the contract's columns where the contract changed since the last batch: one full rewrite."""
    if not fits(table, address):
        _overwrite(table, address, silver_rows(table, address))


def _overwrite(table: Table, address: str, rows: DataFrame) -> None:
    """Put `rows` in the place of all of silver, which is found by its partitions, its key and the batch."""
    found_by = [name for name in table.ranged_columns if name not in table.partition_columns]
    lake.overwrite(rows, address, table.partition_columns, [*found_by, "_batch_id"])


def _count(frame: DataFrame) -> int:
    found = frame.selectExpr("count(*)").first()
    return int(found[0]) if found else 0
