"""The three gates. Each takes every measure, records all of them, and says pass, flag or hold.

A gate never raises for bad data: that is its verdict. It raises GateError where it could not judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from expectations import accepted, delivery, given, marts, rows
from expectations.verdict import decide
from expectations.volume import LOOKED_AT, comparable, judge_volume, limits
from govlake import lake, landing
from govlake.batch import Batch, GateResult, GateVerdict, Outcome
from govlake.contracts.model import Table
from govlake.errors import GateError
from govlake.ledger import ledger
from govlake.ledger.evidence import PARTS


def gate_1(batch: Batch) -> Outcome:
    """Judge the delivery: its columns, its counts, and whether what must be there is there at all."""
    manifest = landing.load_manifest(batch)
    results: list[GateResult] = []
    for table in batch.contract.tables:
        landed = manifest.tables[table.key]
        results += _judge_delivery(batch, table, replace(landed, rows=landed.kept))
    delivered = sum(manifest.tables[table.key].rows for table in batch.contract.tables)
    first = batch.contract.tables[0].key
    results.append(delivery.judge_declared(first, manifest.declared, len(manifest.files), delivered))
    return _close(batch.id, batch.contract.id, decide("gate_1", results), f"{delivered:,} rows")


def _judge_delivery(batch: Batch, table: Table, delivered: Any) -> list[GateResult]:
    address = lake.table_path("bronze", table)
    in_bronze = lake.rows(address, ("_batch_id", batch.id))
    history = _history(batch, table, ["bronze"])
    results = delivery.judge_delivery(batch, table, delivered, in_bronze, history)
    if in_bronze:
        bronze = lake.read(address).where(f"_batch_id = '{batch.id}'")
        results += given.judge_given(table, bronze, delivered.found)
    return results


def gate_2(batch: Batch) -> Outcome:
    """Judge the staged rows and what they are together, table by table."""
    results: list[GateResult] = []
    counts: dict[str, int] = {}
    for table in batch.contract.tables:
        outcomes = _outcomes(batch, table)
        for outcome, number in outcomes.items():
            counts[outcome] = counts.get(outcome, 0) + number
        results += _judge_staged(batch, table, outcomes)
    facts = f"{sum(counts.values()):,} rows, {counts.get('quarantined', 0):,} quarantined"
    return _close(batch.id, batch.contract.id, decide("gate_2", results), facts)


def _outcomes(batch: Batch, table: Table) -> dict[str, int]:
    address = lake.table_path("staging", table, batch.id)
    if lake.look(address) is None:
        raise GateError(f"{batch.id}: {table.key} is not staged.", "Run the step conform before gate 2.")
    return lake.counts(address, "_outcome")


def _judge_staged(batch: Batch, table: Table, outcomes: dict[str, int]) -> list[GateResult]:
    if not sum(outcomes.values()):
        return [_nothing(table, rule.id, rule.dimension) for rule in table.rules]
    staged = lake.read(lake.table_path("staging", table, batch.id))
    measures = rows.judge_rows(table, staged)
    empty = sum(int((m.b or 0) - (m.a or 0)) for m in measures if m.rule == "row.empty")
    rejected = accepted.judge_rejected(table, outcomes, empty)
    whole = accepted.judge_accepted(batch, table, staged)
    return [*measures, rejected, *whole, *_judge_taken(batch, table, outcomes)]


def _judge_taken(batch: Batch, table: Table, outcomes: dict[str, int]) -> list[GateResult]:
    """Sound rows, repeats counted once, against history; where none is lost, gate 1 has judged them all.

    A sound row that a later delivery replaced is still one that was delivered: a batch judged again loses nothing.
    """
    sound = [outcome for outcome in PARTS if outcome not in ("quarantined", "duplicate")]
    taken = sum(outcomes.get(outcome, 0) for outcome in sound)
    if taken == sum(outcomes.values()):
        return []
    snapshot = table.mode == "snapshot"
    allowed = limits(batch.contract.custom, snapshot)
    return [judge_volume("gate_2", table.key, taken, _history(batch, table, sound), allowed, snapshot)]


def _history(batch: Batch, table: Table, counts: Sequence[str]) -> list[int]:
    """Rows (the sum of these parts of the account) of the table's finished batches that compare with this one."""
    contract, day = batch.contract, batch.logical_date
    known = {
        row["logical_date"]: sum(int(row[count]) for count in counts)
        for row in ledger().earlier_accounts(contract.id, table.key, day, LOOKED_AT)
    }
    return comparable(known, day, contract.frequency_days == 1)


def _nothing(table: Table, rule: str, dimension: str) -> GateResult:
    return GateResult(
        gate="gate_2",
        table=table.key,
        rule=rule,
        dimension=dimension,
        severity="warn",
        assessable=False,
        passed=True,
        message_en="No row was delivered",
        message_zh="未交付任何数据行",
    )


def gate_3(models: Sequence[str]) -> Outcome:
    """Judge gold tables, named `<domain>.<model>`, by their suites.

    A held gate 3 stops publishing: leaders keep the last edition. `detail["domains"]` has each domain's verdict.
    """
    results: list[GateResult] = []
    domains: dict[str, str] = {}
    for domain, names in marts.by_domain(models).items():
        judged = marts.judge_domain(domain, names)
        verdict = decide("gate_3", judged)
        ledger().record_gate(f"gold.{domain}", verdict)
        domains[domain] = verdict.verdict
        results += judged
    outcome = _outcome("gold", decide("gate_3", results), f"{len(models)} marts")
    return replace(outcome, detail={**outcome.detail, "domains": domains})


def _close(batch_id: str, name: str, verdict: GateVerdict, facts: str) -> Outcome:
    if not lake.is_beside():
        ledger().record_gate(batch_id, verdict)
    return _outcome(name, verdict, facts)


def _outcome(name: str, verdict: GateVerdict, facts: str) -> Outcome:
    """The verdict in one line, with the first cause where there is one."""
    held = verdict.verdict == "hold"
    causes = [result for result in verdict.failures if result.severity == "hold" or not held]
    cause = f"; {causes[0].message_en}" if causes else ""
    gate = verdict.gate.replace("_", " ")
    line = f"{gate} {name}: {verdict.verdict}, {len(verdict.results)} rules, {facts}{cause}"
    return Outcome("held" if held else "done", line, verdict.verdict, {"verdict": verdict})
