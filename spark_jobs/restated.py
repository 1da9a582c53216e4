"""Which values that earlier deliveries had stated a delivery changes, or takes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from govlake.batch import Batch, Restated, Restatement
from govlake.contracts.model import Column, Table
from spark_jobs import parsing
from spark_jobs.classify import KEY, row_key

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SAMPLE_ROWS, SAMPLE_CELLS = 20, 20
LENGTH = 200  # a longer text is cut
BATCHES = 50  # earlier batches that are named; further ones are counted together
PERSONAL = ("restricted", "confidential")
PLACE = ("_source_file", "_row_number")
DAYS = ("first", "last", "old_first", "old_last")  # a row may be about another day than it was


def find(
    batch: Batch, table: Table, silver: DataFrame, winners: DataFrame, gone: DataFrame | None
) -> Restatement | None:
    """What the `winners` restate of the rows of `silver`, and what `gone` takes back; None where nothing.

    One pass over the rows that change, grouped by the batch that had stated them. A batch that is judged again under
    other rules restates nothing of its own.
    """
    others = f"_batch_id <> {parsing.quote(batch.id)}"
    pairs = _pairs(table, silver.where(others), winners)
    changed, left = _changed(table, pairs), _left(table, None if gone is None else gone.where(others))
    rows, withdrawn = (sum(row["rows"] for row in part) for part in (changed, left))
    if not rows and not withdrawn:
        return None
    added = _added(table, winners) if batch.revision > 1 else []
    days = [day for row in (*changed, *left, *added) for name, day in row.items() if name in DAYS and day]
    cells = {name: sum(row[f"n_{name}"] for row in changed) for name in table.stated_columns}
    return Restatement(
        dataset=table.key,
        batch_id=batch.id,
        rows=rows,
        withdrawn=withdrawn,
        filled=sum(row["filled"] for row in changed),
        cells={name: number for name, number in cells.items() if number},
        earlier=_named([*changed, *left]),
        first=min(days, default=None),
        last=max(days, default=None),
        samples=tuple(_samples(table, pairs)) if rows else (),
    )


def _pairs(table: Table, silver: DataFrame, winners: DataFrame) -> DataFrame:
    """Rows that are updated, with the old and the new value of each stated column."""
    old = [f"`{name}` AS old_{name}" for name in table.stated_columns]
    new = [f"`{name}` AS new_{name}" for name in table.stated_columns]
    names = [f"`{name}`" for name in table.key_columns]
    before = silver.selectExpr(*KEY, "_batch_id AS _earlier", f"{_day(table)} AS _old_day", *old)
    updated = winners.where("_outcome = 'silver_updated'")
    after = updated.selectExpr(
        f"{row_key(table)} AS _key", "_occurrence", *names, *PLACE, f"{_day(table)} AS _day", *new
    )
    return after.join(before, on=KEY, how="inner")


def _changed(table: Table, pairs: DataFrame) -> list[dict[str, Any]]:
    """Per earlier batch: rows with a restated cell, cells per column, cells that were filled, first and last days."""
    if not table.stated_columns:
        return []
    number = "count(CASE WHEN {} THEN 1 END)"
    filled = [number.format(f"old_{name} IS NULL AND new_{name} IS NOT NULL") for name in table.stated_columns]
    return _rows(
        pairs.groupBy("_earlier").agg(
            *_expressions(
                f"{number.format(_some(table))} AS rows",
                f"{' + '.join(filled)} AS filled",
                *("min(_day) AS first", "max(_day) AS last", "min(_old_day) AS old_first", "max(_old_day) AS old_last"),
                *(f"{number.format(_differs(name))} AS n_{name}" for name in table.stated_columns),
            )
        )
    )


def _left(table: Table, gone: DataFrame | None) -> list[dict[str, Any]]:
    """Per earlier batch: rows that are taken back, first and last day."""
    if gone is None:
        return []
    rows = gone.selectExpr("_batch_id AS _earlier", f"{_day(table)} AS _day").groupBy("_earlier")
    return _rows(rows.agg(*_expressions("count(*) AS rows", "min(_day) AS first", "max(_day) AS last")))


def _added(table: Table, winners: DataFrame) -> list[dict[str, Any]]:
    """First and last day of rows that a corrected delivery has and the one before had not."""
    rows = winners.where("_outcome = 'silver_new'").selectExpr(f"{_day(table)} AS _day")
    return _rows(rows.agg(*_expressions("min(_day) AS first", "max(_day) AS last")))


def _named(parts: list[dict[str, Any]]) -> dict[str, int]:
    """Rows by earlier batch, the most first; those beyond the limit together."""
    counts: dict[str, int] = {}
    for row in parts:
        if row["rows"]:
            counts[row["_earlier"]] = counts.get(row["_earlier"], 0) + row["rows"]
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(number for _, number in ordered[BATCHES:])
    return dict(ordered[:BATCHES]) | ({"others": rest} if rest else {})


def _samples(table: Table, pairs: DataFrame) -> Iterator[Restated]:
    """A few restated cells, in the order of their keys."""
    texts = [
        f"CAST({side}_{name} AS string) AS {side}_{name}" for name in table.stated_columns for side in ("old", "new")
    ]
    tests = [f"{_differs(name)} AS is_{name}" for name in table.stated_columns]
    keys = [f"CAST(`{name}` AS string) AS key_{name}" for name in table.key_columns]
    rows = pairs.where(_some(table)).orderBy(*KEY).limit(SAMPLE_ROWS)
    columns = {column.name: column for column in table.columns}
    left = SAMPLE_CELLS
    for row in _rows(rows.selectExpr("_earlier", *PLACE, *keys, *texts, *tests)):
        key = {name: _shown(columns[name], row[f"key_{name}"]) for name in table.key_columns}
        for name in table.stated_columns:
            if row[f"is_{name}"] and left:
                left -= 1
                old, new = (_shown(columns[name], row[f"{side}_{name}"]) for side in ("old", "new"))
                yield Restated(key, name, old, new, row["_earlier"], row["_source_file"], row["_row_number"])


def _shown(column: Column, text: str | None) -> str | None:
    if text is not None and (column.pseudonymise or column.classification in PERSONAL):
        return "***"
    return text if text is None else text[:LENGTH]


def _differs(name: str) -> str:
    return f"(old_{name} IS NOT NULL AND NOT (old_{name} <=> new_{name}))"


def _some(table: Table) -> str:
    return " OR ".join(_differs(name) for name in table.stated_columns)


def _day(table: Table) -> str:
    """The business day of a row, in local time; null where the table has none."""
    column = next((column for column in table.columns if column.name == table.business_day), None)
    if column is None:
        return "CAST(NULL AS date)"
    local = column.type == "date" or column.timezone in ("", "UTC")
    value = f"`{column.name}`" if local else f"from_utc_timestamp(`{column.name}`, {parsing.quote(column.timezone)})"
    return f"CAST({value} AS date)"


def _expressions(*texts: str) -> list[Any]:
    from pyspark.sql.functions import expr

    return [expr(text) for text in texts]


def _rows(frame: DataFrame) -> list[dict[str, Any]]:
    return [row.asDict() for row in frame.collect()]
