"""`govlake accounts` and `govlake incidents`."""

from typing import Annotated

import typer

from govlake.cli.output import AsJson, Column, both, print_json, print_table

ACCOUNT_KEYS = (
    *("batch_id", "dataset", "landed", "bronze", "silver_new", "silver_updated", "unchanged", "duplicate"),
    *("superseded", "quarantined", "closes", "verdict"),
)
ERASED = "erased"  # named only where it is not zero: a person's rows were erased from the delivery


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
    """What became of every row: landed = bronze = new + updated + unchanged + duplicate + superseded + quarantined.

    Where rows were erased at a person's request, `erased` says how many, and landed = bronze + erased.
    """
    from govlake.ledger import ledger

    keys = ledger().datasets_called(dataset) if dataset else None
    rows = [
        {key: row[key] for key in ACCOUNT_KEYS} | ({ERASED: row[ERASED]} if row[ERASED] else {})
        for row in ledger().accounts(batch_id=batch)
        if keys is None or row["dataset"] in keys
    ]
    if as_json:
        return print_json(rows)
    counts = [*ACCOUNT_KEYS[2:-2], *([ERASED] if any(ERASED in row for row in rows) else [])]
    numbers = [Column(key.replace("silver_", ""), key, right=True) for key in counts]
    columns = [Column("batch", "batch_id"), Column("dataset", "dataset"), *numbers]
    print_table([*columns, Column("closes", "closes"), Column("verdict", "verdict")], rows, "No delivery yet.")


def list_incidents(
    each: Annotated[bool, typer.Option("--each", help="One line per delivery instead of one per cause.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Closed ones too, one line per delivery.")] = False,
    as_json: AsJson = False,
) -> None:
    """Who has to put right what: one line per cause, whatever number of deliveries shows it."""
    from govlake.ledger import ledger

    single = each or every
    rows = ledger().incidents(None if every else "open") if single else ledger().tasks()
    if as_json:
        return print_json(rows)
    columns = [
        Column("department", lambda row: both(row["department_zh"], row["department_en"])),
        Column("dataset", lambda row: both(row["dataset_zh"], row["dataset_en"])),
        *(_of_one() if single else _of_a_cause()),
        Column("what", lambda row: both(row["title_zh"], row["title_en"])),
        Column("rows", "rows", right=True),
    ]
    print_table(columns, rows, "No incident." if every else "No open incident.")


def _of_one() -> list[Column]:
    return [
        Column("no.", "incident_id", right=True),
        Column("date", "logical_date"),
        Column("state", lambda row: row["state"] + (f", reopened {row['reopened']}x" if row["reopened"] else "")),
    ]


def _of_a_cause() -> list[Column]:
    return [
        Column("effect", "severity"),
        Column("deliveries", "deliveries", right=True),
        Column("dates", lambda row: _span(row["first_date"], row["last_date"])),
    ]


def _span(first: object, last: object) -> str:
    """One date or the first and the last of several."""
    return "" if first is None else f"{first}" if first == last else f"{first} to {last}"
