"""Evidence is added to, never changed: the database refuses UPDATE, DELETE and TRUNCATE."""

from collections.abc import Callable

import psycopg
import pytest

from govlake.batch import Batch, GateResult, GateVerdict
from govlake.ledger import Ledger

EVIDENCE = {
    "batch_accounts": "verdict = 'pass'",
    "gate_verdicts": "verdict = 'pass'",
    "gate_results": "passed = true",
    "incident_events": "rows = 0",
    "mart_builds": "rows = 0",
    "editions": "fingerprint = ''",
    "edition_prunes": "pruned_at = now()",
    "audit": "who = ''",
}


@pytest.mark.parametrize("table", EVIDENCE)
def test_evidence_cannot_be_changed(ledger: Ledger, table: str) -> None:
    for statement in (
        f"UPDATE ledger.{table} SET {EVIDENCE[table]}",
        f"DELETE FROM ledger.{table}",
        f"TRUNCATE ledger.{table} CASCADE",
    ):
        with psycopg.connect(ledger.url) as raw, pytest.raises(psycopg.errors.IntegrityError, match="append-only"):
            raw.execute(statement.encode())


@pytest.mark.parametrize("table", ["batches", "incidents"])
def test_deliveries_and_incidents_cannot_be_deleted(ledger: Ledger, table: str) -> None:
    with psycopg.connect(ledger.url) as raw, pytest.raises(psycopg.errors.IntegrityError, match="append-only"):
        raw.execute(f"DELETE FROM ledger.{table}".encode())


def test_the_latest_judgement_of_a_gate_is_shown(ledger: Ledger, batch_of: Callable[..., Batch]) -> None:
    batch = batch_of()
    ledger.start_batch(batch, sha256="a", landed_rows={"transit.tap": 4})
    failed = GateResult("gate_1", "transit.tap", "rows", "0201", "hold", True, False, 2, 4, "up", "Half", "一半")
    passed = GateResult("gate_1", "transit.tap", "rows", "0201", "hold", True, True, 4, 4)
    unknown = GateResult("gate_1", "transit.tap", "history", "0201", "hold", False, False)
    ledger.record_gate(batch.id, GateVerdict("gate_1", "hold", (failed,)))
    ledger.record_gate(batch.id, GateVerdict("gate_1", "pass", (passed, unknown)))
    found = [
        (r["rule"], r["assessable"], r["passed"], r["a"], r["b"], r["share"]) for r in ledger.gate_results(batch.id)
    ]
    assert found == [("history", False, False, None, None, None), ("rows", True, True, 4.0, 4.0, 1.0)]


def test_builds_cursors_and_audit_are_kept(ledger: Ledger) -> None:
    assert ledger.last_build("transit", "fct_taps") is None
    ledger.record_build("transit", "fct_taps", rows=3, seconds=0.5, inputs={"transit.tap": 7})
    ledger.record_build("transit", "fct_taps", rows=4, seconds=0.5, inputs={"transit.tap": 8})
    build = ledger.last_build("transit", "fct_taps")
    assert build is not None and (build["rows"], build["inputs"]) == (4, {"transit.tap": 8})
    ledger.set_cursor("hotline", {"after": "2026-09-01"})
    ledger.set_cursor("hotline", {"after": "2026-09-02"})
    assert (ledger.cursor("hotline"), ledger.cursor("taps")) == ({"after": "2026-09-02"}, None)
    ledger.audit("coordinator", "edition 1 shown again", {"edition": 1})
    assert ledger.query("SELECT who, what FROM ledger.audit") == [
        {"who": "coordinator", "what": "edition 1 shown again"}
    ]


def test_the_cockpit_reads_views_and_nothing_else(ledger: Ledger) -> None:
    tables = ledger.query(
        """SELECT n.nspname AS schema, has_schema_privilege('cockpit_reader', n.oid, 'USAGE') AS open,
            bool_or(has_table_privilege('cockpit_reader', c.oid, 'SELECT')) AS some,
            bool_and(has_table_privilege('cockpit_reader', c.oid, 'SELECT')) AS every,
            bool_or(has_table_privilege('cockpit_reader', c.oid, 'INSERT, UPDATE, DELETE')) AS writes
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('ledger', 'ledger_public', 'marts') AND c.relkind IN ('r', 'v')
        GROUP BY 1, n.oid ORDER BY 1"""
    )
    assert [tuple(row.values()) for row in tables] == [
        ("ledger", False, False, False, False),
        ("ledger_public", True, True, True, False),
        ("marts", True, True, True, False),
    ]
