"""`govlake up, down, status, logs, doctor`: the stack from the command line."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from govlake.cli.output import AsJson, Column, print_json, print_table

if TYPE_CHECKING:
    from rich.console import Console

Services = Annotated[
    list[str] | None, typer.Argument(help="Services to start, such as: postgres engine sample. Default: all.")
]
GOOD = ("well", "external", "starting", "stopped")
SERVICES = [
    Column("service", "name"),
    Column("state", lambda line: _state(line)),
    Column("for", lambda line: _duration(line["uptime_s"])),
    Column("address", "address"),
]
DELIVERIES = [
    Column("dataset", "dataset"),
    Column("last delivery", "last_delivery_date"),
    Column("status", lambda line: _situation(line)),
    Column("why", "reason_en"),
]


def register(app: typer.Typer) -> None:
    """Add the stack's commands to `app`."""
    for command in (up, down, status, logs, doctor):
        app.command()(command)


class Steps:
    """Tells a person what happens: the present step turns, finished ones stay with their duration."""

    def __init__(self, console: "Console") -> None:
        self.console = console
        self.spinner = console.status("")
        self.step, self.since = "", 0.0

    def __call__(self, step: str) -> None:
        self.finish()
        self.step, self.since = step, time.monotonic()
        self.spinner.update(f"{step} ...")
        self.spinner.start()

    def finish(self, sign: str = "[green]✓[/]") -> None:
        """Close the present step."""
        self.spinner.stop()
        if self.step:
            self.console.print(f"{sign} {self.step} [dim]{time.monotonic() - self.since:.1f} s[/]")
        self.step = ""


def _console(stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def up(
    services: Services = None,
    sample: Annotated[
        bool | None,
        typer.Option(
            "--sample/--no-sample",
            help="Run systems of the sample city's departments too, and fetch from them; the home remembers it.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Start the stack and wait until every service answers. Safe to repeat."""
    from govlake import stack

    if sample is not None:
        stack.play_systems(sample)
    started = _with_steps(lambda report: stack.up(services, report))
    if as_json:
        status(as_json=True)
        return
    what = f"{', '.join(services)}: " if services else "The stack is "
    _console().print(f"{what}up." if started else f"{what}up already.")
    _print_addresses()


def down(as_json: AsJson = False) -> None:
    """Stop the stack and leave no process behind. Data stays."""
    from govlake import stack

    cleaned = _with_steps(stack.down)
    if as_json:
        print_json({"stopped": True, "leftovers": cleaned})
        return
    extra = f" {cleaned} processes that were left over are gone too." if cleaned else ""
    _console().print(f"The stack is down.{extra}")


def _with_steps(work: Any) -> Any:
    steps = Steps(_console(stderr=True))
    try:
        result = work(steps)
    except BaseException:
        steps.finish("[red]✗[/]")
        raise
    steps.finish()
    return result


def status(
    as_json: AsJson = False,
    show_passwords: Annotated[bool, typer.Option(help="Show how to sign in to the cockpit and Airflow.")] = False,
) -> None:
    """What runs, where it answers, and what was delivered last."""
    from govlake.stack import status as stack_status

    report = stack_status.report(show_passwords)
    report["deliveries"] = _deliveries(report["services"])
    if as_json:
        print_json(report)
        return
    print_table(SERVICES, report["services"], "No service is known.")
    if report["deliveries"]:
        print_table(DELIVERIES, report["deliveries"], "")
    _console().print(f"home     {report['home']}")
    _console().print(f"lake     {_writer(report['lease'])}")
    _print_addresses(report.get("sign_in"))


def _deliveries(services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ledger's line per dataset; empty while PostgreSQL or the ledger is not there yet."""
    postgres = {line["name"]: line["state"] for line in services}.get("postgres")
    if postgres not in ("well", "external"):
        return []
    from govlake.ledger import ledger

    book = ledger()
    return book.delivery_status() if book.version() else []


def _state(line: Mapping[str, Any]) -> str:
    return line["state"] if line["state"] in GOOD else f"✗ {line['state']}"


def _situation(line: Mapping[str, Any]) -> str:
    words = f"{line['status']}, overdue" if line["overdue"] else line["status"]
    return f"✗ {words}" if line["held"] or line["overdue"] else words


def _writer(lease: Mapping[str, Any]) -> str:
    age = "" if lease["age_s"] is None else f", heard of {lease['age_s']:.0f} s ago"
    if lease["state"] == "ours":
        return f"written by this home since {lease['since'][:19].replace('T', ' ')} UTC{age}"
    return lease["says"] if lease["state"] in ("free", "unknown") else f"✗ {lease['says']}"


def _duration(seconds: int | None) -> str:
    if seconds is None:
        return ""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _print_addresses(sign_in: dict[str, dict[str, str]] | None = None) -> None:
    from govlake.stack import status as stack_status

    console = _console()
    pages = stack_status.addresses()
    for name, address in pages.items():
        person = (sign_in or {}).get(name)
        console.print(
            f"{name:<8} {address}" + (f"  user {person['user']}  password {person['password']}" if person else "")
        )
    if pages and not sign_in:
        console.print("Sign in as admin; `govlake status --show-passwords` shows the passwords.")


def logs(
    service: Annotated[str | None, typer.Argument(help="For example superset, or airflow for its four.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is added.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="Lines per service to begin with.", min=0)] = 20,
    as_json: AsJson = False,
) -> None:
    """What the services said last."""
    from govlake.stack import logs as stack_logs

    paths = stack_logs.files(service)
    for path in paths:
        for line in stack_logs.last(path, lines):
            _print_line(path.stem, line, as_json, alone=len(paths) == 1)
    if follow:
        # Ctrl-C is how following ends.
        with suppress(KeyboardInterrupt):
            for path, line in stack_logs.follow(paths):
                _print_line(path.stem, line, as_json, alone=len(paths) == 1)


def _print_line(service: str, line: str, as_json: bool, alone: bool) -> None:
    if as_json:
        print(json.dumps({"service": service, "line": line}, ensure_ascii=False))
    else:
        print(line if alone else f"{service:<22} {line}")


def doctor(as_json: AsJson = False) -> None:
    """Say in plain words what is wrong with this machine or this stack, and what to do. Exit code 1 if anything is.

    A line with ! is a warning: all is well, but not for long.
    """
    from dataclasses import asdict

    from govlake.stack.doctor import examine

    findings = examine()
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        console = _console()
        for finding in findings:
            sign = "[red]✗[/]" if not finding.ok else "[yellow]![/]" if finding.remedy else "[green]✓[/]"
            console.print(
                f"{sign} {finding.check:<22} {finding.says}" + (f". {finding.remedy}" if finding.remedy else "")
            )
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
