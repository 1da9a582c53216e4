"""`govlake editions`: what leaders see, and going back to what they saw before."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from govlake.cli.output import AsJson, Column, both, print_json, print_table

if TYPE_CHECKING:
    from govlake.editions import Edition

COLUMNS = [
    Column("edition", "edition", right=True),
    Column("published", "published_at"),
    Column("shown", lambda row: "<- shown" if row["current"] else ""),
    Column("tables", lambda row: len(row["tables"]), right=True),
    Column("rows", lambda row: sum(entry["rows"] for entry in row["tables"]), right=True),
    Column("held", lambda row: len(row["held"]) or None, right=True),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    editions = typer.Typer(help="What leaders see: list, show, roll back.", no_args_is_help=True)
    editions.command("list")(list_all)
    editions.command("show")(show_one)
    editions.command("rollback")(roll_back)
    app.add_typer(editions, name="editions")


def list_all(
    every: Annotated[bool, typer.Option("--all", help="Those whose data are gone, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Kept editions, newest first."""
    from govlake.editions import list_editions

    rows = [as_row(edition) for edition in list_editions(every)]
    if as_json:
        return print_json(rows)
    print_table(COLUMNS, rows, "No edition has been published yet.")


def show_one(
    edition: Annotated[int | None, typer.Argument(help="Its number; default: the one shown.")] = None,
    as_json: AsJson = False,
) -> None:
    """One edition: its tables, and what it lacks and why."""
    from govlake.editions import show

    row = as_row(show(edition))
    print_json(row) if as_json else _print(row)


def roll_back(
    to: Annotated[int | None, typer.Option(help="The edition to show; default: the one before.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the edition before (or --to another kept one). It stays until a run brings new content."""
    from govlake.cli.operator import operator
    from govlake.editions import rollback

    row = as_row(rollback(to, who=operator()))
    if as_json:
        return print_json(row)
    print(f"Edition {row['edition']} is shown now. The next run with new content goes forward again.")


def as_row(edition: "Edition") -> dict[str, Any]:
    """The edition as scripts read it."""
    return {
        "edition": edition.edition,
        "published_at": edition.published_at,
        "current": edition.current,
        "tables": [{key: entry[key] for key in ("table", "domain", "rows", "sha")} for entry in edition.tables],
        "held": edition.held,
        "kept": edition.kept,
    }


def _print(row: dict[str, Any]) -> None:
    print_table(COLUMNS, [row], "")
    tables = [Column("table", "table"), Column("domain", "domain"), Column("rows", "rows", right=True)]
    print_table(tables, row["tables"], "It has no table.")
    held = [
        Column("held", lambda entry: both(entry.get("title_zh", ""), entry.get("title_en", entry["dataset"]))),
        Column("since", "since"),
        Column("shown is of", "last_good_date"),
        Column("why", lambda entry: both(entry["reason_zh"], entry["reason_en"])),
    ]
    print_table(held, row["held"], "Nothing is held back.")
