"""`govlake maintain`: fewer files, short logs, no leftovers."""

from typing import Annotated, Any

import typer

from govlake.cli.output import AsJson, Column, print_json, print_table
from govlake.cli.run import progress


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("maintain")(maintain)


def maintain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put small files together, shorten logs, delete files that no version needs, remove what killed runs left.

    No row changes: marts are not built again and no edition appears. May be stopped and run again at any time.
    """
    from govlake.ledger import ledger
    from govlake.maintenance import maintain as rounds

    ledger().migrate()
    with progress() as say:
        rows = rounds.maintain(dry_run, say)
    if as_json:
        return print_json(rows)
    busy = [row for row in rows if row["status"] == "done"]
    columns = [Column("table", "table"), Column("would be done" if dry_run else "done", _what)]
    print_table(columns, busy, "Nothing to do: everything is as it should be.")


def _what(row: Any) -> str:
    from govlake.maintenance.maintain import line

    return line(row).partition(": ")[2]
