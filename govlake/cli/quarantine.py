"""`govlake quarantine`: rows that were kept out, why, as they were delivered, and judging them again."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from govlake.cli.output import AsJson, Column, both, print_json, print_table, shown
from govlake.cli.run import PackFolder, open_pack, progress

if TYPE_CHECKING:
    from govlake.batch import Outcome
    from govlake.contracts import Contract

Dataset = Annotated[str, typer.Argument(help="Dataset or table.")]
Batch = Annotated[str | None, typer.Option("--batch", help="Only this delivery, by its batch id.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    quarantine = typer.Typer(help="Rows that were kept out: causes, rows, replay.", no_args_is_help=True)
    quarantine.command("list")(list_causes)
    quarantine.command("show")(show_rows)
    quarantine.command("replay")(replay)
    app.add_typer(quarantine, name="quarantine")


def list_causes(
    dataset: Annotated[str | None, typer.Option(help="Only this dataset.")] = None,
    batch: Batch = None,
    as_json: AsJson = False,
) -> None:
    """Causes by dataset, delivery and rule, newest delivery first. A row may count under several rules."""
    from govlake.ledger import ledger

    keys = ledger().datasets_called(dataset) if dataset else None
    rows = [row for row in ledger().quarantine(batch_id=batch) if keys is None or row["dataset"] in keys]
    if as_json:
        return print_json(rows)
    columns = [
        Column("dataset", "dataset"),
        Column("batch", "batch_id"),
        Column("rule", "rule"),
        Column("rows", "rows", right=True),
        Column("share", lambda row: _percent(row["share"]), right=True),
        Column("why", lambda row: both(row["message_zh"], row["message_en"])),
    ]
    print_table(columns, rows, "Nothing is in quarantine.")


def show_rows(
    dataset: Dataset,
    batch: Batch = None,
    rule: Annotated[str | None, typer.Option(help="Only rows with this reason.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many rows at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Rows as delivered, with every reason why they were kept out."""
    from govlake.quarantine import rows_as_delivered

    rows = rows_as_delivered(dataset, batch, rule, limit)
    if as_json:
        return print_json(rows)
    for row in rows:
        _print_row(row)
    if not rows:
        print("Nothing is in quarantine here.")
    elif len(rows) == limit:
        print(f"Shown are {limit}; there may be more, see --limit.")


def replay(
    dataset: Dataset,
    batch: Batch = None,
    pack: PackFolder = None,
    as_json: AsJson = False,
) -> None:
    """Judge quarantined deliveries again under today's contract; what is good now reaches silver.

    Without --batch, every delivery of the dataset that has rows in quarantine.
    """
    from govlake import pipeline

    contract = open_pack(pack).find(dataset)
    done = []
    with progress() as say:
        for day in _days(contract, batch):
            done.append(_row(contract, day, pipeline.replay(contract, day, say)))
    if as_json:
        print_json(done)
    else:
        print_table(
            [Column("date", "date"), Column("status", "status"), Column("what happened", "line")],
            done,
            "Nothing to replay.",
        )
    if any(row["status"] == "held" for row in done):
        raise typer.Exit(3)


def _days(contract: "Contract", batch: str | None) -> list[date]:
    """Logical dates with something in quarantine, oldest first."""
    from govlake.ledger import ledger

    found = {row["logical_date"] for row in ledger().quarantine(batch_id=batch) if row["contract_id"] == contract.id}
    return sorted(found)


def _row(contract: "Contract", day: date, outcome: "Outcome") -> dict[str, Any]:
    return {"dataset": contract.id, "date": day, "status": outcome.status, "line": outcome.line}


def _percent(share: float | None) -> str | None:
    return None if share is None else "<0.1%" if 0 < share < 0.001 else f"{share:.1%}"


def _print_row(row: Mapping[str, Any]) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{shown(row['source_file'])}, row {row['row_number']}[/bold] ({shown(row['batch_id'])})")
    for reason in row["reasons"]:
        message = both(reason["message_zh"], reason["message_en"])
        console.print(f"  [red]{shown(reason['rule'])}[/red] {shown(message)}")
    for name, value in row["row"].items():
        if value is not None:
            console.print(f"    {shown(name)}: {shown(value)}")
