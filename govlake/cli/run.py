"""`govlake run` and `govlake land`: a day's work without a scheduler."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from govlake.cli.failures import HELD
from govlake.cli.output import AsJson, Column, print_json, print_table

if TYPE_CHECKING:
    from govlake.contracts import Contract, Pack

Day = Annotated[
    datetime | None, typer.Option("--date", formats=["%Y-%m-%d", "%Y%m%d"], help="Logical date, as 2026-09-01.")
]
PackFolder = Annotated[Path | None, typer.Option("--pack", help="Folder of contracts; default: the home's pack.")]
COLUMNS = [
    Column("batch", "batch_id"),
    Column("status", "status"),
    Column("verdict", "verdict"),
    Column("what happened", "line"),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("run")(run)
    app.command("land")(land)


def run(
    day: Day = None,
    department: Annotated[str | None, typer.Option(help="Only this department's deliveries.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Only this dataset.")] = None,
    pack: PackFolder = None,
    force: Annotated[bool, typer.Option("--force", help="Do it again even where nothing changed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take every new delivery through land, bronze, gates and silver; build the marts; publish if anything changed.

    Exits with 3 where a delivery is held, now or from before: leaders then keep the last good edition.
    """
    chosen = open_pack(pack)
    from govlake import pipeline

    with progress() as say:
        report = pipeline.run(chosen, as_day(day), department, dataset, force, say)
    held = report.held or still_held(chosen, department, dataset)
    if as_json:
        print_json({"edition": report.edition, "published": report.published, "held": held, "batches": report.rows})
    else:
        print_table(COLUMNS, report.rows, "Nothing new was delivered.")
        print(f"Edition {report.edition} is shown." if report.edition else "No edition is shown yet.")
    _exit(held=held, failed=report.failed)


def land(
    file: Annotated[Path, typer.Argument(help="The delivered file.", exists=True, dir_okay=False)],
    dataset: Annotated[str, typer.Option(help="The dataset it is a delivery of.")],
    day: Day = None,
    pack: PackFolder = None,
    as_json: AsJson = False,
) -> None:
    """Hand in one delivery yourself, up to silver. `govlake run` then publishes it.

    Without --date, the date in the file's name counts, else today. Other bytes for a date that was delivered before
    are its next revision. Exits with 3 where it is held.
    """
    contract = open_pack(pack).find(dataset)
    when = as_day(day) or date_of(file, contract)
    from govlake import pipeline

    with progress() as say:
        outcome = pipeline.land_file(file.resolve(), contract, when, say)
    row = {"dataset": contract.id, "date": when, "status": outcome.status, "verdict": outcome.verdict}
    failed = "error" in outcome.detail
    if as_json:
        print_json({**row, "line": outcome.line})
    else:
        print(outcome.line or f"{contract.id} {when}: {outcome.status}")
    _exit(held=outcome.status == "held", failed=failed)


def open_pack(folder: Path | None) -> "Pack":
    """The pack in `folder`, or the home's. What is asked for counts for this command's gates and pages too."""
    from govlake.contracts import load_pack
    from govlake.settings import settings

    if folder:
        settings().pack = folder.expanduser().resolve()
    return load_pack(settings().pack)


def as_day(value: datetime | None) -> date | None:
    """The date that was asked for."""
    return value.date() if value else None


def date_of(file: Path, contract: "Contract") -> date:
    """The date in the file's name as the contract writes it, else today's where the department is."""
    from zoneinfo import ZoneInfo

    from govlake.connectors.local import date_in_name

    return date_in_name(contract, file) or datetime.now(ZoneInfo(contract.timezone)).date()


def still_held(pack: "Pack", department: str | None, dataset: str | None) -> bool:
    """Whether the newest delivery of anything that was asked for is held."""
    from govlake.ledger import ledger

    chosen = [pack.find(dataset)] if dataset else pack.contracts
    asked = {contract.id for contract in chosen if department in (None, contract.department)}
    return any(row["contract_id"] in asked for row in ledger().held_datasets())


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Says on stderr what is going on: every line stays; on a terminal the running step has a spinner."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    if not console.is_terminal:
        yield lambda line: console.print(line)
        return
    with console.status("starting") as status:

        def say(line: str) -> None:
            console.print(line)
            status.update(line.partition(":")[0] + " done, next step runs")

        yield say


def _exit(*, held: bool, failed: bool) -> None:
    code: Any = 1 if failed else HELD if held else 0
    if code:
        raise typer.Exit(code)
