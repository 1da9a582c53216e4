"""The database connector: the agreed columns of the agreed tables, from one consistent read, as CSV.

An increment holds the rows whose cursor lies beyond what earlier deliveries read, less the overlap, and before the end
of the logical day where the cursor is a time; rows without a cursor always come. A snapshot holds every row. Values
of the cursor are the source's own, so no row is lost where its clock and ours differ. A read that breaks off starts
anew.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from govlake.connectors import statement as sql
from govlake.connectors.database import Session, opened
from govlake.connectors.draft import Draft
from govlake.connectors.due import due, is_due_on
from govlake.connectors.patience import Deadline, persist
from govlake.contracts.model import Contract, Table
from govlake.ledger import ledger

if TYPE_CHECKING:
    from sqlalchemy import Column, Select

TIMES = ("date", "timestamp")


def find(contract: Contract, day: date) -> list[Path]:
    """The delivery for `day`: one file per table of the contract; none where none falls due."""
    if not is_due_on(contract, day):
        return []
    deadline = Deadline(contract.source.connection.deadline_s)
    before = ledger().reached(contract.id, day) or {}
    return persist(lambda: _fetch(contract, day, before, deadline), deadline)


def dates(contract: Contract, until: date = date.max) -> list[date]:
    """The logical dates that are due up to `until`, oldest first; the database is not asked for them."""
    return due(contract, until, each=_is_timed(contract))


def seen(contract: Contract, until: date = date.max) -> dict[date, None]:
    """The dates that are due. Only a fetch tells whether a table gives something else by now."""
    return dict.fromkeys(dates(contract, until))


def probe(contract: Contract) -> Iterator[str]:
    """What is found in the database, in sentences."""
    with opened(contract, Deadline(contract.source.connection.timeout_s * 2)) as session:
        yield f"Reached {session.address} and signed in as {contract.source.connection.user}"
        for table in contract.tables:
            columns = session.columns(table)
            agreed, lacking = sql.agreed(columns, table)
            newest = _newest(contract, session, table, columns)
            yield f"{session.name_of(table)}: {len(agreed)} of {len(columns)} columns are agreed{newest}"
            sql.refuse_lacking(session, table, columns, lacking)


def _newest(contract: Contract, session: Session, table: Table, columns: Any) -> str:
    marked = _marked(contract, session, table, columns)
    if marked is None:
        return ""
    return f", the newest {marked.name} is {session.one(sql.newest(session, table, marked))[0]}"


def _fetch(contract: Contract, day: date, before: dict[str, Any], deadline: Deadline) -> list[Path]:
    reached: dict[str, Any] = {}
    draft = Draft(contract, day, "anew", fresh_s=-1)  # a consistent read cannot be continued
    with opened(contract, deadline) as session:
        for table in contract.tables:
            columns = session.columns(table)
            marked = _marked(contract, session, table, columns)
            select = _select(contract, session, table, marked, day, before)
            rows, newest = session.one(sql.extent(select, marked))
            name = f"{sql.file_of(table)}.csv"
            with draft.part(name).open("wb") as target:
                session.write(select, target, f"Reading {session.name_of(table)}")
            draft.take(name, session.name_of(table), rows=int(rows))
            if newest is not None:
                reached[table.name] = sql.as_text(newest)
            elif table.name in before:
                reached[table.name] = before[table.name]
    return draft.finish(reached=reached)


def _marked(contract: Contract, session: Session, table: Table, columns: Any) -> "Column[Any] | None":
    """The column that tells which rows are new, under its name in the database; None where all are read."""
    cursor = _cursor(contract)
    return sql.column(session, table, columns, cursor) if cursor else None


def _select(
    contract: Contract,
    session: Session,
    table: Table,
    marked: "Column[Any] | None",
    day: date,
    before: dict[str, Any],
) -> "Select[Any]":
    columns = session.columns(table)
    agreed, lacking = sql.agreed(columns, table)
    sql.refuse_lacking(session, table, columns, lacking if not agreed else [])
    if marked is None:
        return sql.select(session, table, agreed)
    low = sql.as_value(before.get(table.name), marked.type, contract.source.connection.overlap)
    return sql.select(session, table, agreed, marked, low, _end(contract, day, marked.type))


def _cursor(contract: Contract) -> str:
    return contract.source.connection.cursor if contract.mode == "increment" else ""


def _end(contract: Contract, day: date, kind: Any) -> date | datetime | None:
    """The end of the logical day where the department is; None where the cursor is no time."""
    after = day + timedelta(days=1)
    known = sql.python_type(kind)
    if known is date:
        return after
    if known is not datetime:
        return None
    zone = ZoneInfo(contract.timezone) if getattr(kind, "timezone", False) else None
    return datetime(after.year, after.month, after.day, tzinfo=zone)


def _is_timed(contract: Contract) -> bool:
    """Whether the cursor is a time. One that is not delivered is taken for the database's own time of change."""
    cursor = _cursor(contract)
    columns = [column for table in contract.tables for column in table.delivered_columns]
    known = [column for column in columns if cursor in (column.name, *column.delivered)]
    return bool(cursor) and (not known or any(column.type in TIMES for column in known))
