"""`govlake sql`: one question to lake, marts and ledger, read only."""

from typing import TYPE_CHECKING, Annotated

import typer

from govlake.cli.output import AsJson, Column, print_json, print_table

if TYPE_CHECKING:
    from govlake.question import Answer


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("sql")(sql)


def sql(
    query: Annotated[str, typer.Argument(help='One SELECT, as in "select * from silver.transit.card_tap".')],
    limit: Annotated[
        int | None, typer.Option(min=0, help="Rows at most; 0 = all. Default: 100, or 10000 as JSON.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask lake, marts and ledger a question in SQL (DuckDB's), read only.

    Tables: bronze|silver|history|quarantine|gold.<domain>.<table>, marts.<mart>, ledger.<table>, ledger_public.<view>.
    """
    from govlake.question import ask

    most = (10_000 if as_json else 100) if limit is None else limit
    answer = ask(query, most)
    if as_json:
        print_json(answer.rows)
    else:
        print_table(_columns(answer), answer.rows, "No row.")
    if answer.more:
        typer.echo(f"Only the first {most} rows are shown; --limit 0 gives all.", err=True)


def _columns(answer: "Answer") -> list[Column]:
    return [Column(name, name, right=name in answer.numbers) for name in answer.names]
