"""The command tree. Names and help lines are data, so that `govlake --help` imports none of the commands."""

from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from govlake.errors import GovlakeError


class Entry(NamedTuple):
    """Where a command lives (`module:function`; the function adds it to a Typer) and what it is for."""

    home: str
    panel: str
    help: str


DAY, LOOK, CONTRACTS, STACK = "A day's work", "Looking", "Contracts and samples", "The stack"
KEEP = "Keeping and correcting"
COMMANDS = {
    "day": Entry("govlake.cli.day:register", DAY, "Start what is needed, run the day's batch, say where to look."),
    "run": Entry("govlake.cli.run:register", DAY, "Take what was delivered to silver, build marts, publish."),
    "land": Entry("govlake.cli.run:register", DAY, "Hand in one delivery yourself."),
    "status": Entry("govlake.cli.stack:register", LOOK, "What runs, what is shown, what is held or overdue."),
    "accounts": Entry("govlake.cli.ledger:register", LOOK, "What became of every row, per delivery."),
    "quarantine": Entry("govlake.cli.quarantine:register", LOOK, "Rows that were kept out: causes, rows, replay."),
    "incidents": Entry("govlake.cli.ledger:register", LOOK, "What departments have to put right."),
    "restatements": Entry(
        "govlake.cli.restatements:register", LOOK, "What deliveries changed of what earlier ones had stated."
    ),
    "editions": Entry("govlake.cli.editions:register", LOOK, "What leaders see: list, show, roll back."),
    "sql": Entry("govlake.cli.sql:register", LOOK, "Ask lake, marts and ledger a question, read only."),
    "cockpit": Entry("govlake.cli.cockpit:register", LOOK, "The pages that leaders see: publish them."),
    "connect": Entry("govlake.cli.connect:register", CONTRACTS, "Try a department's system before a delivery is due."),
    "contracts": Entry("govlake.cli.contracts:register", CONTRACTS, "Check, draft, compare and show contracts."),
    "indicators": Entry(
        "govlake.cli.indicators:register", CONTRACTS, "The register of indicators: list, check, build."
    ),
    "sample": Entry("govlake.sample.cli:register", CONTRACTS, "Deliveries of a made-up city."),
    "maintain": Entry("govlake.cli.maintain:register", KEEP, "Keep the lake fit: files, logs, leftovers."),
    "lake": Entry("govlake.cli.lake:register", KEEP, "Tables: their history, and going back."),
    "backfill": Entry("govlake.cli.backfill:register", KEEP, "Restate a range of deliveries, beside, then swap."),
    "erase": Entry("govlake.cli.erase:register", KEEP, "Erase a person everywhere, and prove it."),
    "up": Entry("govlake.cli.stack:register", STACK, "Start everything; says where the cockpit is."),
    "down": Entry("govlake.cli.stack:register", STACK, "Stop everything."),
    "engine": Entry("govlake.cli.engine:register", STACK, "Which engine works; fetch what Apache Spark needs."),
    "logs": Entry("govlake.cli.stack:register", STACK, "Show a service's log."),
    "doctor": Entry("govlake.cli.stack:register", STACK, "Say in plain words what is wrong."),
}


class LazyGroup(TyperGroup):
    """Lists commands by their help lines; imports the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, stub, rest = super().resolve_command(ctx, args)
        return name, load(name) if name else stub, rest


def load(name: str) -> Any:
    """The command `name`, imported."""
    module, _, function = COMMANDS[name].home.partition(":")
    try:
        register: Callable[[typer.Typer], None] = getattr(import_module(module), function)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise GovlakeError(
            f"`govlake {name}` is not installed here ({module} is missing).", "Run `make setup`."
        ) from error
    app = typer.Typer()
    register(app)
    return typer.main.get_group(app).commands[name]


def command() -> Any:
    """The root command, with a stub for every entry of COMMANDS."""
    app = typer.Typer(
        cls=LazyGroup,
        add_completion=False,
        help="A city's data: departments deliver, contracts decide, gates judge, editions publish.",
        epilog="Exit codes: 0 done or nothing new, 1 error, 2 wrong usage, 3 something is held.",
    )

    @app.callback(invoke_without_command=False)
    def root(
        version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True)] = False,
    ) -> None:
        """Only `--version` belongs to no command."""

    for name, entry in COMMANDS.items():
        app.command(name, help=entry.help, rich_help_panel=entry.panel)(_stub)
    return typer.main.get_command(app)


def _stub() -> None:
    """Stands for a command until it is called."""


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(version("govlake"))
        raise typer.Exit
