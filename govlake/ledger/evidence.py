"""Row accounts, gate results and what is in quarantine. Accounts and results are never changed, only superseded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from govlake.batch import Account, GateVerdict
from govlake.errors import LedgerError
from govlake.ledger.connection import Database, Row

if TYPE_CHECKING:
    from psycopg import Cursor

PARTS = ("silver_new", "silver_updated", "unchanged", "duplicate", "superseded", "quarantined")
COUNTS = ("landed", "bronze", *PARTS)
ACCOUNT = f"""
INSERT INTO ledger.batch_accounts (batch_id, dataset, attempt, {", ".join(COUNTS)}, erased, verdict, reasons)
SELECT batch_id, %s, attempts, {", ".join(["%s"] * len(COUNTS))}, %s, %s, %s
FROM ledger.batches WHERE batch_id = %s RETURNING account_id
"""
ACCOUNTS = f"""
SELECT batch_id, dataset, {", ".join(COUNTS)}, erased, closes, verdict, status, logical_date, revision, recorded_at
FROM ledger_public.batch_accounts
UNION ALL
SELECT b.batch_id, d.dataset, coalesce((b.declared ->> d.dataset)::bigint, 0), 0, 0, 0, 0, 0, 0, 0, 0,
    b.status IN ('unreadable', 'missing'), coalesce(b.verdict, ''), b.status, b.logical_date, b.revision,
    b.started_at
FROM ledger.batches AS b JOIN ledger.datasets AS d USING (contract_id)
WHERE (b.declared = '{{}}' OR b.declared ? d.dataset) AND NOT EXISTS (
    SELECT FROM ledger.batch_accounts AS a WHERE a.batch_id = b.batch_id AND a.dataset = d.dataset)
"""
EARLIER = f"""
SELECT b.logical_date, {", ".join(f"a.{name}" for name in COUNTS)}
FROM (
    SELECT batch_id, logical_date, revision FROM ledger.batches
    WHERE contract_id = %(contract)s AND status = 'done' AND logical_date < %(before)s
    ORDER BY logical_date DESC, revision DESC LIMIT %(most)s
) AS b CROSS JOIN LATERAL (
    SELECT * FROM ledger.batch_accounts AS a WHERE a.batch_id = b.batch_id AND a.dataset = %(dataset)s
    ORDER BY a.account_id DESC LIMIT 1
) AS a ORDER BY b.logical_date, b.revision
"""
VERDICT = """
INSERT INTO ledger.gate_verdicts (batch_id, gate, attempt, verdict)
VALUES (%s, %s, coalesce((SELECT attempts FROM ledger.batches WHERE batch_id = %s), 1), %s) RETURNING judgement
"""
RESULT = """
INSERT INTO ledger.gate_results (judgement, dataset, rule, dimension, severity, assessable, passed, a, b,
    direction, message_en, message_zh, owner)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
REASON = """
INSERT INTO ledger.quarantine_reasons (batch_id, dataset, rule, rows, share, message_en, message_zh, owner,
    sample_rows) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True)
class QuarantineReason:
    """Rows of one table in one batch that one rule kept out; a row may count under several rules.

    `share` is of the batch's rows, 0 to 1. `sample_rows` are few, as delivered.
    """

    rule: str
    rows: int
    share: float | None = None
    message_en: str = ""
    message_zh: str = ""
    owner: str = ""
    sample_rows: list[Mapping[str, Any]] = field(default_factory=list)


def record_account(self: Database, account: Account) -> None:
    """Record the row account of one table in one batch; the latest recording counts.

    Raises LedgerError with the numbers where it does not close; the database refuses it as well.
    """
    if not account.closes:
        parts = ", ".join(f"{name} {getattr(account, name)}" for name in PARTS)
        accounted = sum(getattr(account, name) for name in PARTS)
        gone = f", erased {account.erased}" if account.erased else ""
        raise LedgerError(
            f"The account of {account.dataset} in {account.batch_id} does not close: landed {account.landed}, "
            f"bronze {account.bronze}{gone}, accounted for {accounted} ({parts}).",
            "Nothing was published; run the batch again, and report it if it happens twice.",
        )

    def work(cursor: "Cursor[Row]") -> None:
        from psycopg.types.json import Jsonb

        counts = [getattr(account, name) for name in COUNTS]
        values = [account.dataset, *counts, account.erased, account.verdict, Jsonb(account.reasons), account.batch_id]
        if cursor.execute(cast(Any, ACCOUNT), values).fetchone() is None:
            raise LedgerError(f"The ledger knows no batch {account.batch_id}.", "Start the batch first.")

    self.transact(work)


def accounts(self: Database, dataset: str | None = None, batch_id: str | None = None) -> list[Row]:
    """The latest account of every table and batch; one that is not recorded yet has `closes` false."""
    return self.query(
        f"""SELECT * FROM ({ACCOUNTS}) AS a
        WHERE (%(dataset)s::text IS NULL OR dataset = %(dataset)s) AND (%(batch)s::text IS NULL OR batch_id = %(batch)s)
        ORDER BY logical_date, batch_id, dataset""",
        {"dataset": dataset, "batch": batch_id},
    )


def earlier_accounts(self: Database, contract_id: str, dataset: str, before: date, most: int) -> list[Row]:
    """Row counts of the table in the newest finished batches before a logical date, at most `most`, oldest first."""
    values = {"contract": contract_id, "dataset": dataset, "before": before, "most": most}
    return self.query(EARLIER, values)


def record_gate(self: Database, batch_id: str, verdict: GateVerdict) -> None:
    """Record one judgement with every measure it took. For gate 3, `batch_id` names the marts that were judged."""

    def work(cursor: "Cursor[Row]") -> None:
        row = cursor.execute(VERDICT, [batch_id, verdict.gate, batch_id, verdict.verdict]).fetchone()
        assert row is not None
        cursor.executemany(
            RESULT,
            [
                [
                    *(row["judgement"], result.table, result.rule, result.dimension, result.severity),
                    *(result.assessable, result.passed, result.a, result.b, result.direction),
                    *(result.message_en, result.message_zh, result.owner),
                ]
                for result in verdict.results
            ],
        )

    self.transact(work)


def gate_results(self: Database, batch_id: str) -> list[Row]:
    """The latest judgement of every gate on the batch, one row per measure."""
    return self.query(
        "SELECT * FROM ledger_public.gate_results WHERE batch_id = %s ORDER BY gate, dataset, rule", [batch_id]
    )


def record_quarantine(self: Database, batch_id: str, dataset: str, reasons: Iterable[QuarantineReason]) -> None:
    """Replace what the ledger says is in quarantine for one table of one batch."""

    def work(cursor: "Cursor[Row]") -> None:
        from psycopg.types.json import Jsonb

        cursor.execute(
            "DELETE FROM ledger.quarantine_reasons WHERE batch_id = %s AND dataset = %s", [batch_id, dataset]
        )
        cursor.executemany(
            REASON,
            [
                [
                    *(batch_id, dataset, reason.rule, reason.rows, reason.share, reason.message_en),
                    *(reason.message_zh, reason.owner, Jsonb([dict(row) for row in reason.sample_rows])),
                ]
                for reason in reasons
                if reason.rows > 0
            ],
        )

    self.transact(work)


def quarantine(self: Database, dataset: str | None = None, batch_id: str | None = None) -> list[Row]:
    """What is in quarantine now: one row per batch, table and rule, largest cause first."""
    return self.query(
        """SELECT * FROM ledger_public.quarantine_reasons
        WHERE (%(dataset)s::text IS NULL OR dataset = %(dataset)s)
          AND (%(batch)s::text IS NULL OR batch_id = %(batch)s)
        ORDER BY logical_date DESC, batch_id, dataset, rows DESC, rule""",
        {"dataset": dataset, "batch": batch_id},
    )


def history_counts(self: Database, dataset: str, before: date, limit: int = 28) -> list[int]:
    """Rows of the table in its finished batches before `before`, newest first, one per logical date."""
    rows = self.query(
        """SELECT bronze FROM (
            SELECT DISTINCT ON (logical_date) logical_date, bronze FROM ledger_public.batch_accounts
            WHERE dataset = %s AND logical_date < %s AND status = 'done'
            ORDER BY logical_date DESC, revision DESC
        ) AS history ORDER BY logical_date DESC LIMIT %s""",
        [dataset, before, limit],
    )
    return [int(row["bronze"]) for row in rows]
