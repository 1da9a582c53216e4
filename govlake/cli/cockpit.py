"""`govlake cockpit publish`: bring the pages in line with their description."""

from typing import Annotated

import typer

from govlake.cli.output import AsJson, print_json


def register(app: typer.Typer) -> None:
    """Add the command group to `app`."""
    group = typer.Typer(no_args_is_help=True, help="The pages that leaders see.")
    group.command("publish")(publish)
    # With a callback Typer keeps the one command a command, not the group itself.
    group.callback()(lambda: None)
    app.add_typer(group, name="cockpit")


def publish(
    force: Annotated[bool, typer.Option("--force", help="Import again even where nothing changed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make the pages what cockpit/spec says; does nothing where they are."""
    from govlake.pipeline.steps import room_step

    outcome = room_step("cockpit")(force=force)
    if as_json:
        print_json({"status": outcome.status, **outcome.detail})
        return
    print(f"{outcome.line[:1].upper()}{outcome.line[1:]}.")
    for line in outcome.detail["left_out"]:
        print(f"  left out  {line}")
    for page in outcome.detail["pages"]:
        print(f"  {outcome.detail['address']}{page}")
