"""Copy marts to PostgreSQL file by file: a part holds the rows of one file of gold, an edition is views over parts.

A file never changes, so neither does its part: editions share what they have in common, and publishing copies only what
is new. A part that no edition shows any more is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from govlake.content import digest
from govlake.editions.content import Content
from govlake.editions.model import quoted
from govlake.errors import EditionError
from govlake.ledger import Ledger, Row

if TYPE_CHECKING:
    import pyarrow as pa
    from psycopg import Cursor

SCHEMA = "edition_parts"
MOST = 24  # parts of a mart, so that charts stay fast; where gold has more files, the smallest share one part
NAME = 40  # characters of a mart's name in that of its part: PostgreSQL cuts names off at 63
UNUSED = """
SELECT c.relname AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind = 'r' AND NOT EXISTS (
    SELECT FROM pg_depend AS d WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
    AND d.classid = 'pg_rewrite'::regclass
) ORDER BY c.relname
"""


@dataclass(frozen=True)
class Part:
    """One table of `SCHEMA`: rows of some of a mart's data files."""

    name: str
    content: Content
    paths: tuple[str, ...]

    def rows(self) -> pa.Table:
        """Read from gold. Raises EditionError where a column cannot be loaded."""
        return _loadable(self.content.read(self.paths), self.content.mart.model)


def parts_of(content: Content) -> list[Part]:
    """The mart's parts; one without rows has an empty one, which holds its columns."""
    largest_first = sorted(content.files, key=lambda path: (-content.files[path], path))
    alone, together = largest_first[: MOST - 1], tuple(largest_first[MOST - 1 :])
    groups = [(path,) for path in alone] + ([together] if together or not alone else [])
    model = content.mart.model
    columns = content.kinds
    return [Part(f"{model[:NAME]}_{digest([model, columns, *paths])}", content, paths) for paths in groups]


def load(book: Ledger, contents: Sequence[Content]) -> None:
    """Copy the parts that are not there, in one transaction. Raises EditionError with the mart that does not fit."""
    from adbc_driver_manager import Error
    from adbc_driver_postgresql import dbapi

    book.query(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    known = {
        row["name"] for row in book.query("SELECT tablename AS name FROM pg_tables WHERE schemaname = %s", [SCHEMA])
    }
    new = [part for content in contents for part in parts_of(content) if part.name not in known]
    mart = ""
    try:
        with dbapi.connect(book.url) as connection, connection.cursor() as cursor:
            for part in new:
                mart = part.content.mart.model
                cursor.adbc_ingest(part.name, part.rows(), mode="create", db_schema_name=SCHEMA)
            connection.commit()
    except Error as error:
        reason = str(error).splitlines()[0][:200]
        raise EditionError(
            f"The mart {mart} could not be copied to PostgreSQL ({reason}).",
            "The last edition stays on screen; correct the cause and run again.",
        ) from error
    if new:  # so that the planner knows what they hold
        book.query("ANALYZE " + ", ".join(_table(part.name) for part in new))


def lay_out(cursor: Cursor[Row], schema: str, contents: Sequence[Content]) -> None:
    """Make the edition's schema: one view per mart, over its parts."""
    run = cast(Any, cursor.execute)
    run(f"DROP SCHEMA IF EXISTS {quoted(schema)} CASCADE")
    run(f"CREATE SCHEMA {quoted(schema)}")
    for content in contents:
        columns = ", ".join(quoted(name) for name in content.columns)
        selects = [f"SELECT {columns} FROM {_table(part.name)}" for part in parts_of(content)]
        run(f"CREATE VIEW {quoted(schema)}.{quoted(content.mart.model)} AS {' UNION ALL '.join(selects)}")


def drop_unused(book: Ledger) -> int:
    """Drop the parts that no edition shows; returns how many. One that someone still reads is left for the next time.

    Only under the lock `publish`: parts are loaded before the views over them are made.
    """
    return sum(drop(book, f"TABLE IF EXISTS {_table(row['name'])}") for row in book.query(UNUSED, [SCHEMA]))


def drop(book: Ledger, what: str, note: Callable[[Cursor[Row]], None] = lambda cursor: None) -> bool:
    """Drop a table or a schema and `note` it in the same transaction; returns whether it is gone: what somebody
    reads for longer than 5 s stays."""
    from psycopg.errors import LockNotAvailable

    def work(cursor: Cursor[Row]) -> bool:
        try:
            with cursor.connection.transaction():
                cursor.execute("SET LOCAL lock_timeout = '5s'")
                cursor.execute(cast(Any, f"DROP {what}"))
        except LockNotAvailable:
            return False
        note(cursor)
        return True

    return book.transact(work)


def _table(name: str) -> str:
    return f"{SCHEMA}.{quoted(name)}"


def _loadable(table: pa.Table, mart: str) -> Any:
    """The table with plain column types; dictionaries are decoded, nested values are refused by name."""
    import pyarrow as pa

    fields = []
    for field in table.schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_struct(kind) or pa.types.is_map(kind):
            raise EditionError(
                f"The column {field.name} of the mart {mart} is nested ({kind}).", "Split it into plain columns."
            )
        fields.append(pa.field(field.name, kind))
    return table.cast(pa.schema(fields))
