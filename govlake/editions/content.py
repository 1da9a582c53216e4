"""What a mart holds, read from gold once: its rows, and a fingerprint that only its content changes."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from govlake import lake
from govlake.content import version_of
from govlake.editions.model import Mart
from govlake.errors import EditionError

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable


@dataclass(frozen=True)
class Content:
    """One mart as it is in gold. `delta` is the table's identity and content version: equal means the same rows."""

    mart: Mart
    source: "DeltaTable"
    delta: str

    @property
    def table(self) -> "pa.Table":
        return self.source.to_pyarrow_table()


def open_content(marts: Sequence[Mart]) -> list[Content]:
    """The marts' Delta tables, in order of their names. Raises EditionError where one is missing or named twice."""
    names = [mart.model for mart in marts]
    for name in names:
        if names.count(name) > 1:
            raise EditionError(f"Two marts are called {name}.", "Rename one of the models.")
    return [_open(mart) for mart in sorted(marts, key=lambda mart: mart.model)]


def describe(content: Content, known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The mart's line in its edition: table, domain, rows, sha, delta. Unwritten tables are not read again."""
    before = known.get(content.mart.model)
    if before and before.get("delta") == content.delta:
        return before
    table = content.table
    return {
        "table": content.mart.model,
        "domain": content.mart.domain,
        "rows": table.num_rows,
        "sha": fingerprint(table),
        "delta": content.delta,
    }


def fingerprint(table: "pa.Table") -> str:
    """Hash of columns and rows in any order. Columns that start with an underscore (build times) do not count."""
    import duckdb

    names = [name for name in table.column_names if not name.startswith("_")]
    columns = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    kinds = ", ".join(f"{name} {table.schema.field(name).type}" for name in names)
    sums: object = None
    if names and table.num_rows:
        with duckdb.connect() as memory:
            memory.execute("SET TimeZone = 'UTC'")
            memory.register("mart", table.select(names))
            sums = memory.execute(
                f"""SELECT count(*), sum(md5_number_lower(line)), bit_xor(md5_number_upper(line))
                FROM (SELECT to_json(whole)::VARCHAR AS line FROM (SELECT {columns} FROM mart) AS whole)"""
            ).fetchone()
    return hashlib.sha256(f"{kinds}|{sums}".encode()).hexdigest()[:24]


def edition_fingerprint(tables: Sequence[dict[str, Any]]) -> str:
    """Hash of an edition: which tables it has and what is in each."""
    lines = sorted(f"{entry['table']} {entry['sha']}" for entry in tables)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:24]


def _open(mart: Mart) -> Content:
    address = lake.path("gold", mart.domain, mart.model)
    source = lake.delta(address)
    if source is None:
        raise EditionError(
            f"The mart {mart.domain}.{mart.model} is not in gold ({address}).", "Build it: `govlake run`."
        )
    return Content(mart, source, f"{source.metadata().id}@{version_of(source)}")
