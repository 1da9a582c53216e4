"""The history of a snapshot: which versions of a row there were, from which delivery to which.

The lake keeps changes, in `history/<domain>/<table>`: one row per key and delivery that opened a version of it or
closed it, and one per delivery. A version ends with the next change of its key. That is told when it is read, so a
delivery adds what it changed and rewrites nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from govlake import lake
from govlake.contracts.model import HISTORY, Table

LAYER, SUFFIX = "history", HISTORY
WITH_SILVER = (("silver", ""), (LAYER, SUFFIX))  # layers that marts read, and what names of their tables end with
DAY = "_valid_from"
# `_batch_id`, `_source_file` and `_row_number` are where the version was read, `_delivery` is whose change it is.
META = (
    *("_key", "_occurrence", "_change", "_delivery", "_batch_id", "_batch_order", "_source_file", "_row_number"),
    *("_content_hash", DAY),
)
OPENED, CLOSED, DELIVERED = "opened", "closed", "delivered"
KEPT = ("_batch_id", "_source_file", "_row_number", "_content_hash", "_key", "_occurrence")


def select(source: str, columns: Sequence[str], quote: str = '"') -> str:
    """SQL for the versions in `source`, for every engine: the table's columns and what is kept of each version, with
    `_valid_from`, `_valid_to` (not included; null: still valid), `_is_current`, `_opened_by` and `_closed_by`."""
    business = [f"{quote}{name}{quote}" for name in columns if not name.startswith("_")]
    following = f"OVER (PARTITION BY _key, _occurrence ORDER BY {DAY})"
    return (
        f"SELECT {', '.join([*business, *KEPT])}, {DAY}, _valid_to, _valid_to IS NULL AS _is_current, "
        f"_delivery AS _opened_by, _closed_by FROM (SELECT *, lead({DAY}) {following} AS _valid_to, "
        f"lead(_delivery) {following} AS _closed_by FROM {source} WHERE _change <> '{DELIVERED}') AS changes "
        f"WHERE _change = '{OPENED}'"
    )


def cells(table: Table, batch_id: str) -> list[dict[str, Any]]:
    """Every cell that a delivery of a snapshot restated: key, column, both values and both deliveries, by key.

    A cell without a value had stated nothing; giving it one restates nothing.
    """
    import duckdb

    found = lake.look(lake.table_path(LAYER, table))
    if found is None:
        return []
    versions = select("changes", [field.name for field in found.schema().fields])
    key = ", ".join(f'b."{name}"' for name in table.key_columns)
    rows: list[dict[str, Any]] = []
    with duckdb.connect() as memory:
        memory.execute("SET TimeZone = 'UTC'")
        memory.register("changes", found.to_pyarrow_dataset())
        memory.execute(
            f"CREATE TEMP TABLE pairs AS SELECT * FROM ({versions}) WHERE ? IN (_opened_by, _closed_by)", [batch_id]
        )
        for name in table.stated_columns:
            result = memory.execute(
                f'SELECT {key}, CAST(a."{name}" AS VARCHAR), CAST(b."{name}" AS VARCHAR), a._opened_by, b._opened_by '
                "FROM pairs AS a JOIN pairs AS b ON a._key = b._key AND a._occurrence = b._occurrence "
                f"AND a._valid_to = b.{DAY} WHERE b._opened_by = ? "
                f'AND a."{name}" IS NOT NULL AND a."{name}" IS DISTINCT FROM b."{name}"',
                [batch_id],
            )
            rows += [_cell(table, name, values) for values in result.fetchall()]
    return sorted(rows, key=lambda row: (str(row["key"]), row["column"]))


def _cell(table: Table, column: str, values: Sequence[Any]) -> dict[str, Any]:
    *key, old, new, earlier, later = values
    named = {name: str(value) for name, value in zip(table.key_columns, key, strict=True)}
    return {"key": named, "column": column, "old": old, "new": new, "earlier": earlier, "later": later}
