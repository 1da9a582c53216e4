"""`govlake erase`: remove every row of one person, everywhere, and prove it."""

import sys
from typing import Annotated

import typer

from govlake.cli.output import AsJson, Column, print_json, print_table
from govlake.cli.run import PackFolder, open_pack, progress


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("erase")(erase)


def erase(
    reason: Annotated[str, typer.Option(help="Why, in a sentence; it is kept as evidence.")],
    basis: Annotated[str, typer.Option(help="The legal basis; it is kept as evidence.")],
    dataset: Annotated[str | None, typer.Option(help="Only this dataset; default: all.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count the rows and touch none.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    pack: PackFolder = None,
    as_json: AsJson = False,
) -> None:
    """Erase a person whose identifier is typed at a prompt, or comes on standard input; never as an argument.

    Rows go from deliveries, tables, their old versions and editions. It cannot be undone. Run `govlake run` after it.
    """
    from dataclasses import asdict

    from govlake.cli.operator import operator
    from govlake.ledger import ledger
    from govlake.maintenance.erasure import erase as remove
    from govlake.maintenance.erasure import preview
    from govlake.maintenance.person import person

    chosen = open_pack(pack)
    ledger().migrate()
    who = person(_identifier())
    found = preview(who, chosen, dataset)
    said = f"{found.rows:,} rows in {len(found.batches)} deliveries"
    if dry_run:
        return print_json({"rows": found.rows, "deliveries": found.batches}) if as_json else print(said + ".")
    if not yes:
        typer.confirm(f"Erase {said}, in every copy? This cannot be undone.", abort=True, err=True)
    with progress() as say:
        report = remove(who, chosen, reason, basis, operator(), dataset, say)
    if as_json:
        return print_json(asdict(report))
    rows = [{"where": name, "rows": count} for name, count in report.counts.items()]
    print_table([Column("where", "where"), Column("erased", "rows", right=True)], rows, "Nothing had to be erased.")
    print(
        f"Erasure {report.erasure}: nothing is left in {report.scanned['files']:,} files of lake and landing and in "
        f"{report.scanned['tables of PostgreSQL']} tables of PostgreSQL. Run `govlake run` to build the marts."
    )
    for file in report.inbox:
        print(f"The department's own file still holds it: {file}. Delete it, or ask for a new one.")


def _identifier() -> str:
    """From a hidden prompt, or the first line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt("Identifier", hide_input=True, err=True))
    return sys.stdin.readline()
