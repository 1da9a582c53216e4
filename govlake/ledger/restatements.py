"""What deliveries changed of what earlier ones had stated, and what that changed for leaders."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from govlake.batch import Restatement
from govlake.errors import LedgerError
from govlake.ledger.connection import Database, Row

if TYPE_CHECKING:
    from psycopg import Cursor

FACTS = ("rows", "cells", "filled", "withdrawn", "columns", "earlier", "first_date", "last_date", "silver_version")
DATES = {"first_date": "::date", "last_date": "::date"}  # a backfill keeps them as texts until its swap
# A run that was killed before silver changed finds the same again; that is one restatement, not two.
INSERT = f"""
INSERT INTO ledger.restatements (batch_id, dataset, attempt, {", ".join(FACTS)})
SELECT %(batch_id)s, %(dataset)s, b.attempts, {", ".join(f"%({name})s{DATES.get(name, '')}" for name in FACTS)}
FROM ledger.batches AS b WHERE b.batch_id = %(batch_id)s AND NOT EXISTS (
    SELECT FROM ledger.restatements AS r WHERE r.batch_id = %(batch_id)s AND r.dataset = %(dataset)s
    AND r.silver_version = %(silver_version)s AND r.columns = %(columns)s AND r.earlier = %(earlier)s)
RETURNING restatement_id
"""
SAMPLE = """
INSERT INTO ledger.restatement_samples (restatement_id, number, key, "column", old, new, earlier, source_file,
    row_number) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
PENDING = """
SELECT r.* FROM ledger.restatements AS r JOIN ledger.batches AS b USING (batch_id)
WHERE b.status = 'done'
    AND NOT EXISTS (SELECT FROM ledger.restatement_effects AS e WHERE e.restatement_id = r.restatement_id)
ORDER BY r.restatement_id
"""


@dataclass(frozen=True)
class Effect:
    """What a restatement changed downstream, between two editions. `cells_changed` is None where nobody can tell."""

    edition_before: int | None
    edition_after: int
    marts: Sequence[str]
    indicators: Sequence[str]
    cells_changed: int | None
    cells: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def record_restatement(self: Database, found: Restatement) -> int | None:
    """Record what a batch restates; returns its number, None where it was recorded before."""

    def work(cursor: "Cursor[Row]") -> int | None:
        from psycopg.types.json import Jsonb

        values = {
            "batch_id": found.batch_id,
            "dataset": found.dataset,
            "rows": found.rows,
            "cells": sum(found.cells.values()),
            "filled": found.filled,
            "withdrawn": found.withdrawn,
            "columns": Jsonb(found.cells),
            "earlier": Jsonb(found.earlier),
            "first_date": found.first,
            "last_date": found.last,
            "silver_version": found.silver_version,
        }
        row = cursor.execute(cast(Any, INSERT), values).fetchone()
        if row is None:
            return None
        number = int(row["restatement_id"])
        cursor.executemany(
            SAMPLE,
            [
                [
                    *(number, place, Jsonb(cell.key), cell.column, cell.old, cell.new),
                    *(cell.earlier, cell.source_file, cell.row_number),
                ]
                for place, cell in enumerate(found.samples, 1)
            ],
        )
        return number

    return self.transact(work)


def restatements(self: Database, dataset: str | None = None, batch_id: str | None = None) -> list[Row]:
    """Restatements of a table or batch (all by default), newest first, without samples."""
    return self.query(
        """SELECT * FROM ledger_public.restatements
        WHERE (%(dataset)s::text IS NULL OR dataset = %(dataset)s) AND (%(batch)s::text IS NULL OR batch_id = %(batch)s)
        ORDER BY restatement_id DESC""",
        {"dataset": dataset, "batch": batch_id},
    )


def restatement(self: Database, number: int) -> Row:
    """One restatement with its samples and the indicator cells it may have changed. Raises LedgerError without one."""
    row = self.one("SELECT * FROM ledger_public.restatements WHERE restatement_id = %s", [number])
    if row is None:
        raise LedgerError(f"There is no restatement {number}.", "See `govlake restatements list`.")
    samples = self.query(
        """SELECT key, "column", old, new, earlier, source_file, row_number FROM ledger.restatement_samples
        WHERE restatement_id = %s ORDER BY number""",
        [number],
    )
    changed = self.query(
        """SELECT * FROM ledger_public.restated_indicators WHERE restatement_id = %s
        ORDER BY indicator_id, version, period, period_start, level, area_code""",
        [number],
    )
    return row | {"samples": samples, "indicator_cells": changed}


def pending_restatements(self: Database) -> list[Row]:
    """Restatements of finished batches of which no effect is recorded yet, oldest first."""
    return self.query(PENDING)


def record_effect(self: Database, number: int, effect: Effect) -> None:
    """Record what a restatement changed downstream; the first recording stays."""
    from psycopg.types.json import Jsonb

    self.query(
        """INSERT INTO ledger.restatement_effects (restatement_id, edition_before, edition_after, marts, indicators,
            cells_changed, cells) VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
        [
            *(number, effect.edition_before, effect.edition_after, Jsonb(list(effect.marts))),
            *(Jsonb(list(effect.indicators)), effect.cells_changed, Jsonb([dict(cell) for cell in effect.cells])),
        ],
    )


def readers_of(self: Database, dataset: str) -> dict[str, bool]:
    """Marts that were last built from the table, as the lineage of their last build says.

    With it, whether each day of the mart is made from that day of the table alone.
    """
    name = dataset.replace(".", "__", 1)
    rows = self.query(
        """SELECT model, coalesce(inputs ->> 'day_source' = %(table)s, false) AS by_day FROM (
            SELECT DISTINCT ON (domain, model) model, inputs FROM ledger.mart_builds
            WHERE inputs ? 'tables' ORDER BY domain, model, build_id DESC
        ) AS newest WHERE inputs -> 'tables' ?| %(reads)s ORDER BY model""",
        {"table": name, "reads": [name, f"{name}_history"]},
    )
    return {row["model"]: row["by_day"] for row in rows}


def drop_restated(self: Database, batch_id: str, dataset: str, places: Iterable[tuple[str, int]]) -> None:
    """Delete samples of cells that were delivered at these places."""
    found = list(places)
    self.query(
        """DELETE FROM ledger.restatement_samples AS s
        USING ledger.restatements AS r, unnest(%s::text[], %s::bigint[]) AS gone (source_file, row_number)
        WHERE r.restatement_id = s.restatement_id AND r.batch_id = %s AND r.dataset = %s
            AND s.source_file = gone.source_file AND s.row_number = gone.row_number""",
        [[file for file, _ in found], [number for _, number in found], batch_id, dataset],
    )


def drop_restated_like(self: Database, pattern: str) -> None:
    """Delete samples in which a text is, by a regular expression whatever the case."""
    self.query("DELETE FROM ledger.restatement_samples AS s WHERE s::text ~* %s", [pattern])
