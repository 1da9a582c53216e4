"""Publish gold as the next edition."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from govlake.editions.content import Content, describe, open_content
from govlake.editions.fingerprint import of_edition
from govlake.editions.model import Edition, Mart
from govlake.editions.parts import lay_out, load
from govlake.editions.shown import prune, repoint, show
from govlake.errors import EditionError
from govlake.ledger import Ledger, Row, ledger
from govlake.ledger.editions import add_edition
from govlake.settings import settings

if TYPE_CHECKING:
    from psycopg import Cursor


def publish(
    marts: Sequence[Mart],
    held: Sequence[Mapping[str, Any]] | None = None,
) -> Edition | None:
    """Publish the marts as the next edition; None where the content is that of the edition shown, or of the newest.

    `held` is what the edition lacks (default: what the ledger holds back now). A crash at any point leaves the edition
    that is shown untouched, and running again repairs the rest. After a rollback, only new content goes forward.
    """
    book = ledger()
    with book.lock("publish"):
        shown = book.current_edition()
        known = {entry["table"]: entry for entry in shown["tables"]} if shown else {}
        contents = open_content(marts)
        tables = [describe(content, known, book) for content in contents]
        row = _next(book, shown, tables, book.held_datasets() if held is None else held)
        if row is not None:
            _bring_out(book, row, contents)
        prune(book, settings().keep_editions, settings().keep_edition_days)
        return show(row["edition"]) if row else None


def _next(
    book: Ledger, shown: Row | None, tables: list[dict[str, Any]], held: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The facts of the next edition, None where its content is already published."""
    if not tables:
        return None
    fingerprint = of_edition(tables)
    newest = book.newest_edition()
    if any(known and known["fingerprint"] == fingerprint for known in (shown, newest)):
        return None
    number = newest["edition"] + 1 if newest else 1
    return {
        "edition": number,
        "schema_name": f"edition_{number}",
        "fingerprint": fingerprint,
        "tables": sorted(tables, key=lambda entry: entry["table"]),
        "held": json.loads(json.dumps([dict(entry) for entry in held], default=str)),
    }


def _bring_out(book: Ledger, row: dict[str, Any], contents: list[Content]) -> None:
    """Copy what PostgreSQL does not have, then make the next schema and show it."""
    load(book, contents)
    book.transact(lambda cursor: _show(cursor, row, contents))
    now_shown = book.current_edition()
    if now_shown is None or now_shown["edition"] != row["edition"]:
        raise EditionError(f"Edition {row['edition']} is not the one shown.", "Run again.")


def _show(cursor: "Cursor[Row]", row: dict[str, Any], contents: list[Content]) -> None:
    # Repeated after a lost connection: the first try may have been committed.
    known = cursor.execute("SELECT FROM ledger.editions WHERE edition = %s", [row["edition"]])
    if known.rowcount == 0:
        add_edition(cursor, row)
        lay_out(cursor, row["schema_name"], contents)
        repoint(cursor, row["schema_name"], row["edition"])
