"""Departments, datasets and deliveries in the ledger."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from govlake.batch import Batch
from govlake.errors import LedgerError
from govlake.ledger.connection import Database, Row

if TYPE_CHECKING:
    from psycopg import Cursor

    from govlake.contracts import Contract, Pack

FINISHED = ("done", "held", "unreadable", "missing")
DEPARTMENT = """
INSERT INTO ledger.departments VALUES (%s, %s, %s)
ON CONFLICT (department) DO UPDATE SET title_en = excluded.title_en, title_zh = excluded.title_zh
"""
DATASET_COLUMNS = (
    "dataset, contract_id, domain, department, title_en, title_zh, contract_title_en, contract_title_zh, "
    "contract_version, fingerprint, frequency_days, due_time, grace_days, timezone, optional, mode, pack"
)
DATASET = f"""
INSERT INTO ledger.datasets ({DATASET_COLUMNS}) VALUES ({", ".join(["%s"] * 17)})
ON CONFLICT (dataset) DO UPDATE SET active = true, {
    ", ".join(f"{name} = excluded.{name}" for name in DATASET_COLUMNS.split(", ")[1:-1])
}, pack = coalesce(nullif(excluded.pack, ''), datasets.pack)
"""
START = """
INSERT INTO ledger.batches (batch_id, contract_id, department, logical_date, revision, sha256, bytes, source,
    fetched_at, declared, detail, fingerprint, status)
VALUES (%s, %s, %s, %s, %s, nullif(%s, ''), %s, %s, %s, %s, %s, %s, 'landed')
ON CONFLICT (batch_id) DO UPDATE SET sha256 = coalesce(excluded.sha256, batches.sha256),
    bytes = excluded.bytes, source = excluded.source, fetched_at = excluded.fetched_at,
    declared = excluded.declared, detail = excluded.detail, fingerprint = excluded.fingerprint,
    status = 'landed', verdict = NULL, reason_en = '', reason_zh = '', started_at = now(), finished_at = NULL,
    attempts = batches.attempts + 1
RETURNING *
"""
STATUS = """
UPDATE ledger.batches SET status = %(status)s, verdict = coalesce(%(verdict)s, verdict),
    reason_en = %(reason_en)s, reason_zh = %(reason_zh)s,
    finished_at = CASE WHEN %(finished)s THEN now() END,
    replay = CASE WHEN %(finished)s THEN '' ELSE replay END
WHERE batch_id = %(batch_id)s RETURNING *
"""


def register_pack(self: Database, pack: "Pack") -> None:
    """Make the pack's departments and datasets known; those the pack no longer has become inactive."""
    name = pack.path.name

    def work(cursor: "Cursor[Row]") -> None:
        for contract in pack.contracts:
            _register(cursor, contract, name)
        keys = [table.key for table in pack.tables()]
        cursor.execute(
            "UPDATE ledger.datasets SET active = false WHERE pack = %s AND active AND dataset <> ALL(%s)",
            [name, keys],
        )

    self.transact(work)


def start_batch(
    self: Database,
    batch: Batch,
    *,
    sha256: str = "",
    bytes: int = 0,
    source: str = "",
    landed_rows: Mapping[str, int] | None = None,
    fetched_at: datetime | None = None,
    detail: Mapping[str, object] | None = None,
) -> Row:
    """Record that an attempt at `batch` begins, with the rows landed per table key; returns the batch's row.

    Starting again is the next attempt. Raises LedgerError where the batch is known with other bytes.
    """
    contract = batch.contract

    def work(cursor: "Cursor[Row]") -> Row:
        from psycopg.types.json import Jsonb

        _register(cursor, contract, "")
        values = [
            *(batch.id, contract.id, contract.department, batch.logical_date, batch.revision),
            *(sha256, bytes, source, fetched_at, Jsonb(dict(landed_rows or {})), Jsonb(dict(detail or {}))),
            contract.fingerprint,
        ]
        row = cursor.execute(START, values).fetchone()
        assert row is not None
        return row

    return self.transact(work)


def set_status(
    self: Database,
    batch_id: str,
    status: str,
    verdict: str | None = None,
    reason_en: str = "",
    reason_zh: str = "",
) -> Row:
    """Move the batch on. `done` and `held` are refused (LedgerError, with the numbers) before its accounts close."""
    values = {
        "batch_id": batch_id,
        "status": status,
        "verdict": verdict,
        "reason_en": reason_en,
        "reason_zh": reason_zh,
        "finished": status in FINISHED,
    }
    row = self.one(STATUS, values)
    if row is None:
        raise LedgerError(f"The ledger knows no batch {batch_id}.", "See `govlake accounts` for those it knows.")
    return row


def batch(self: Database, batch_id: str) -> Row | None:
    """The batch's row, None where it is unknown."""
    return self.one("SELECT * FROM ledger.batches WHERE batch_id = %s", [batch_id])


def batches(self: Database, contract_id: str | None = None, logical_date: date | None = None) -> list[Row]:
    """Batches in the order they count: by contract, logical date and revision."""
    return self.query(
        """SELECT * FROM ledger.batches
        WHERE (%(contract)s::text IS NULL OR contract_id = %(contract)s)
          AND (%(day)s::date IS NULL OR logical_date = %(day)s)
        ORDER BY contract_id, logical_date, revision""",
        {"contract": contract_id, "day": logical_date},
    )


def deliveries_of(self: Database, contract_id: str) -> list[Row]:
    """What tells whether a delivery must be taken again, of every batch of the contract in the order they count:
    logical_date, finished_at, fingerprint, replay, and the `files` it was made of."""
    return self.query(
        """SELECT logical_date, finished_at, fingerprint, replay, detail -> 'files' AS files
        FROM ledger.batches WHERE contract_id = %s ORDER BY logical_date, revision""",
        [contract_id],
    )


def last_good_batch(self: Database, contract_id: str, before: date | None = None) -> Row | None:
    """The newest finished batch of the contract, optionally of an earlier logical date than `before`."""
    return self.one(
        """SELECT * FROM ledger.batches
        WHERE contract_id = %(contract)s AND status = 'done'
          AND (%(day)s::date IS NULL OR logical_date < %(day)s)
        ORDER BY logical_date DESC, revision DESC LIMIT 1""",
        {"contract": contract_id, "day": before},
    )


def held_datasets(self: Database) -> list[Row]:
    """Tables whose newest delivery is held, unreadable or missing: since when, how old what is shown is, and why."""
    return self.query(
        """SELECT dataset, contract_id, department, department_en, department_zh, title_en, title_zh, status,
            last_delivery_date AS since, last_good_date, age_days, reason_en, reason_zh, batch_id
        FROM ledger_public.delivery_status WHERE held ORDER BY dataset"""
    )


def delivery_status(self: Database) -> list[Row]:
    """How things stand now, one row per promised table."""
    return self.query("SELECT * FROM ledger_public.delivery_status ORDER BY department, dataset")


def datasets_called(self: Database, name: str) -> list[str]:
    """Keys of the tables that `name` means: a table or a whole delivery, with or without its domain.

    Raises LedgerError where nothing is called so.
    """
    known = self.query("SELECT dataset, contract_id FROM ledger.datasets ORDER BY dataset")
    exact = [row["dataset"] for row in known if name in (row["dataset"], row["contract_id"])]
    short = [
        row["dataset"]
        for row in known
        if name in (row["dataset"].partition(".")[2], row["contract_id"].partition(".")[2])
    ]
    if not exact and not short:
        names = ", ".join(row["dataset"] for row in known) or "none yet"
        raise LedgerError(f"No dataset is called {name}.", f"Known are: {names}.")
    return exact or short


def _register(cursor: "Cursor[Row]", contract: "Contract", pack: str) -> None:
    cursor.execute(DEPARTMENT, [contract.department, contract.department_en, contract.department_zh])
    for table in contract.tables:
        values: list[Any] = [
            *(table.key, contract.id, table.domain, contract.department, table.title_en, table.title_zh),
            *(contract.title_en, contract.title_zh, contract.version, contract.fingerprint),
            *(contract.frequency_days, contract.due_time, contract.grace_days, contract.timezone),
            *(table.optional, table.mode, pack),
        ]
        cursor.execute(cast(Any, DATASET), values)
