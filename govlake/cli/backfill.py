"""`govlake backfill`: restate a range of deliveries, compare, then swap."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from govlake.cli.output import AsJson, Column, print_json, print_table
from govlake.cli.run import PackFolder, open_pack, progress

if TYPE_CHECKING:
    from govlake.ledger import Row

Number = Annotated[int, typer.Argument(help="Its number, from `govlake backfill list`.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y%m%d"], help="Logical date, as 2026-09-01.")]
COLUMNS = [
    Column("no.", "backfill_id", right=True),
    Column("dataset", "contract_id"),
    Column("from", "from_date"),
    Column("to", "to_date"),
    Column("state", "state"),
    Column("why", "reason"),
    Column("declared", "declared_at"),
]
COMPARISON = [
    Column("table", "table"),
    *(Column(name, name, right=True) for name in ("before", "after", "added", "removed", "changed")),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    backfill = typer.Typer(help="Restate a range of deliveries: build beside, compare, swap.")
    backfill.callback(invoke_without_command=True)(declare)
    backfill.command("list")(list_all)
    backfill.command("show")(show)
    backfill.command("build")(build_again)
    backfill.command("swap")(swap)
    backfill.command("abandon")(abandon)
    app.add_typer(backfill, name="backfill")


def declare(
    ctx: typer.Context,
    dataset: Annotated[str | None, typer.Option(help="The dataset.")] = None,
    start: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d", "%Y%m%d"])] = None,
    end: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d", "%Y%m%d"])] = None,
    reason: Annotated[str | None, typer.Option(help="Why, in a sentence; it is kept as evidence.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Swap at once where every gate lets it pass.")] = False,
    pack: PackFolder = None,
    as_json: AsJson = False,
) -> None:
    """Declare and build a backfill: kept deliveries from --from to --to are judged again under today's contract.

    It is built beside what is there and compared with it. Nothing changes before `govlake backfill swap`, or --yes.
    """
    if ctx.invoked_subcommand:
        return
    if not (dataset and start and end and reason):
        raise typer.BadParameter("give --dataset, --from, --to and --reason, or a sub-command; see --help")
    from govlake.cli.operator import operator
    from govlake.ledger import ledger
    from govlake.maintenance import backfill

    chosen = open_pack(pack)
    ledger().migrate()
    contract = chosen.find(dataset)
    number = ledger().declare_backfill(contract.id, start.date(), end.date(), reason, operator())["backfill_id"]
    with progress() as say:
        row = backfill.build(number, chosen, operator(), say)
        if yes and row["state"] == "built":
            row = backfill.swap(number, chosen, operator(), say)
    _tell(row, as_json)


def build_again(number: Number, pack: PackFolder = None, as_json: AsJson = False) -> None:
    """Build it once more, where it was cut off or silver or the contract has changed since."""
    from govlake.cli.operator import operator
    from govlake.maintenance import backfill

    chosen = open_pack(pack)
    with progress() as say:
        row = backfill.build(number, chosen, operator(), say)
    _tell(row, as_json)


def list_all(as_json: AsJson = False) -> None:
    """Every backfill, newest first."""
    from govlake.ledger import ledger

    rows = ledger().backfills()
    print_json(rows) if as_json else print_table(COLUMNS, rows, "No backfill was ever declared.")


def show(number: Number, as_json: AsJson = False) -> None:
    """One backfill and what it changes."""
    from govlake.ledger import ledger

    _tell(ledger().backfill(number), as_json)


def swap(
    number: Number,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    pack: PackFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put what was built in place of what is there. `govlake run` then builds the marts and publishes."""
    from govlake.cli.operator import operator
    from govlake.ledger import ledger
    from govlake.maintenance import backfill

    chosen = open_pack(pack)
    if not yes:
        _print(ledger().backfill(number))
        typer.confirm(f"Swap backfill {number} in?", abort=True, err=True)
    with progress() as say:
        row = backfill.swap(number, chosen, operator(), say)
    _tell(row, as_json)


def abandon(number: Number, as_json: AsJson = False) -> None:
    """End it without a swap; what was built is deleted."""
    from govlake.cli.operator import operator
    from govlake.maintenance import backfill

    _tell(backfill.abandon(number, operator()), as_json)


def _tell(row: "Row", as_json: bool) -> None:
    from govlake.cli.failures import HELD

    print_json(row) if as_json else _print(row)
    if row["state"] == "held":
        raise typer.Exit(HELD)


def _print(row: "Row") -> None:
    print_table(COLUMNS, [row], "")
    print_table(COMPARISON, row["comparison"], "It has not been built yet.")
    for key, version in row["kept"].items():
        print(f"Before: `govlake lake restore {key} --version {version}`.")
    print(NEXT.get(row["state"], "").format(number=row["backfill_id"]))


NEXT: dict[str, Any] = {
    "declared": "Next: govlake backfill build {number}",
    "built": "Nothing has changed yet. Next: govlake backfill swap {number}, or govlake backfill abandon {number}",
    "held": "A gate holds it. Correct the contract and run govlake backfill build {number}, or abandon it.",
    "swapping": "It was cut off. Next: govlake backfill swap {number}",
    "swapped": "Done. Next: govlake run",
}
