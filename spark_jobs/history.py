"""The history of a snapshot: what each delivery opened, changed and closed, one partition per delivery.

What is new, changed or gone was found out for silver; the newest delivery adds just that. One that comes late, again,
corrected, or to a silver that somebody restored, takes its place between its neighbours: what it changed is found out
from the history, and what the next one did.
"""

from __future__ import annotations

from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from govlake import content, lake
from govlake.batch import Batch
from govlake.contracts.model import Table
from govlake.versions import CLOSED, DAY, DELIVERED, LAYER, META, OPENED
from spark_jobs import parsing, shape
from spark_jobs.classify import KEY, latest_first, row_key

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FOUND_BY = ["_batch_id"]
SEEN = "to_date(substr(CAST(_batch_order AS string), 1, 8), 'yyyyMMdd')"


def record(
    batch: Batch, table: Table, staged: DataFrame, opened: DataFrame, gone: DataFrame | None, silver: DataFrame | None
) -> None:
    """Enter the delivery, before silver changes: `opened` and `gone` are what silver will take and give up.

    `silver` is what it holds until then, None before the first delivery.
    """
    address = lake.table_path(LAYER, table)
    if silver is not None and lake.look(address) is None:
        lake.overwrite(_begin(table, silver), address, [DAY], FOUND_BY)
    _conform(table, address)
    known = days(table)
    is_newest = not known or max(known) < batch.logical_date
    if is_newest and not content.is_repaired(lake.table_path("silver", table)):
        parts = [_opened(table, opened.selectExpr("*", f"{row_key(table)} AS _key"), batch.id, batch.logical_date)]
        parts += [] if gone is None else [_closed(table, gone, batch.id, batch.logical_date)]
        touched = [batch.logical_date]
    else:
        following = min((day for day in known if day > batch.logical_date), default=None)
        parts = _between(batch, table, staged, following)
        touched = [batch.logical_date, *([following] if following else [])]
    changes = reduce(lambda one, other: one.union(other), [_delivered(batch, table, staged), *parts])
    lake.replace_where(changes, address, " OR ".join(f"{DAY} = {_day(day)}" for day in touched), [DAY], FOUND_BY)


def days(table: Table) -> list[date]:
    """The logical dates of the deliveries that the history knows, in order, from the Delta log."""
    return sorted(date.fromisoformat(day[:10]) for day in lake.partition_rows(lake.table_path(LAYER, table), DAY))


def newest(table: Table) -> int:
    """The smallest order that a batch newer than every known delivery has; 0 where there is no history."""
    known = days(table)
    return int(f"{known[-1]:%Y%m%d}") * 1000 if known else 0


def _between(batch: Batch, table: Table, staged: DataFrame, following: date | None) -> list[DataFrame]:
    """Changes of a delivery that is not the newest, and of the one that follows it."""
    changes, day = lake.read(lake.table_path(LAYER, table)), batch.logical_date
    before = _valid(changes.where(f"{DAY} < {_day(day)}"))
    said = _said(table, staged)
    opened = _differing(table, said, before)
    closed = before.join(staged.selectExpr(f"{row_key(table)} AS _key", "_occurrence"), on=KEY, how="left_anti")
    parts = [_opened(table, opened, batch.id, day), _closed(table, closed, batch.id, day)]
    if following is None:
        return parts
    kept = before.join(opened, on=KEY, how="left_anti").join(closed, on=KEY, how="left_anti")
    now = _fields(table, kept).union(_fields(table, opened))
    after = _valid(changes.where(f"{DAY} <= {_day(following)}"))
    mark = changes.where(f"{DAY} = {_day(following)} AND _change = '{DELIVERED}'")
    found = mark.select("_delivery").first()
    assert found is not None
    return [
        *parts,
        mark.selectExpr(*shape.history_row(table)),
        _opened(table, _differing(table, after, now, always=True), found[0], following),
        _closed(table, now.join(after, on=KEY, how="left_anti"), found[0], following),
    ]


def _valid(changes: DataFrame) -> DataFrame:
    """Of each key the version that is valid after these changes."""
    nth = f"row_number() OVER (PARTITION BY _key, _occurrence ORDER BY {DAY} DESC) AS _nth"
    ranked = changes.where(f"_change <> '{DELIVERED}'").selectExpr("*", nth)
    return ranked.where(f"_nth = 1 AND _change = '{OPENED}'").drop("_nth")


def _said(table: Table, staged: DataFrame) -> DataFrame:
    """The good rows of a delivery, one per key: the version that would win if nothing were known."""
    nth = f"row_number() OVER (PARTITION BY _key, _occurrence {latest_first(table)}) AS _nth"
    good = staged.where("_outcome <> 'quarantined'").selectExpr("*", f"{row_key(table)} AS _key")
    return good.selectExpr("*", nth).where("_nth = 1").drop("_nth")


def _differing(table: Table, rows: DataFrame, known: DataFrame, always: bool = False) -> DataFrame:
    """Rows that are not among the known ones, or differ; by `orderBy` an older version changes nothing, unless told."""
    latest = f"`{table.order_by}`" if table.order_by and not always else "NULL"
    held = known.selectExpr(*KEY, "_content_hash AS _known_hash", f"{latest} AS _known_order_by")
    newer = f"AND coalesce({latest} >= _known_order_by, true)" if table.order_by and not always else ""
    joined = rows.join(held, on=KEY, how="left")
    return joined.where(f"_known_hash IS NULL OR (_known_hash <> _content_hash {newer})")


def _fields(table: Table, rows: DataFrame) -> DataFrame:
    names = [f"`{column.name}`" for column in table.columns]
    place = [name for name in META if name not in ("_change", "_delivery", DAY)]
    return rows.selectExpr(*names, *place)


def _opened(table: Table, rows: DataFrame, delivery: str, day: date) -> DataFrame:
    return _changes(table, rows, OPENED, delivery, day)


def _closed(table: Table, rows: DataFrame, delivery: str, day: date) -> DataFrame:
    return _changes(table, rows, CLOSED, delivery, day)


def _changes(table: Table, rows: DataFrame, change: str, delivery: str, day: date) -> DataFrame:
    said = [f"'{change}' AS _change", f"{parsing.quote(delivery)} AS _delivery", f"{_day(day)} AS {DAY}"]
    return _fields(table, rows).selectExpr("*", *said).selectExpr(*shape.history_row(table))


def _delivered(batch: Batch, table: Table, staged: DataFrame) -> DataFrame:
    """One row that says that the delivery was seen, whatever it changed."""
    said = {
        **{f"`{column.name}`": "NULL" for column in table.columns},
        **dict.fromkeys(META, "NULL"),
        **{"_change": f"'{DELIVERED}'", "_delivery": parsing.quote(batch.id), "_batch_id": parsing.quote(batch.id)},
        **{"_batch_order": str(batch.order), DAY: _day(batch.logical_date)},
    }
    one = staged.sparkSession.range(1)
    return one.selectExpr(*(f"{value} AS {name}" for name, value in said.items())).selectExpr(*shape.history_row(table))


def _begin(table: Table, silver: DataFrame) -> DataFrame:
    """A history for a table that has none yet: each row is valid from the delivery that silver has it from."""
    said = ["_batch_id AS _delivery", f"CAST({SEEN} AS date) AS {DAY}"]
    rows = silver.selectExpr("*", f"'{OPENED}' AS _change", *said).selectExpr(*shape.history_row(table))
    nothing = [f"NULL AS `{column.name}`" for column in table.columns]
    nothing += [f"NULL AS {name}" for name in META if name not in ("_change", "_delivery", "_batch_order", DAY)]
    latest = f"row_number() OVER (PARTITION BY {DAY} ORDER BY _batch_order DESC) AS _nth"
    deliveries = silver.select("_batch_id", "_batch_order").distinct().selectExpr("_batch_order", *said)
    marks = deliveries.selectExpr("*", latest).where("_nth = 1").selectExpr(
        "_batch_order", "_delivery", DAY, f"'{DELIVERED}' AS _change", *nothing
    )  # fmt: skip
    return rows.union(marks.selectExpr(*shape.history_row(table)))


def _conform(table: Table, address: str) -> None:
    """Give the history the columns and the key of the contract where it changed: one full rewrite."""
    if lake.look(address) is None:
        return
    rows = shape.widened(table, address)
    if shape.fits(table, address):
        first = rows.where(f"_change <> '{DELIVERED}'").selectExpr(f"_key = {row_key(table)}").first()
        if first is None or first[0]:
            return
    keyed = rows.selectExpr("*", f"CASE WHEN _key IS NOT NULL THEN {row_key(table)} END AS _newer").drop("_key")
    lake.overwrite(
        keyed.withColumnRenamed("_newer", "_key").selectExpr(*shape.history_row(table)), address, [DAY], FOUND_BY
    )


def _day(day: date) -> str:
    return f"DATE '{day}'"
