"""A day's batch without a scheduler: every due delivery through the steps, then marts and the edition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from govlake import landing, lease
from govlake.batch import Batch, Outcome
from govlake.connectors import connector_of
from govlake.contracts import Contract, Pack
from govlake.errors import GovlakeError
from govlake.ledger import ledger
from govlake.pipeline import publish
from govlake.pipeline.steps import INGEST, current_batch, ingest_step

Progress = Callable[[str], None]


@dataclass
class RunReport:
    """What a run did. `rows` has one entry per delivery: batch_id, dataset, status, verdict, line."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    edition: int | None = None
    published: bool = False
    marts: Outcome | None = None

    @property
    def held(self) -> bool:
        marts_held = self.marts is not None and self.marts.status == "held"
        return marts_held or any(row["status"] in ("held", "error") for row in self.rows)

    @property
    def failed(self) -> bool:
        return any(row["status"] == "error" for row in self.rows)


def run(
    pack: Pack,
    day: date | None = None,
    department: str | None = None,
    dataset: str | None = None,
    force: bool = False,
    progress: Progress = print,
    until: date = date.max,
) -> RunReport:
    """Take every pending delivery up to `until` (or those of `day`) to silver, build the marts, publish what changed.

    One delivery that fails does not stop the others; its sentence is in the report.
    """
    lease.hold(report=progress)
    ledger().migrate()
    ledger().register_pack(pack)
    report = RunReport()
    for contract, when in deliveries(pack, day, department, dataset, until):
        outcome = ingest(contract, when, force=force, progress=progress)
        report.rows.append(_row(contract, when, outcome))
    publication = publish.marts_and_edition([pack.path], force, progress)
    report.edition, report.published = publication.edition, publication.new
    report.marts = publication.outcome
    return report


def deliveries(
    pack: Pack, day: date | None, department: str | None, dataset: str | None, until: date = date.max
) -> list[tuple[Contract, date]]:
    """Which deliveries to take, oldest first, so that later ones meet what earlier ones brought."""
    contracts = [pack.find(dataset)] if dataset else list(pack.contracts)
    if department:
        contracts = [contract for contract in contracts if contract.department == department]
        if not contracts:
            known = ", ".join(sorted({contract.department for contract in pack.contracts}))
            raise GovlakeError(f"No department is called {department}.", f"Known are: {known}.")
    if day is not None:
        return [(contract, day) for contract in contracts]
    return sorted(((c, when) for c in contracts for when in pending(c, until)), key=lambda item: (item[1], item[0].id))


def pending(contract: Contract, until: date = date.max) -> list[date]:
    """The logical dates with a delivery that is new, changed, unfinished, under another contract version, or to be
    judged again from the bytes kept."""
    known: dict[date, dict[str, Any]] = {}
    for row in ledger().deliveries_of(contract.id):
        known[row["logical_date"]] = row
    again = {day for day, row in known.items() if row["replay"] and day <= until}
    seen = connector_of(contract.source).seen(contract, until)
    return sorted(again | {day for day in seen if _is_pending(contract, known.get(day), seen[day])})


def _is_pending(contract: Contract, row: dict[str, Any] | None, seen: list[Any] | None) -> bool:
    """`seen` is what the source shows of the delivery without fetching it; None where only a fetch would tell."""
    if row is None or row["finished_at"] is None or row["fingerprint"] != contract.fingerprint:
        return True
    return seen is not None and row["files"] != seen


def ingest(
    contract: Contract,
    day: date,
    *,
    force: bool = False,
    files: list[Path] | None = None,
    progress: Progress = print,
) -> Outcome:
    """One delivery through every step; stops where it is held, missing or nothing new."""
    lease.hold(report=progress)
    outcome = Outcome("missing", "")
    for name in INGEST:
        try:
            outcome = ingest_step(name, contract, day, force=force, files=files)
        except GovlakeError as error:
            progress(f"{name} {contract.id}-{day:%Y%m%d}: {error}")
            return Outcome("held", str(error), detail={"error": str(error)})
        progress(outcome.line)
        if outcome.status != "done":
            break
    return outcome


def land_file(file: Path, contract: Contract, day: date, progress: Progress = print) -> Outcome:
    """A delivery by hand: the given file instead of the one the contract would fetch, through every step."""
    ledger().migrate()
    return ingest(contract, day, files=[file], progress=progress)


def replay(contract: Contract, day: date, progress: Progress = print) -> Outcome:
    """Judge a delivery again under today's contract, from the bytes kept: what is good now reaches silver."""
    batch = current_batch(contract, day)
    if batch is None:
        raise GovlakeError(f"Nothing was delivered for {contract.id} on {day}.", "See `govlake accounts`.")
    return ingest(contract, day, force=True, files=landing.landed_files(batch), progress=progress)


def _row(contract: Contract, day: date, outcome: Outcome) -> dict[str, Any]:
    batch = current_batch(contract, day) or Batch(contract, day)
    status = "error" if "error" in outcome.detail else outcome.status
    return {
        "batch_id": batch.id,
        "dataset": contract.id,
        "date": day.isoformat(),
        "status": status,
        "verdict": outcome.verdict or "",
        "line": outcome.line,
    }
