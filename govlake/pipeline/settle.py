"""What the ledger is told when a delivery is finished, held or cannot be read: accounts, incidents, status.

An account is taken from the lake itself: bronze from its Delta log, outcomes from the staged table that silver and
quarantine were written from. The ledger refuses one that does not close.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from govlake import lake, landing
from govlake.batch import Account, Batch, GateResult, GateVerdict, Outcome
from govlake.contracts.model import Contract, Table
from govlake.errors import GovlakeError
from govlake.ledger import QuarantineReason, ledger

UNREACHABLE = "unreachable"
FINISHED = ("done", "held", "unreadable")
CAUSES = 3  # how many causes a one-line reason names


def finish(batch: Batch, outcome: Outcome) -> None:
    """Close the accounts of a delivery that reached silver, open and close incidents, mark it done."""
    results = ledger().gate_results(batch.id)
    verdict = "flag" if any(row["assessable"] and not row["passed"] for row in results) else "pass"
    quarantined: Any = outcome.detail["quarantine"]
    still_open: list[tuple[str, str]] = []
    for table in batch.contract.tables:
        reasons = quarantined.get(table.key, {})
        account = account_of(batch, table, verdict, {rule: found["rows"] for rule, found in reasons.items()})
        ledger().record_account(account)
        ledger().record_quarantine(batch.id, table.key, _reasons(table, account, reasons))
        for rule_id, found in reasons.items():
            _open_for_rule(batch, table, rule_id, found["rows"])
            still_open.append((table.key, rule_id))
    _close_causes(batch, still_open)
    ledger().set_status(batch.id, "done", verdict)
    _clear_staging(batch)


def hold(batch: Batch, verdict: GateVerdict) -> None:
    """Keep the whole delivery out of silver: every row counts as quarantined, and its department hears why."""
    causes = [result for result in verdict.failures if result.severity == "hold"] or list(verdict.failures)
    for table in batch.contract.tables:
        landed = landing.load_manifest(batch).tables[table.key]
        bronze = lake.rows(lake.table_path("bronze", table), ("_batch_id", batch.id))
        ledger().record_account(
            Account(
                *(batch.id, table.key, landed.rows, bronze),
                quarantined=bronze,
                verdict="hold",
                reasons={"held": bronze},
                erased=landed.erased,
            )
        )
        ledger().record_quarantine(batch.id, table.key, [_held_reason(causes, table, bronze)])
    for cause in causes:
        _open(batch, cause.table, cause.rule, "hold", cause.message_en, cause.message_zh, _failing(cause))
    _close_causes(batch, [(cause.table, cause.rule) for cause in causes])
    ledger().set_status(
        batch.id, "held", "hold", _joined(c.message_en for c in causes), _joined(c.message_zh for c in causes)
    )
    _clear_staging(batch)


def unreadable(batch: Batch, reason: Mapping[str, str]) -> None:
    """A delivery that cannot be read is held as bytes; no row of it is counted."""
    _open(batch, "", "unreadable", "hold", reason["message_en"], reason["message_zh"], None)
    ledger().set_status(batch.id, "unreadable", "hold", reason["message_en"], reason["message_zh"])


def unreachable(contract: Contract, error: GovlakeError) -> None:
    """The department's system cannot be reached, or refuses us: one incident, however many deliveries wait for it."""
    ledger().open_incident(
        department=contract.department,
        contract_id=contract.id,
        rule=UNREACHABLE,
        severity="hold",
        title_en=f"{contract.title_en} cannot be fetched: {error.message}",
        title_zh=f"无法从{contract.department_zh}的系统取得{contract.title_zh},请检查系统是否运行、网络与账号是否正常",
        detail={"problem": error.message, "remedy": error.remedy},
    )


def reached(contract: Contract) -> None:
    """The system answers again."""
    ledger().close_incidents(contract.id, None, rules=[UNREACHABLE])


def _clear_staging(batch: Batch) -> None:
    """The last act: a run that was killed before it needs what is staged, and a finished one does not."""
    for table in batch.contract.tables:
        lake.remove(lake.table_path("staging", table, batch.id))


def account_of(batch: Batch, table: Table, verdict: str, reasons: dict[str, int]) -> Account:
    """The table's row account, from what the lake holds."""
    landed = landing.load_manifest(batch).tables[table.key]
    outcomes = lake.counts(lake.table_path("staging", table, batch.id), "_outcome")
    return Account(
        batch_id=batch.id,
        dataset=table.key,
        landed=landed.rows,
        erased=landed.erased,
        bronze=lake.rows(lake.table_path("bronze", table), ("_batch_id", batch.id)),
        verdict=verdict,
        reasons=reasons,
        **outcomes,
    )


def _reasons(table: Table, account: Account, found: Mapping[str, Mapping[str, Any]]) -> list[QuarantineReason]:
    rules = {rule.id: rule for rule in table.rules}
    return [
        QuarantineReason(
            rule=rule_id,
            rows=entry["rows"],
            share=entry["rows"] / account.bronze if account.bronze else None,
            message_en=rules[rule_id].message_en,
            message_zh=rules[rule_id].message_zh,
            owner=rules[rule_id].owner,
            sample_rows=entry["sample"],
        )
        for rule_id, entry in found.items()
    ]


def _held_reason(causes: list[GateResult], table: Table, rows: int) -> QuarantineReason:
    own = [cause for cause in causes if cause.table == table.key] or causes
    return QuarantineReason(
        rule="held",
        rows=rows,
        share=1.0,
        message_en="The delivery is held as a whole: " + _joined(cause.message_en for cause in own),
        message_zh="整批数据暂缓入库:" + _joined(cause.message_zh for cause in own),
    )


def _open_for_rule(batch: Batch, table: Table, rule_id: str, rows: int) -> None:
    rule = next(rule for rule in table.rules if rule.id == rule_id)
    _open(batch, table.key, rule_id, rule.severity, rule.message_en, rule.message_zh, rows)


def _open(batch: Batch, dataset: str, rule: str, severity: str, title_en: str, title_zh: str, rows: int | None) -> None:
    ledger().open_incident(
        department=batch.contract.department,
        contract_id=batch.contract.id,
        dataset=dataset,
        logical_date=batch.logical_date,
        batch_id=batch.id,
        rule=rule,
        severity=severity,
        title_en=title_en,
        title_zh=title_zh,
        rows=rows,
    )


def _close_causes(batch: Batch, still_open: list[tuple[str, str]]) -> None:
    """Close what this delivery no longer shows; a newer snapshot also answers for the older ones."""
    contract = batch.contract
    for day in _answered_days(batch, contract):
        keep = still_open if day == batch.logical_date else []
        ledger().close_incidents(contract.id, day, keep=keep, by_batch=batch.id)


def _answered_days(batch: Batch, contract: Contract) -> list[Any]:
    if contract.mode != "snapshot":
        return [batch.logical_date]
    known = {row["logical_date"] for row in ledger().deliveries_of(contract.id)}
    return sorted(day for day in known | {batch.logical_date} if day <= batch.logical_date)


def _failing(result: GateResult) -> int | None:
    if result.a is None or result.b is None:
        return None
    return int(result.b - result.a if result.direction == "up" else result.a)


def _joined(messages: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(messages))
    more = f" (+{len(distinct) - CAUSES})" if len(distinct) > CAUSES else ""
    return "; ".join(distinct[:CAUSES]) + more
