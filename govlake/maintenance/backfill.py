"""Restate a range of deliveries in stages: declare, build beside, compare, swap. Nothing shown changes before the swap.

Built beside means: silver is copied below staging, and the kept bytes of each delivery go the whole way again under
today's contract, gates included, into that copy. The swap is one commit per table; the version before it stays
restorable and is named in the ledger. Stopped at any stage, a backfill is resumed by the same command, or abandoned.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from govlake import content, engine, lake, landing
from govlake.batch import Batch, GateResult, GateVerdict, Outcome, Restated, Restatement
from govlake.contracts import Contract, Pack
from govlake.errors import LakeError
from govlake.ledger import Row, ledger
from govlake.maintenance.compare import compare
from govlake.maintenance.exchange import clone, take_over
from govlake.maintenance.orphans import BACKFILLS
from govlake.pipeline import settle
from govlake.pipeline.steps import GATES, room_step
from govlake.store import store
from govlake.versions import LAYER, WITH_SILVER

Progress = Callable[[str], None]
STEPS = ("bronze", "gate_1", "conform", "gate_2", "silver")
TAG = "govlake.backfill"  # what the swap's commit says of itself


def build(number: int, pack: Pack, who: str, progress: Progress = print) -> Row:
    """Build and compare; afterwards the backfill is `built`, or `held` where a gate holds one of its deliveries."""
    row = ledger().backfill(number)
    if row["state"] not in ("declared", "built", "held"):
        raise LakeError(f"Backfill {number} is {row['state']}.", "Declare another one with `govlake backfill`.")
    contract = pack.find(row["contract_id"])
    deliveries = batches(row, contract)
    if not deliveries:
        raise LakeError(
            f"No delivery of {contract.id} from {row['from_date']} to {row['to_date']} is kept in landing.",
            f"See `govlake accounts --dataset {contract.id}`; end this one with `govlake backfill abandon {number}`.",
        )
    store().clear(f"{folder(number)}/")
    base = _versions(contract)
    with engine.work(), beside(number, contract):
        _copy_silver(contract)
        built = [_judge(batch, progress) for batch in deliveries]
    held = [entry["batch"] for entry in built if entry["held"]]
    store().create(f"{folder(number)}/built.json", json.dumps(built, default=str, ensure_ascii=False).encode())
    comparison = [compare(table, _shadow(number, contract, "silver", table)) for table in contract.tables]
    for entry in comparison:
        progress(
            f"{entry['table']}: {entry['added']:,} added, {entry['removed']:,} removed, {entry['changed']:,} changed"
        )
    state = "held" if held else "built"
    values = {"base": base, "comparison": comparison, "fingerprint": contract.fingerprint}
    return ledger().change_backfill(number, who, state, state=state, **values)


def swap(number: int, pack: Pack, who: str, progress: Progress = print) -> Row:
    """Put what was built in place of what is there: one commit per table, then the accounts of every delivery."""
    row = ledger().backfill(number)
    contract = pack.find(row["contract_id"])
    with ledger().lock(contract.id):
        row = ledger().backfill(number)
        if row["state"] == "built":
            _refuse_stale(row, contract)
            kept = {f"silver.{t.key}": lake.version(lake.table_path("silver", t)) for t in contract.tables}
            kept = {key: version for key, version in kept.items() if version >= 0}
            row = ledger().change_backfill(number, who, "swap begun", state="swapping", kept=kept)
        if row["state"] != "swapping":
            raise LakeError(f"Backfill {number} is {row['state']}; only a built one can be swapped.", "Build it first.")
        found = store().read(f"{folder(number)}/built.json")
        assert found is not None
        built = {entry["batch"]: entry for entry in json.loads(found[0])}
        for entry in row["comparison"]:
            _swap_table(number, contract, entry, sorted(built))
            progress(f"{entry['table']}: swapped")
        for batch in batches(row, contract):
            if batch.id in built:
                _close(number, batch, built[batch.id])
        row = ledger().change_backfill(number, who, "swapped", state="swapped")
    store().clear(f"{folder(number)}/")
    return row


def abandon(number: int, who: str) -> Row:
    """End a backfill that was not swapped; what it built is deleted."""
    row = ledger().backfill(number)
    if row["state"] in ("swapping", "swapped"):
        raise LakeError(
            f"Backfill {number} is {row['state']} and cannot be abandoned.",
            "Finish it with `govlake backfill swap`, then go back with `govlake lake restore`.",
        )
    row = ledger().change_backfill(number, who, "abandoned", state="abandoned")
    store().clear(f"{folder(number)}/")
    return row


def batches(row: Row, contract: Contract) -> list[Batch]:
    """The newest readable delivery of each date in the range, oldest first."""
    newest = {entry["logical_date"]: entry for entry in ledger().batches(contract.id)}
    chosen = [entry for day, entry in sorted(newest.items()) if row["from_date"] <= day <= row["to_date"]]
    found = [Batch(contract, entry["logical_date"], int(entry["revision"])) for entry in chosen]
    return [batch for batch in found if landing.is_kept(batch) and not landing.again(batch).manifest.unreadable]


def folder(number: int) -> str:
    """Where the backfill builds, in the store."""
    return f"{lake.ROOT}/staging/{BACKFILLS}/{number}"


@contextmanager
def beside(number: int, contract: Contract) -> Iterator[None]:
    """Meanwhile the contract's tables are those that the backfill builds."""
    with lake.beside(folder(number), contract.tables):
        yield


def _copy_silver(contract: Contract) -> None:
    """The copy that is worked on, with its history, starts as what is there."""
    for table in contract.tables:
        for layer in ("silver", LAYER):
            clone(lake.table_path(layer, table, live=True), lake.table_path(layer, table))


def _judge(batch: Batch, progress: Progress) -> dict[str, Any]:
    """Carry one delivery the whole way, beside; a gate that holds it ends it."""
    entry: dict[str, Any] = {"batch": batch.id, "held": False, "verdicts": [], "quarantine": {}, "restated": []}
    for name in STEPS:
        told = [lambda found: entry["restated"].append(asdict(found))] if name == "silver" else []
        outcome: Outcome = room_step(name)(batch, *told)
        progress(outcome.line)
        if name in GATES:
            verdict: Any = outcome.detail["verdict"]
            entry["verdicts"].append(asdict(verdict))
            if verdict.verdict == "hold":
                return entry | {"held": True}
        if name == "silver":
            entry["quarantine"] = outcome.detail["quarantine"]
    return entry


def _versions(contract: Contract) -> dict[str, int]:
    """What the tables and their histories hold, by name."""
    places = {f"{table.key}{suffix}": (layer, table) for table in contract.tables for layer, suffix in WITH_SILVER}
    return {key: content.version(lake.table_path(layer, table)) for key, (layer, table) in places.items()}


def _refuse_stale(row: Row, contract: Contract) -> None:
    now = _versions(contract)
    if now != row["base"] or contract.fingerprint != row["fingerprint"]:
        what = "the contract" if now == row["base"] else "silver"
        raise LakeError(
            f"Since backfill {row['backfill_id']} was built, {what} has changed.",
            f"Build it again: `govlake backfill build {row['backfill_id']}`.",
        )


def _swap_table(number: int, contract: Contract, entry: dict[str, Any], batch_ids: list[str]) -> None:
    table = contract.table(entry["table"])
    changes = entry["added"] + entry["removed"] + entry["changed"]
    for layer, predicate in (("bronze", batch_ids), ("quarantine", batch_ids), (LAYER, None), ("silver", None)):
        if layer == "silver" and not changes:
            continue
        with lake.beside(folder(number), contract.tables):
            shadow = lake.table_path(layer, table)
        take_over(lake.table_path(layer, table), shadow, {TAG: str(number)}, predicate)


def _close(number: int, batch: Batch, entry: dict[str, Any]) -> None:
    """The next attempt of a delivery in the ledger, with what was judged beside. Skipped where that was done before."""
    known = ledger().batch(batch.id) or {}
    if known["status"] == "done" and known["detail"].get("backfill") == number:
        return
    manifest = landing.load_manifest(batch)
    ledger().start_batch(
        batch,
        sha256=manifest.sha256,
        bytes=manifest.bytes,
        source=manifest.source,
        landed_rows={key: table.rows for key, table in manifest.tables.items()},
        fetched_at=known["fetched_at"],
        detail={**known["detail"], "backfill": number},
    )
    for verdict in entry["verdicts"]:
        results = tuple(GateResult(**result) for result in verdict["results"])
        ledger().record_gate(batch.id, GateVerdict(**{**verdict, "results": results}))
    kept = ledger().backfill(number)["kept"]
    for found in entry.get("restated", []):
        samples = tuple(Restated(**cell) for cell in found["samples"])
        version = {"silver_version": kept.get(f"silver.{found['dataset']}", -1)}
        ledger().record_restatement(Restatement(**{**found, "samples": samples, **version}))
    with beside(number, batch.contract):
        settle.finish(batch, Outcome("done", "", detail={"quarantine": entry["quarantine"]}))


def _shadow(number: int, contract: Contract, layer: str, table: Any) -> str:
    with beside(number, contract):
        return lake.table_path(layer, table)
