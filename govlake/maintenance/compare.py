"""What a table would gain, lose and change, against what is there."""

from __future__ import annotations

from typing import Any

from govlake import lake
from govlake.contracts.model import Table


def compare(table: Table, built: str) -> dict[str, Any]:
    """Rows added, removed, changed and the same, by business key; `before` and `after` are rows in all."""
    before, after = _keys(table, lake.table_path("silver", table)), _keys(table, built)
    import duckdb

    with duckdb.connect() as memory:
        memory.register("before", before)
        memory.register("after", after)
        counts = memory.execute(
            """SELECT count(*) FILTER (WHERE b.k IS NULL), count(*) FILTER (WHERE a.k IS NULL),
                count(*) FILTER (WHERE a.k IS NOT NULL AND b.k IS NOT NULL AND a.h <> b.h)
            FROM (SELECT key AS k, any_value(hash) AS h FROM after GROUP BY key) AS a
            FULL JOIN (SELECT key AS k, any_value(hash) AS h FROM before GROUP BY key) AS b ON a.k = b.k"""
        ).fetchone()
    added, removed, changed = counts or (0, 0, 0)
    numbers = {"before": before.num_rows, "after": after.num_rows}
    return {"table": table.key, "added": added, "removed": removed, "changed": changed, **numbers}


def _keys(table: Table, address: str) -> Any:
    """Key and content hash of every row."""
    import duckdb
    import pyarrow as pa

    found = lake.delta(address)
    if found is None:
        return pa.table({"key": pa.array([], pa.string()), "hash": pa.array([], pa.string())})
    held = set(lake.columns(address))
    names = [name for name in table.key_columns if name in held]
    rows = found.to_pyarrow_dataset()
    parts = ", ".join(f"coalesce(CAST(\"{name}\" AS VARCHAR), '\\N')" for name in (*names, "_occurrence"))
    with duckdb.connect() as memory:
        memory.register("silver", rows)
        return memory.execute(
            f"SELECT concat_ws(chr(31), {parts}) AS key, _content_hash AS hash FROM silver"
        ).to_arrow_table()
