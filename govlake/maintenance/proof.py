"""Look for a person everywhere: in every file of lake and landing, decoded, and in every table of PostgreSQL."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from typing import Any, cast

from govlake.ledger import Ledger
from govlake.maintenance.person import Person
from govlake.store import store

TABLES = """
SELECT n.nspname AS schema, c.relname AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND n.nspname NOT LIKE 'pg_toast%' ORDER BY 1, 2
"""


def scan_files(person: Person, prefixes: tuple[str, ...] = ("lake/", "landing/")) -> tuple[list[str], int]:
    """Keys of the files that hold the person, and how many files were read."""
    hits, read = [], 0
    for prefix in prefixes:
        for entry in store().list(prefix):
            found = store().read(entry.key)
            if found is None:
                continue
            read += 1
            if person.is_in_text(entry.key) or holds(person, entry.key, found[0]):
                hits.append(entry.key)
    return hits, read


def scan_database(person: Person, book: Ledger) -> tuple[dict[str, int], int]:
    """Rows that hold the person per table, and how many tables were read."""
    from psycopg import sql

    tables = book.query(TABLES)
    hits = {}
    for row in tables:
        name = sql.Identifier(row["schema"], row["name"])
        question = sql.SQL("SELECT count(*) AS n FROM {} AS t WHERE t::text ~* %s").format(name)
        count = book.one(cast(Any, question), [person.pattern])
        if count and count["n"]:
            hits[f"{row['schema']}.{row['name']}"] = int(count["n"])
    return hits, len(tables)


def holds(person: Person, key: str, content: bytes) -> bool:
    """Whether a file of this name and content holds the person: tables decoded, archives unpacked."""
    if key.endswith(".parquet"):
        return _in_parquet(person, content)
    return any(person.is_in_bytes(part) for part in _unpacked(content))


def _unpacked(content: bytes) -> Iterator[bytes]:
    """The bytes, and what is packed in them; a workbook is an archive of texts as well."""
    yield content
    if content[:2] == b"\x1f\x8b":
        yield from _unpacked(gzip.decompress(content))
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from _unpacked(archive.read(name))


def _in_parquet(person: Person, content: bytes) -> bool:
    """Whether any text in it, at any depth, or its footer's statistics hold the person."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(content))
    footer = str(file.metadata.metadata)
    statistics = [
        file.metadata.row_group(group).column(column).statistics
        for group in range(file.metadata.num_row_groups)
        for column in range(file.metadata.num_columns)
    ]
    said = " ".join(f"{found.min} {found.max}" for found in statistics if found and found.has_min_max)
    if person.is_in_text(footer) or person.is_in_text(said):
        return True
    for part in file.iter_batches():
        for name, column in zip(part.schema.names, part.columns, strict=True):
            if _in_column(person, name, column):
                return True
    return False


def _in_column(person: Person, name: str, column: Any) -> bool:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_struct(kind):
        return any(_in_column(person, field.name, part) for field, part in zip(kind, column.flatten(), strict=True))
    if pa.types.is_map(kind):
        return _in_column(person, "k", column.keys) or _in_column(person, "v", column.items)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _in_column(person, name, column.flatten())
    table = pa.RecordBatch.from_arrays([column], names=["value"])
    return bool(person.rows(table).true_count)
