"""What a mart holds, as it is in gold: its rows, and its line in the edition."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from govlake import lake
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


def describe(content: Content, known: dict[str, dict[str, Any]], book: Ledger) -> dict[str, Any]:
    """The mart's line in its edition: table, domain, rows, sha, delta. Unwritten tables are not read again."""
    before = known.get(content.mart.model)
    if before and before.get("delta") == content.delta:
        return before
    cursor = f"fingerprint.{content.mart.domain}.{content.mart.model}"
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
