"""`govlake accounts` and `govlake incidents`."""

from typing import Annotated

import typer

from govlake.cli.output import AsJson, Column, both, print_json, print_table

ACCOUNT_KEYS = (
    *("batch_id", "dataset", "landed", "bronze", "silver_new", "silver_updated", "unchanged", "duplicate"),
    *("superseded", "quarantined", "closes", "verdict"),
)


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command()(accounts)
    incidents_app = typer.Typer(help="What departments have to put right.", no_args_is_help=True)
    incidents_app.command("list")(list_incidents)
    app.add_typer(incidents_app, name="incidents")


def accounts(
    dataset: Annotated[str | None, typer.Option(help="Only this dataset (its name or its table's).")] = None,
    batch: Annotated[str | None, typer.Option(help="Only this delivery, by its batch id.")] = None,
    as_json: AsJson = False,
) -> None:
    """What became of every row: landed = bronze = new + updated + unchanged + duplicate + superseded + quarantined."""
    from govlake.ledger import ledger

    keys = ledger().datasets_called(dataset) if dataset else None
    rows = [
        {key: row[key] for key in ACCOUNT_KEYS}
        for row in ledger().accounts(batch_id=batch)
        if keys is None or row["dataset"] in keys
    ]
    if as_json:
        return print_json(rows)
    numbers = [Column(key.replace("silver_", ""), key, right=True) for key in ACCOUNT_KEYS[2:-2]]
    columns = [Column("batch", "batch_id"), Column("dataset", "dataset"), *numbers]
    print_table([*columns, Column("closes", "closes"), Column("verdict", "verdict")], rows, "No delivery yet.")


def list_incidents(
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Open incidents, oldest first: who has to put right what, and how many rows it concerns."""
    from govlake.ledger import ledger

    rows = ledger().incidents(None if every else "open")
    if as_json:
        return print_json(rows)
    columns = [
        Column("no.", "incident_id", right=True),
        Column("department", lambda row: both(row["department_zh"], row["department_en"])),
        Column("dataset", lambda row: both(row["dataset_zh"], row["dataset_en"])),
        Column("date", "logical_date"),
        Column("what", lambda row: both(row["title_zh"], row["title_en"])),
        Column("rows", "rows", right=True),
        Column("state", lambda row: row["state"] + (f", reopened {row['reopened']}x" if row["reopened"] else "")),
    ]
    print_table(columns, rows, "No incident." if every else "No open incident.")
