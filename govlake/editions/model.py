"""What is published, and what an edition is."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from govlake.ledger import Row


@dataclass(frozen=True)
class Mart:
    """One table of gold. Its name in the cockpit is `model`, so that is unique in the whole project."""

    domain: str
    model: str


@dataclass(frozen=True)
class Edition:
    """One published state of all marts.

    `tables` has one entry per mart (table, domain, rows, sha, delta); `held` has one per delivery that is kept
    out (dataset, titles, since, last_good_date, age_days, reason_en, reason_zh). For the edition that is shown,
    `held` is how things stand now; for others, how they stood when it was published. `kept` is whether its
    data still exist.
    """

    edition: int
    published_at: datetime
    current: bool
    tables: list[dict[str, Any]] = field(default_factory=list)
    held: list[dict[str, Any]] = field(default_factory=list)
    kept: bool = True
    schema_name: str = ""
    fingerprint: str = ""


def from_row(row: Row) -> Edition:
    """The edition in a row of the ledger."""
    return Edition(
        edition=row["edition"],
        published_at=row["published_at"],
        current=row["current"],
        tables=row["tables"],
        held=row["held"],
        kept=row["pruned_at"] is None,
        schema_name=row["schema_name"],
        fingerprint=row["fingerprint"],
    )


def quoted(name: str) -> str:
    """An identifier in SQL."""
    return '"' + name.replace('"', '""') + '"'
