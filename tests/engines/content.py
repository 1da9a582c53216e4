"""Everything that a home holds, as plain values, and in what two homes differ."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from govlake import lake
from govlake.ledger import Ledger

Rows = list[tuple[Any, ...]]
Content = dict[str, tuple[tuple[str, ...], Rows | pa.Table]]  # columns with their types, and rows, by name
SHOWN = 3  # differing rows shown per table
# What says when, or in which order, something was written down: two runs never agree on it.
OF_THE_RUN = {
    "recorded_at", "started_at", "finished_at", "judged_at", "opened_at", "closed_at", "built_at", "published_at",
    "pointed_at", "updated_at", "judgement", "account_id", "incident_id", "reason_id", "seconds", "schema_name",
    "attempt", "attempts", "at", "age_hours", "open_hours", "incidents", "restatement_id", "told_at",
}  # fmt: skip


def of_lake() -> Content:
    """Every table of every layer, found in the store itself."""
    root = Path(lake.root())
    logs = sorted(root.rglob("_delta_log"))
    return {str(log.parent.relative_to(root)): _table(str(log.parent)) for log in logs}


def _table(address: str) -> tuple[tuple[str, ...], pa.Table]:
    table = lake.delta(address)
    assert table is not None
    rows = table.to_pyarrow_table()
    names = sorted({*rows.column_names} - {"_judgement"})  # of the run, too
    kinds = lake.columns(address)
    return tuple(f"{name} {kinds[name]}" for name in names), rows.select(names)


def of_ledger(book: Ledger, without: Collection[str] = ()) -> Content:
    """Every relation that ledger and marts show to others, less what belongs to the run and columns named `without`."""
    relations = book.query(
        """SELECT n.nspname || '.' || c.relname AS name
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('ledger_public', 'marts') AND c.relkind IN ('r', 'v') ORDER BY 1"""
    )
    return {row["name"]: _relation(book, row["name"], without) for row in relations}


def _relation(book: Ledger, name: str, without: Collection[str]) -> tuple[tuple[str, ...], Rows]:
    columns = book.query(
        """SELECT attname AS name, format_type(atttypid, atttypmod) AS kind FROM pg_attribute
        WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attname""",
        [name],
    )
    kept = [column for column in columns if column["name"] not in {*OF_THE_RUN, *without}]
    listed = ", ".join(f'"{column["name"]}"' for column in kept)
    rows = book.query(f"SELECT {listed} FROM {name}")
    values = [tuple(row[column["name"]] for column in kept) for row in rows]
    return tuple(f"{column['name']} {column['kind']}" for column in kept), ordered(values)


def ordered(rows: Iterable[tuple[Any, ...]]) -> Rows:
    """The rows in an order that small differences between floating-point numbers do not change."""
    return sorted(rows, key=lambda row: json.dumps([_sortable(value) for value in row], default=str))


def _sortable(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


def differences(one: Content, other: Content) -> list[str]:
    """What `other` has otherwise than `one`, a line each; empty where they hold the same."""
    found = [f"{name}: only on one side" for name in sorted(one.keys() ^ other.keys())]
    for name in sorted(one.keys() & other.keys()):
        (columns, rows), (others_columns, others_rows) = one[name], other[name]
        if columns != others_columns:
            found.append(f"{name}: {sorted(set(columns) ^ set(others_columns))}")
        elif len(rows) != len(others_rows):
            found.append(f"{name}: {len(rows)} rows, and {len(others_rows)}")
        else:
            pairs = zip(*_apart(rows, others_rows), strict=True)
            odd = [_odd(columns, *pair) for pair in pairs if not _same(*pair)]
            found += [f"{name}: {each}" for each in odd[:SHOWN]]
    return found


def _apart(one: Rows | pa.Table, other: Rows | pa.Table) -> tuple[Rows, Rows]:
    """The rows that may differ, each side's in one order: of tables, which may be large, those that are not equal."""
    if isinstance(one, list) or isinstance(other, list):
        return list(one), list(other)
    with duckdb.connect() as connection:
        for name, rows in (("one", one), ("other", other)):
            connection.register(name, rows)
        return _only_in("one", "other", connection), _only_in("other", "one", connection)


def _only_in(one: str, other: str, connection: duckdb.DuckDBPyConnection) -> Rows:
    found = connection.execute(f"FROM {one} EXCEPT ALL FROM {other}").to_arrow_table()
    return ordered(tuple(row.values()) for row in found.to_pylist())


def _odd(columns: tuple[str, ...], row: tuple[Any, ...], other: tuple[Any, ...]) -> Mapping[str, Any]:
    pairs = zip(columns, row, other, strict=True)
    return {column: (a, b) for column, a, b in pairs if not _same(a, b)}


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and one == other
