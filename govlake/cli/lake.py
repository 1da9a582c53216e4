"""`govlake lake`: what happened to a table, going back, and who writes."""

from pathlib import Path
from typing import Annotated

import typer

from govlake.cli.output import AsJson, Column, print_json, print_table

Table = Annotated[str, typer.Argument(help="For example transit.card_tap (silver), or gold.transit.kpi_ridership.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    lake = typer.Typer(help="Tables of the lake: their history, going back, and who writes.", no_args_is_help=True)
    lake.command("history")(history)
    lake.command("restore")(restore)
    lake.command("lease")(lease)
    lake.command("move")(move)
    app.add_typer(lake, name="lake")


def move(
    file: Annotated[Path, typer.Argument(help="Settings file with store and s3_..., see docs/stores.md.")],
    as_json: AsJson = False,
) -> None:
    """Move lake and landing, history included, from this home to the S3 server that a settings file names.

    Copies, reads every object back, then lets the home's own settings file say the same. The old copy stays untouched.
    May be stopped and run again at any time. Run `govlake down` first.
    """
    from dataclasses import asdict

    from govlake.cli.run import progress
    from govlake.errors import StackError
    from govlake.moving import move as move_lake
    from govlake.stack import supervisor

    if supervisor.is_alive():
        raise StackError("The stack runs and may write.", "Run `govlake down`, then move again.")
    with progress() as say:
        done = move_lake(file, say)
    if as_json:
        return print_json(asdict(done))
    if not done.objects:
        return print(f"Lake and landing are at {done.store} already.")
    print(f"Lake and landing are at {done.store}: {done.objects:,} objects, {done.bytes:,} bytes, each verified.")
    print("Go on with `govlake up`. The old copy in the home is untouched; delete it when you no longer want it.")


def history(
    table: Table,
    limit: Annotated[int, typer.Option(min=1, help="How many versions at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """What happened to a table, newest first. Rows are missing where maintenance deleted a version's files."""
    from govlake import maintenance
    from govlake.maintenance.history import history as versions

    rows = versions(maintenance.named(table), limit)
    if as_json:
        return print_json(rows)
    columns = [
        Column("version", "version", right=True),
        Column("when", "at"),
        Column("what", "what"),
        Column("rows", "rows", right=True),
    ]
    print_table(columns, rows, "Nothing is known of it.")


def restore(
    table: Table,
    version: Annotated[int, typer.Option(min=0, help="The version, from `govlake lake history`.")],
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Make a silver table what it was. Deliveries that came later are judged again by the next `govlake run`.

    What departments delivered is never lost: it is kept in landing. To leave a delivery out for good, ask the
    department for a corrected one.
    """
    from dataclasses import asdict

    from govlake import maintenance
    from govlake.cli.operator import operator
    from govlake.ledger import ledger
    from govlake.maintenance.restore import restore as go_back

    ledger().migrate()
    chosen = maintenance.named(table)
    if not yes:
        typer.confirm(f"Make {chosen.key} what it was at version {version}?", abort=True, err=True)
    restored = go_back(chosen, version, operator())
    if as_json:
        return print_json(asdict(restored))
    print(f"{restored.table} is as it was at version {version}: {restored.rows:,} rows.")
    if restored.again:
        print(f"{len(restored.again)} later deliveries are judged again by the next `govlake run`.")


def lease(
    break_it: Annotated[bool, typer.Option("--break", help="Take it from a holder that is dead.")] = False,
    force: Annotated[bool, typer.Option("--force", help="With --break: also from one that lives.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Which home may write this lake, under which number, since when.

    A dead holder's lease ends by itself: --break is for one who cannot wait. With --force the holder may still write
    until its next heartbeat; use it only where you know that no engine of that home runs.
    """
    from dataclasses import asdict

    from govlake.lease import words

    if not break_it:
        found = words.situation()
        if as_json:
            return print_json(asdict(found))
        print(f"{found.says[0].upper()}{found.says[1:]} (number {found.token}).")
        return None
    if force and not yes:
        typer.confirm("The holder may be writing at this moment, and its engine is not stopped. Go on?", abort=True)
    from govlake.cli.run import progress

    with progress() as say:
        done = words.break_lease(force, say)
    if as_json:
        return print_json(done)
    print(
        f"The lake is free; before, {done['says']}." if done["broken"] else "Nothing to break: nobody holds the lake."
    )
    return None
