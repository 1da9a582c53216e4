"""Copy marts into a fresh schema. Nobody sees it before its views are re-pointed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from govlake.editions.content import Content
from govlake.errors import EditionError
from govlake.ledger import Ledger

if TYPE_CHECKING:
    import pyarrow as pa


def quoted(name: str) -> str:
    """A PostgreSQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def drop_leftovers(book: Ledger) -> list[str]:
    """Drop edition schemas that no edition owns: what a crash between load and re-point left behind."""
    rows = book.query(
        """SELECT nspname FROM pg_namespace WHERE nspname ~ '^edition_[0-9]+$'
        AND nspname NOT IN (SELECT schema_name FROM ledger.editions)"""
    )
    for row in rows:
        book.query(f"DROP SCHEMA {quoted(row['nspname'])} CASCADE")
    return [row["nspname"] for row in rows]


def load(book: Ledger, schema: str, contents: Sequence[Content]) -> None:
    """Copy every mart to `schema`, in one transaction. Raises EditionError with the mart that does not fit."""
    from adbc_driver_manager import Error
    from adbc_driver_postgresql import dbapi

    book.query(f"CREATE SCHEMA {quoted(schema)}")
    mart = ""
    try:
        with dbapi.connect(book.url) as connection, connection.cursor() as cursor:
            for content in contents:
                mart = content.mart.model
                table = _loadable(content.table, mart)
                cursor.adbc_ingest(mart, table, mode="create", db_schema_name=schema)
            connection.commit()
    except Error as error:
        reason = str(error).splitlines()[0][:200]
        raise EditionError(
            f"The mart {mart} could not be copied to PostgreSQL ({reason}).",
            "The last edition stays on screen; correct the cause and run again.",
        ) from error


def carry(book: Ledger, schema: str, names: Sequence[str], shown: str) -> None:
    """Copy tables, with their indexes, from the edition that is shown."""
    for name in names:
        copy, source = f"{quoted(schema)}.{quoted(name)}", f"{quoted(shown)}.{quoted(name)}"
        book.query(f"CREATE TABLE {copy} (LIKE {source} INCLUDING ALL)")
        book.query(f"INSERT INTO {copy} SELECT * FROM {source}")
        book.query(f"ANALYZE {copy}")


def index(book: Ledger, schema: str, contents: Sequence[Content]) -> None:
    """Index every mart by its grain and let the planner know its contents."""
    for content in contents:
        table = f"{quoted(schema)}.{quoted(content.mart.model)}"
        if content.mart.grain:
            columns = ", ".join(quoted(name) for name in content.mart.grain)
            book.query(f"CREATE INDEX ON {table} ({columns})")
        book.query(f"ANALYZE {table}")


def _loadable(table: "pa.Table", mart: str) -> Any:
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
