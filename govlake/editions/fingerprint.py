"""What tells one content of a mart from another: a hash of its columns and rows, in any order.

It is summed up file by file, and a file never changes: only files that are new are read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from govlake.editions.model import quoted

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable
    from duckdb import DuckDBPyConnection

Sums = tuple[int, int, int]  # rows, and two sums of their hashes that no order changes
NOTHING: Sums = (0, 0, 0)


@dataclass(frozen=True)
class Fingerprint:
    """`sha` is the hash, `rows` how many there are, `files` the sums of each data file by its path."""

    sha: str
    rows: int
    kinds: str = ""
    files: dict[str, Sums] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """What the next fingerprint of the same mart starts from; text, as the sums exceed what JSON readers keep."""
        return {"kinds": self.kinds, "files": {path: [str(part) for part in sums] for path, sums in self.files.items()}}


def fingerprint(source: DeltaTable, before: Any = None) -> Fingerprint:
    """That of a mart; `before` is what an earlier one of it left. Columns that start with an underscore (build times)
    do not count."""
    dataset: Any = source.to_pyarrow_dataset()
    names = [name for name in dataset.schema.names if not name.startswith("_")]
    kinds = ", ".join(f"{name} {dataset.schema.field(name).type}" for name in names)
    known = before["files"] if before and before["kinds"] == kinds else {}
    files: dict[str, Sums] = {}
    for fragment in dataset.get_fragments():
        path = str(fragment.path)
        if path in known:
            rows, lower, upper = (int(part) for part in known[path])
            files[path] = (rows, lower, upper)
        else:
            files[path] = _sums(fragment.to_table(schema=dataset.schema, columns=names))
    rows, lower, upper = NOTHING
    for sums in files.values():
        rows, lower, upper = rows + sums[0], lower + sums[1], upper ^ sums[2]
    whole = (rows, lower, upper) if names and rows else None
    return Fingerprint(hashlib.sha256(f"{kinds}|{whole}".encode()).hexdigest()[:24], rows, kinds, files)


def of_edition(tables: list[dict[str, Any]]) -> str:
    """Hash of an edition: which tables it has and what is in each."""
    lines = sorted(f"{entry['table']} {entry['sha']}" for entry in tables)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:24]


def _sums(table: pa.Table) -> Sums:
    if not table.num_rows:
        return NOTHING
    columns = ", ".join(quoted(name) for name in table.column_names)
    memory = _memory().register("mart", table)
    found = memory.execute(
        f"""SELECT count(*), sum(md5_number_lower(line)), bit_xor(md5_number_upper(line))
        FROM (SELECT to_json(whole)::VARCHAR AS line FROM (SELECT {columns} FROM mart) AS whole)"""
    ).fetchone()
    memory.unregister("mart")
    rows, lower, upper = found or NOTHING
    return int(rows), int(lower), int(upper)


@cache
def _memory() -> DuckDBPyConnection:
    """One for all marts: opening it costs more than most of them."""
    import duckdb

    memory = duckdb.connect()
    memory.execute("SET TimeZone = 'UTC'")
    return memory
