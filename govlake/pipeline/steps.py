"""Single steps, each repeatable: the same functions behind an Airflow task and behind `govlake run`.

The control plane does not import the rooms above it. It finds their steps by name, among the entry points of the
installed project.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from govlake import content, engine, lake, landing
from govlake.batch import Batch, GateVerdict, Outcome
from govlake.connectors.draft import settle as settle_draft
from govlake.contracts.model import Contract
from govlake.errors import ConnectorError, DeliveryError, SettingsError
from govlake.ledger import ledger
from govlake.pipeline import settle

INGEST = ("land", "bronze", "gate_1", "conform", "gate_2", "silver")
GATES = ("gate_1", "gate_2")
STATUS_AFTER = {"bronze": "bronze", "gate_1": "gated", "gate_2": "staged"}


@cache
def room_step(name: str) -> Callable[..., Any]:
    """The function that a room offers under `name`."""
    found = [entry for entry in entry_points(group="govlake.steps") if entry.name == name]
    if not found:
        raise SettingsError(f"The step {name} is not installed.", "Run `make setup`.")
    return found[0].load()


def current_batch(contract: Contract, day: date) -> Batch | None:
    """The newest revision that was delivered for the day."""
    known = ledger().batches(contract.id, day)
    return Batch(contract, day, known[-1]["revision"]) if known else None


def ingest_step(
    name: str, contract: Contract, day: date, *, force: bool = False, files: list[Path] | None = None
) -> Outcome:
    """Run one step for the delivery of `day`; a held or missing delivery passes through unchanged.

    Two runs on deliveries of one contract take turns. A step that has nothing to do says so with status `nothing_new`.
    """
    with ledger().lock(contract.id):
        if name == "land":
            return land(contract, day, force=force, files=files)
        batch = current_batch(contract, day)
        if batch is None:
            return Outcome("missing", f"{name} {contract.id}-{day:%Y%m%d}: nothing was delivered")
        state = (ledger().batch(batch.id) or {})["status"]
        if state in ("held", "unreadable"):
            return Outcome("held", f"{name} {batch.id}: the delivery is held", verdict="hold")
        if state == "done":
            return Outcome("nothing_new", f"{name} {batch.id}: done before, nothing new")
        return _advance(name, batch)


def _advance(name: str, batch: Batch) -> Outcome:
    if name == "silver" and not _is_current(batch):
        for again in ("conform", "gate_2"):
            outcome = _advance(again, batch)
            if outcome.status == "held":
                return outcome
    with engine.work():
        told = [ledger().record_restatement] if name == "silver" else []
        outcome: Outcome = room_step(name)(batch, *told)
    if name in GATES:
        verdict = outcome.detail["verdict"]
        assert isinstance(verdict, GateVerdict)
        if verdict.verdict == "hold":
            settle.hold(batch, verdict)
            return Outcome("held", outcome.line, verdict="hold", detail=outcome.detail)
    if name == "conform":
        ledger().set_cursor(f"staged.{batch.contract.id}", _staged(batch))
    if name == "silver":
        settle.finish(batch, outcome)
    elif name in STATUS_AFTER:
        ledger().set_status(batch.id, STATUS_AFTER[name])
    return outcome


def _kept(contract: Contract, day: date) -> dict[str, Any] | None:
    """The newest delivery of the day where it is to be judged again from the bytes kept."""
    known = ledger().batches(contract.id, day)
    return known[-1] if known and known[-1]["replay"] else None


def _is_current(batch: Batch) -> bool:
    """Whether silver is as it was when the batch was compared with it: another day may have come in between."""
    return ledger().cursor(f"staged.{batch.contract.id}") == _staged(batch)


def _staged(batch: Batch) -> dict[str, object]:
    silver = {table.key: content.version(lake.table_path("silver", table)) for table in batch.contract.tables}
    return {"batch": batch.id, "silver": silver}


def land(contract: Contract, day: date, *, force: bool = False, files: list[Path] | None = None) -> Outcome:
    """Fetch the day's delivery byte for byte; identical bytes under the same contract are nothing new."""
    found = files if files is not None else _find(contract, day)
    kept = _kept(contract, day)
    if kept and files is None and (not found or landing.signature(found) == kept["detail"].get("files")):
        found, force = landing.landed_files(Batch(contract, day, kept["revision"])), True
    if not found:
        return Outcome("missing", f"land {contract.id}-{day:%Y%m%d}: no file found")
    outcome, batch = _land(contract, day, found, force)
    if files is None:
        settle_draft(contract, day, batch.id)
    return outcome


def _find(contract: Contract, day: date) -> list[Path]:
    """The delivery at its source. That it cannot be asked is an incident, until it can."""
    try:
        found = landing.find(contract, day)
    except (ConnectorError, SettingsError) as error:
        settle.unreachable(contract, error)
        raise
    settle.reached(contract)
    return found


def _land(contract: Contract, day: date, found: list[Path], force: bool) -> tuple[Outcome, Batch]:
    known = {row["sha256"]: row for row in ledger().batches(contract.id, day)}
    newest = max((int(row["revision"]) for row in known.values()), default=0)

    def revision(sha256: str) -> int:
        if sha256 in known:
            return int(known[sha256]["revision"])
        if ledger().is_erased(sha256):
            raise DeliveryError(
                f"Rows of this delivery of {contract.id} were erased; it is not taken again.",
                "Ask the department for a delivery without them.",
                "该批数据中有记录已依法删除，不再接收。",
                "请报送部门重新提供不含这些记录的数据。",
            )
        # A run that was killed may have landed a delivery that the ledger never heard of.
        return landing.free_revision(contract, day, sha256, start=newest + 1)

    own = Batch(contract, day, newest) if newest else None
    if own and landing.is_landed(own, found):
        landed = landing.again(own)
    else:
        landed = landing.land(contract, day, files=found, revision_for=revision)
    batch, manifest = landed.batch, landed.manifest
    row = known.get(manifest.sha256)
    if row and int(row["revision"]) < newest:
        return Outcome(
            "nothing_new", f"land {batch.id}: a corrected delivery, revision {newest}, took its place"
        ), batch
    if row and not force and row["fingerprint"] == contract.fingerprint and row["status"] in settle.FINISHED:
        status = "nothing_new" if row["status"] == "done" else "held"
        line = f"land {batch.id}: these bytes were delivered before, {row['status']}"
        return Outcome(status, line, row["verdict"]), batch
    ledger().start_batch(
        batch,
        sha256=manifest.sha256,
        bytes=manifest.bytes,
        source=manifest.source,
        landed_rows={key: table.rows for key, table in manifest.tables.items()},
        fetched_at=datetime.fromisoformat(manifest.fetched_at),
        detail=row["detail"] if row and landing.is_landed(batch, found) else {"files": landing.signature(found)},
    )
    if manifest.unreadable:
        settle.unreadable(batch, manifest.unreadable)
        return Outcome("held", f"land {batch.id}: {manifest.unreadable['message_en']}", verdict="hold"), batch
    rows = sum(table.rows for table in manifest.tables.values())
    line = f"land {batch.id}: {rows:,} rows, {manifest.bytes:,} bytes"
    return Outcome("done", line, detail={"rows": rows}), batch
