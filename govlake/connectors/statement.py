"""What a database is asked: SELECT statements over the agreed columns, in an order that a rerun repeats."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from govlake.contracts.model import Table
from govlake.errors import ConnectorError

if TYPE_CHECKING:
    from sqlalchemy import Column, Select

    from govlake.connectors.database import Session

# How a cursor's value is kept in the ledger, and becomes comparable again.
READERS: dict[type, Any] = {
    datetime: datetime.fromisoformat, date: date.fromisoformat, int: int, float: float, Decimal: Decimal, str: str,
}  # fmt: skip
UNSORTED = ("json", "xml", "blob", "clob", "bytea", "point", "box", "geometry")


def file_of(table: Table) -> str:
    """A table's name at its source, which also names its file."""
    return table.file or table.name


def agreed(columns: Mapping[str, Any], table: Table) -> "tuple[list[Column[Any]], list[str]]":
    """The columns to read, in the contract's order, and the agreed ones that the database does not have."""
    folded = {name.casefold(): column for name, column in columns.items()}
    found, lacking = [], []
    for column in table.delivered_columns:
        names = [name for name in column.delivered if name.casefold() in folded]
        if names:
            found.append(columns.get(names[0], folded[names[0].casefold()]))
        elif not column.optional_in_file:
            lacking.append(column.delivered[0])
    return found, lacking


def refuse_lacking(session: "Session", table: Table, columns: Mapping[str, Any], lacking: Sequence[str]) -> None:
    """Raise ConnectorError where agreed columns are not there."""
    if lacking:
        raise ConnectorError(
            f"{session.name_of(table)} has no column {', '.join(lacking)}; it has {', '.join(columns)}.",
            "Correct physicalName in the contract, or ask the department for a view that has them.",
        )


def column(session: "Session", table: Table, columns: Mapping[str, Any], name: str) -> "Column[Any]":
    """The column `name` of a table, under the name it has there."""
    known = next((c.delivered for c in table.delivered_columns if name in (c.name, *c.delivered)), ())
    for candidate in (name, *known):
        if candidate in columns:
            return columns[candidate]
    refuse_lacking(session, table, columns, [name])
    raise AssertionError("unreachable: a lacking column is refused")


def select(
    session: "Session",
    table: Table,
    columns: "Sequence[Column[Any]]",
    cursor: "Column[Any] | None" = None,
    low: Any = None,
    end: Any = None,
) -> "Select[Any]":
    """Rows beyond `low` and before `end` by their cursor, and those without one, in the order of the key."""
    from sqlalchemy import and_, or_
    from sqlalchemy import select as select_

    chosen = select_(*columns).select_from(session.table_of(table))
    if cursor is not None:
        bounds = [cursor >= low] if low is not None else []
        bounds += [cursor < end] if end is not None else []
        chosen = chosen.where(or_(cursor.is_(None), and_(*bounds))) if bounds else chosen
    # Where a key comes twice, the row that was written later stands later.
    return chosen.order_by(*_order(table, columns), *([] if cursor is None else [cursor]))


def extent(chosen: "Select[Any]", cursor: "Column[Any] | None") -> "Select[Any]":
    """How many rows that is, and the highest cursor among them."""
    from sqlalchemy import func, null
    from sqlalchemy import select as select_

    if cursor is not None and cursor.name not in chosen.selected_columns:
        chosen = chosen.add_columns(cursor)
    rows = chosen.order_by(None).subquery()
    highest: Any = null() if cursor is None else func.max(rows.c[cursor.name])
    return cast("Select[Any]", select_(func.count(), highest).select_from(rows))


def newest(session: "Session", table: Table, cursor: "Column[Any]") -> "Select[Any]":
    """The highest cursor of a table."""
    from sqlalchemy import func
    from sqlalchemy import select as select_

    return select_(func.max(cursor)).select_from(session.table_of(table))


def python_type(kind: Any) -> type:
    """The Python type of a column's values, text where it has none."""
    try:
        return kind.python_type
    except NotImplementedError:
        return str


def as_text(value: Any) -> str:
    """A cursor's value as it is kept."""
    return value.isoformat() if isinstance(value, date) else str(value)


def as_value(kept: str | None, kind: Any, overlap: int) -> Any:
    """A kept cursor's value, moved back by the overlap: seconds, days of a date, or steps of a number."""
    if kept is None:
        return None
    known = python_type(kind)
    value = READERS.get(known, str)(kept)
    if isinstance(value, datetime):
        return value - timedelta(seconds=overlap)
    if isinstance(value, date):
        return value - timedelta(days=-(-overlap // 86400))
    return value - overlap if isinstance(value, int | float | Decimal) else value


def _order(table: Table, columns: "Sequence[Column[Any]]") -> "list[Column[Any]]":
    """The key's columns, or all that can be sorted: the same rows are then the same bytes."""
    keys = {name.casefold() for c in table.delivered_columns if c.key for name in c.delivered}
    sortable = [c for c in columns if not any(word in str(c.type).lower() for word in UNSORTED)]
    return [c for c in sortable if c.name.casefold() in keys] or sortable
