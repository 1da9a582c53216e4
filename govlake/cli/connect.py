"""`govlake connect`: try a department's system before the first delivery is due."""

from typing import Annotated, Any

import typer

from govlake.cli.output import AsJson, print_json
from govlake.cli.run import PackFolder, open_pack, progress


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    connect = typer.Typer(help="Departments' systems: are they reached, and what is there?", no_args_is_help=True)
    connect.callback()(_group)
    connect.command("test")(test)
    app.add_typer(connect, name="connect")


def _group() -> None:
    """Departments' systems: are they reached, and what is there?"""


def test(
    dataset: Annotated[str, typer.Argument(help="The dataset whose source is tried.")],
    pack: PackFolder = None,
    as_json: AsJson = False,
) -> None:
    """Reach the source, sign in, look for the agreed tables, columns or files. Takes nothing, changes nothing.

    Exits with 1 where something is wrong, and says what and what to do.
    """
    from govlake.connectors import connector_of
    from govlake.errors import GovlakeError

    contract = open_pack(pack).find(dataset)
    found: list[str] = []
    problem: dict[str, Any] = {}
    with progress() as say:
        try:
            for sentence in connector_of(contract.source).probe(contract):
                found.append(sentence)
                if not as_json:
                    say(f"ok: {sentence}")
        except GovlakeError as error:
            problem = {"problem": error.message, "remedy": error.remedy}
    if as_json:
        print_json({"dataset": contract.id, "ok": not problem, "found": found, **problem})
    elif problem:
        typer.echo(f"{problem['problem']} {problem['remedy']}", err=True)
    else:
        print(f"{contract.id}: its source is as agreed.")
    if problem:
        raise typer.Exit(1)
