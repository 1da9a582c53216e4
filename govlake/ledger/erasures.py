"""Erasures in the ledger: who asked on which basis, at which places rows were, and the proof that nothing is left.

Nothing here tells whose rows they were.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from govlake.ledger.connection import Database, Row

if TYPE_CHECKING:
    from psycopg import Cursor

OPEN = """
SELECT e.* FROM ledger.erasures AS e
WHERE NOT EXISTS (SELECT FROM ledger.erasure_proofs AS p WHERE p.erasure_id = e.erasure_id)
"""


def begin_erasure(self: Database, who: str, reason: str, basis: str) -> Row:
    """The erasure for this reason and basis that was cut off, or a new one."""

    def work(cursor: "Cursor[Row]") -> Row:
        known = cursor.execute(f"{OPEN} AND reason = %s AND basis = %s", [reason, basis]).fetchone()
        if known:
            return known
        row = cursor.execute(
            "INSERT INTO ledger.erasures (who, reason, basis) VALUES (%s, %s, %s) RETURNING *", [who, reason, basis]
        ).fetchone()
        assert row is not None
        return row

    return self.transact(work)


def add_erased(
    self: Database, erasure_id: int, rows: Iterable[tuple[str, str, str, int]], contents: Mapping[str, str]
) -> None:
    """Note places (batch, dataset, file, row number) and hashes of delivered bytes (with their batch) before they go.

    What is noted already stays as it is.
    """

    def work(cursor: "Cursor[Row]") -> None:
        cursor.executemany(
            """INSERT INTO ledger.erased_rows (erasure_id, batch_id, dataset, source_file, row_number)
            VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
            [(erasure_id, *row) for row in rows],
        )
        cursor.executemany(
            """INSERT INTO ledger.erased_bytes (sha256, batch_id, erasure_id) VALUES (%s, %s, %s)
            ON CONFLICT DO NOTHING""",
            [(sha256, batch, erasure_id) for sha256, batch in contents.items()],
        )

    self.transact(work)


def erased_places(self: Database, batch_id: str | None = None, erasure_id: int | None = None) -> list[Row]:
    """Places that were erased: of one batch, or by one erasure."""
    return self.query(
        """SELECT batch_id, dataset, source_file, row_number FROM ledger.erased_rows
        WHERE (%(batch)s::text IS NULL OR batch_id = %(batch)s)
          AND (%(erasure)s::bigint IS NULL OR erasure_id = %(erasure)s)""",
        {"batch": batch_id, "erasure": erasure_id},
    )


def is_erased(self: Database, sha256: str) -> bool:
    """Whether these delivered bytes hold rows that were erased."""
    return self.one("SELECT batch_id FROM ledger.erased_bytes WHERE sha256 = %s", [sha256]) is not None


def prove_erasure(self: Database, erasure_id: int, counts: Mapping[str, int], scanned: Mapping[str, int]) -> None:
    """Close an erasure: nothing was found any more in what was scanned."""
    from psycopg.types.json import Jsonb

    self.query(
        """INSERT INTO ledger.erasure_proofs (erasure_id, counts, scanned) VALUES (%s, %s, %s)
        ON CONFLICT DO NOTHING""",
        [erasure_id, Jsonb(dict(counts)), Jsonb(dict(scanned))],
    )


def erasures(self: Database) -> list[Row]:
    """Every erasure, newest first; `proven_at` is None where one was cut off."""
    return self.query(
        """SELECT e.erasure_id, e.who, e.reason, e.basis, e.started_at, p.counts, p.scanned, p.proven_at
        FROM ledger.erasures AS e LEFT JOIN ledger.erasure_proofs AS p USING (erasure_id)
        ORDER BY e.erasure_id DESC"""
    )


def drop_samples(self: Database, batch_id: str, dataset: str, places: Iterable[tuple[str, int]]) -> None:
    """Take erased rows out of what the ledger shows of the quarantine: their samples, and the number of rows."""
    gone = {(file, int(number)) for file, number in places}

    def work(cursor: "Cursor[Row]") -> None:
        from psycopg.types.json import Jsonb

        found = cursor.execute(
            "SELECT rule, sample_rows FROM ledger.quarantine_reasons WHERE batch_id = %s AND dataset = %s FOR UPDATE",
            [batch_id, dataset],
        ).fetchall()
        for row in found:
            kept = [s for s in row["sample_rows"] if (s.get("_source_file"), int(s.get("_row_number", -1))) not in gone]
            if len(kept) < len(row["sample_rows"]):
                cursor.execute(
                    """UPDATE ledger.quarantine_reasons SET sample_rows = %s
                    WHERE batch_id = %s AND dataset = %s AND rule = %s""",
                    [Jsonb(kept), batch_id, dataset, row["rule"]],
                )

    self.transact(work)


def recount_quarantine(self: Database, batch_id: str, dataset: str, counts: Mapping[str, int]) -> None:
    """Set the rows per rule to what the quarantine holds now; a rule that holds none is no cause any more."""

    def work(cursor: "Cursor[Row]") -> None:
        for rule, rows in counts.items():
            where: list[Any] = [batch_id, dataset, rule]
            if rows:
                cursor.execute(
                    """UPDATE ledger.quarantine_reasons SET rows = %s
                    WHERE batch_id = %s AND dataset = %s AND rule = %s""",
                    [rows, *where],
                )
            else:
                cursor.execute(
                    "DELETE FROM ledger.quarantine_reasons WHERE batch_id = %s AND dataset = %s AND rule = %s", where
                )

    self.transact(work)
