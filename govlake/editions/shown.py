"""Which edition is shown: re-point the views, go back, list, prune."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from govlake.editions.model import Edition, from_row, quoted
from govlake.editions.parts import drop, drop_unused
from govlake.errors import EditionError
from govlake.ledger import Ledger, Row, ledger
from govlake.ledger.editions import add_prune, point_to
from govlake.ledger.migrate import GRANTS
from govlake.settings import settings

if TYPE_CHECKING:
    from psycopg import Cursor

COLUMNS = """
SELECT c.relname AS name,
    array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) AS columns
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = %s AND c.relkind IN ('r', 'v') GROUP BY c.relname
"""
OWN_VIEWS = {"edition_info"}


def repoint(cursor: "Cursor[Row]", schema: str, number: int) -> None:
    """Make `marts` show exactly the tables of `schema`, and note it; all in the caller's transaction."""
    cursor.execute("SET LOCAL lock_timeout = '60s'")
    wanted = _columns(cursor, schema)
    shown = {name: columns for name, columns in _columns(cursor, "marts").items() if name not in OWN_VIEWS}
    for name, columns in shown.items():
        if wanted.get(name) != columns:
            cursor.execute(cast(Any, f"DROP VIEW marts.{quoted(name)}"))
    for name in wanted:
        view, table = quoted(name), f"{quoted(schema)}.{quoted(name)}"
        cursor.execute(cast(Any, f"CREATE OR REPLACE VIEW marts.{view} AS SELECT * FROM {table}"))
    cursor.execute(GRANTS)
    point_to(cursor, number)


def list_editions(every: bool = False) -> list[Edition]:
    """Editions, newest first: those whose data are kept, or every one ever published."""
    book = ledger()
    found = [from_row(row) for row in (book.editions() if every else book.kept_editions())]
    return [_as_it_stands(book, edition) for edition in found]


def show(number: int | None = None) -> Edition:
    """One edition; without a number, the one that is shown. Raises EditionError where there is none."""
    book = ledger()
    row = book.current_edition() if number is None else book.edition(number)
    if row is None:
        what = "No edition has been published yet." if number is None else f"There is no edition {number}."
        raise EditionError(what, "See `govlake editions list`, or publish one with `govlake run`.")
    return _as_it_stands(book, from_row(row))


def rollback(to: int | None = None, who: str = "operator") -> Edition:
    """Show the previous kept edition, or edition `to`. It stays until a run brings content that is new.

    Raises EditionError where that edition does not exist or its data were pruned.
    """
    book = ledger()
    with book.lock("publish"):
        current = show()
        target = _target(current, to)
        if target.edition != current.edition:
            book.transact(lambda cursor: repoint(cursor, target.schema_name, target.edition))
            book.audit(who, "edition rolled back", {"from": current.edition, "to": target.edition})
        return show(target.edition)


def prune(book: Ledger, keep: int, days: int = 0) -> list[int]:
    """Drop the editions that nobody goes back to, with the parts that they alone show; returns their numbers.

    Kept are the one that is shown, the newest `keep`, and the last one of each of the newest `days` days (of the
    city's calendar) on which one was published: a morning in which seven departments deliver makes several. A schema
    that someone still reads is left for the next time.
    """
    there = [from_row(row) for row in book.kept_editions()]
    wanted = {edition.edition for edition in there[: max(keep, 1)]} | set(last_of_days(there)[:days])
    gone = [edition for edition in there if not edition.current and edition.edition not in wanted]
    dropped = [edition.edition for edition in gone if _drop(book, edition)]
    drop_unused(book)
    return dropped


def _drop(book: Ledger, edition: Edition) -> bool:
    schema = f"SCHEMA IF EXISTS {quoted(edition.schema_name)} CASCADE"
    return drop(book, schema, lambda cursor: add_prune(cursor, edition.edition))


def last_of_days(newest_first: Sequence[Edition]) -> list[int]:
    """The last edition of every day on which one was published, newest first."""
    zone = ZoneInfo(settings().timezone)
    last: dict[date, int] = {}
    for edition in newest_first:
        last.setdefault(edition.published_at.astimezone(zone).date(), edition.edition)
    return list(last.values())


def _target(current: Edition, to: int | None) -> Edition:
    kept = list_editions()
    found = [edition for edition in kept if (edition.edition == to if to else edition.edition < current.edition)]
    if not found:
        numbers = ", ".join(str(edition.edition) for edition in kept)
        what = f"Edition {to} is not kept." if to else f"There is no kept edition before {current.edition}."
        raise EditionError(what, f"Kept are: {numbers}; name one with --to.")
    return found[0]


def _columns(cursor: "Cursor[Row]", schema: str) -> dict[str, list[str]]:
    rows: Iterable[Row] = cursor.execute(COLUMNS, [schema]).fetchall()
    return {row["name"]: row["columns"] for row in rows}


def _as_it_stands(book: Ledger, edition: Edition) -> Edition:
    from dataclasses import replace

    return replace(edition, held=book.held_datasets()) if edition.current else edition
