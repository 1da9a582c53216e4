"""What a mart holds, as it is in gold: its data files, their rows, and its line in the edition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from govlake import lake, seen
from govlake.content import version_of
from govlake.editions.fingerprint import fingerprint
from govlake.editions.model import Mart
from govlake.errors import EditionError
from govlake.ledger import Ledger

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable


@dataclass(frozen=True)
class Content:
    """One mart as it is in gold. `delta` is the table's identity and content version: equal means the same rows."""

    mart: Mart
    source: DeltaTable
    delta: str

    @cached_property
    def files(self) -> dict[str, int]:
        """Rows per data file, by its path in the table."""
        known = seen.files_of(self.source, "path", "num_records")
        return {path: rows or 0 for path, rows in zip(known["path"], known["num_records"], strict=True)}

    @property
    def columns(self) -> list[str]:
        return [field.name for field in self.source.schema().fields]

    @property
    def kinds(self) -> str:
        """Names and types of the columns."""
        return ", ".join(f"{field.name} {field.type}" for field in self.source.schema().fields)

    def read(self, paths: Sequence[str]) -> pa.Table:
        """The rows of some of its files, in the table's columns."""
        import pyarrow as pa

        dataset: Any = self.source.to_pyarrow_dataset()
        wanted = set(paths)
        found = [
            fragment.to_table(schema=dataset.schema) for fragment in dataset.get_fragments() if fragment.path in wanted
        ]
        return pa.concat_tables([dataset.schema.empty_table(), *found])


def open_content(marts: Sequence[Mart]) -> list[Content]:
    """The marts' Delta tables, in order of their names. Raises EditionError where one is missing or named twice."""
    names = [mart.model for mart in marts]
    for name in names:
        if names.count(name) > 1:
            raise EditionError(f"Two marts are called {name}.", "Rename one of the models.")
    return [_open(mart) for mart in sorted(marts, key=lambda mart: mart.model)]


def describe(content: Content, known: dict[str, dict[str, Any]], book: Ledger) -> dict[str, Any]:
    """The mart's line in its edition: table, domain, rows, sha, delta. Unwritten tables are not read again."""
    before = known.get(content.mart.model)
    if before and before.get("delta") == content.delta:
        return before
    cursor = f"fingerprint.gold.{content.mart.domain}.{content.mart.model}"
    found = fingerprint(content.source, book.cursor(cursor))
    book.set_cursor(cursor, found.to_json())
    return {
        "table": content.mart.model,
        "domain": content.mart.domain,
        "rows": found.rows,
        "sha": found.sha,
        "delta": content.delta,
    }


def _open(mart: Mart) -> Content:
    address = lake.path("gold", mart.domain, mart.model)
    source = lake.delta(address)
    if source is None:
        raise EditionError(
            f"The mart {mart.domain}.{mart.model} is not in gold ({address}).", "Build it: `govlake run`."
        )
    return Content(mart, source, f"{source.metadata().id}@{version_of(source)}")
