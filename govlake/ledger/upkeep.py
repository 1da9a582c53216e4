"""What was done to the lake after delivery: batches to be judged again, backfills, and the ledger's own tidiness."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from govlake.errors import LedgerError
from govlake.ledger.connection import Database, Row

if TYPE_CHECKING:
    from psycopg import Cursor

CHANGEABLE = ("state", "fingerprint", "base", "comparison", "kept")


def mark_replays(self: Database, contract_id: str, since: datetime, reason: str) -> list[str]:
    """Mark the contract's batches that were finished at `since` or later as to be judged again; returns their ids.

    Of a delivery that was corrected, only the newest revision. Their accounts stay as they are, as what was true when
    they were recorded, until the next attempt.
    """
    rows = self.query(
        """UPDATE ledger.batches AS b SET replay = %s, finished_at = NULL, status = 'landed'
        WHERE contract_id = %s AND status = 'done' AND finished_at >= %s AND NOT EXISTS (
            SELECT FROM ledger.batches AS later WHERE later.contract_id = b.contract_id
            AND later.logical_date = b.logical_date AND later.revision > b.revision
        ) RETURNING batch_id""",
        [reason, contract_id, since],
    )
    return sorted(row["batch_id"] for row in rows)


def declare_backfill(self: Database, contract_id: str, start: date, end: date, reason: str, who: str) -> Row:
    """Declare that the deliveries of a range are to be restated; one open backfill per contract."""

    def work(cursor: "Cursor[Row]") -> Row:
        open_one = cursor.execute(
            """SELECT backfill_id, state FROM ledger.backfills
            WHERE contract_id = %s AND state NOT IN ('swapped', 'abandoned') FOR UPDATE""",
            [contract_id],
        ).fetchone()
        if open_one:
            number = open_one["backfill_id"]
            raise LedgerError(
                f"Backfill {number} of {contract_id} is still {open_one['state']}.",
                f"Finish it with `govlake backfill swap {number}` or end it with `govlake backfill abandon {number}`.",
            )
        row = cursor.execute(
            """INSERT INTO ledger.backfills (contract_id, from_date, to_date, reason, who)
            VALUES (%s, %s, %s, %s, %s) RETURNING *""",
            [contract_id, start, end, reason, who],
        ).fetchone()
        assert row is not None
        _event(cursor, row["backfill_id"], "declared", who, {"reason": reason})
        return row

    return self.transact(work)


def change_backfill(self: Database, number: int, who: str, event: str, **values: Any) -> Row:
    """Move a backfill on and note who did what."""

    def work(cursor: "Cursor[Row]") -> Row:
        from psycopg import sql
        from psycopg.types.json import Jsonb

        chosen = [name for name in CHANGEABLE if name in values]
        assignments = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in chosen)
        plain = [values[n] if isinstance(values[n], str) else Jsonb(values[n]) for n in chosen]
        statement = sql.SQL("UPDATE ledger.backfills SET {}, changed_at = now() WHERE backfill_id = %s RETURNING *")
        row = cursor.execute(statement.format(assignments), [*plain, number]).fetchone()
        if row is None:
            raise _unknown(number)
        _event(cursor, number, event, who, {})
        return row

    return self.transact(work)


def backfills(self: Database) -> list[Row]:
    """Every backfill, newest first."""
    return self.query("SELECT * FROM ledger.backfills ORDER BY backfill_id DESC")


def backfill(self: Database, number: int) -> Row:
    """One backfill. Raises LedgerError where there is none."""
    row = self.one("SELECT * FROM ledger.backfills WHERE backfill_id = %s", [number])
    if row is None:
        raise _unknown(number)
    return row


def pinned_versions(self: Database, key: str) -> list[int]:
    """Versions of the table `key` (silver.transit.card_tap) that a backfill replaced and that may be wanted back."""
    rows = self.query(
        """SELECT (kept ->> %(key)s)::bigint AS version FROM ledger.backfills
        WHERE state IN ('swapping', 'swapped') AND kept ? %(key)s""",
        {"key": key},
    )
    return sorted({int(row["version"]) for row in rows})


def unpin(self: Database, keys: Iterable[str]) -> None:
    """Old versions of these tables are gone, whoever kept them."""
    self.query(
        "UPDATE ledger.backfills SET kept = kept - %s::text[] WHERE kept ?| %s::text[]", [list(keys), list(keys)]
    )


def forget_cursors(self: Database, names: Iterable[str]) -> None:
    """Forget how far something was read that is gone."""
    self.query("DELETE FROM ledger.cursors WHERE name = ANY(%s)", [list(names)])


def tidy(self: Database) -> None:
    """Let the database reclaim space and know what its tables hold. Changes no row."""
    for row in self.query("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'ledger' ORDER BY relname"):
        vacuum(self, "ledger", row["relname"])


def vacuum(self: Database, schema: str, table: str, full: bool = False) -> None:
    """VACUUM one table; `full` rewrites it, so that deleted rows are on disk no more."""
    from psycopg import sql

    from govlake.ledger.connection import connect

    with connect(self.url, self.patience_s) as connection:
        what = sql.SQL("VACUUM (FULL, ANALYZE) {}" if full else "VACUUM (ANALYZE) {}")
        connection.execute(what.format(sql.Identifier(schema, table)))


def _event(cursor: "Cursor[Row]", number: int, event: str, who: str, detail: Mapping[str, Any]) -> None:
    from psycopg.types.json import Jsonb

    cursor.execute(
        "INSERT INTO ledger.backfill_events (backfill_id, event, who, detail) VALUES (%s, %s, %s, %s)",
        [number, event, who, Jsonb(dict(detail))],
    )


def _unknown(number: int) -> LedgerError:
    return LedgerError(f"There is no backfill {number}.", "See `govlake backfill list`.")
