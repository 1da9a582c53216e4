"""`govlake day`: the day's batch through Airflow, and where to look at the result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from govlake.cli.output import AsJson, print_json
from govlake.cli.run import Day, as_day, open_pack, progress

if TYPE_CHECKING:
    from govlake.contracts import Pack

# Days of the sample city before its first day, so that a trend can be seen: two weeks of what the overview shows and of
# what comes weekly, one week of what else comes daily. More would only make the first run longer.
HISTORY, SHORT_HISTORY = 14, 6
SHOWN = ("transit.card_tap", "hotline.ticket")


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""
    app.command("day")(day)


def day(
    when: Day = None,
    sample: Annotated[bool, typer.Option(help="Let the sample city deliver where its inbox is empty.")] = True,
    as_json: AsJson = False,
) -> None:
    """Run the day's batch: deliveries of earlier days first, then the day itself through Airflow, up to the edition.

    The second time, with nothing delivered since, nothing is computed.
    """
    from govlake.ledger import ledger
    from govlake.settings import settings

    pack = open_pack(None)
    chosen = as_day(when) or yesterday(settings().timezone)
    with progress() as say_line:
        say = once(say_line)
        ledger().migrate()
        ledger().register_pack(pack)
        if sample:
            deliver_sample(chosen, say)
        catch_up(pack, chosen, say)
        through_airflow(pack, chosen, say)
        refresh_cockpit(say)
    tell(as_json)


def once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Say a line only when it differs from the one before."""
    last = [""]

    def say_changed(line: str) -> None:
        if line != last[0]:
            last[0] = line
            say(line)

    return say_changed


def yesterday(timezone: str) -> date:
    """The newest day that is over in the city."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(timezone)).date() - timedelta(days=1)


def deliver_sample(day: date, say: Callable[[str], None]) -> None:
    """Let the sample city's departments deliver the day and what comes before it, unless the day is there."""
    from govlake.sample.catalogue import datasets
    from govlake.sample.deliver import deliver, file_of
    from govlake.settings import settings

    home = settings()
    if home.pack != home.project / "contracts" or file_of(home.inbox, "card_tap", day).exists():
        return
    count = 0
    for contract in datasets():
        is_long = contract.id in SHOWN or contract.frequency_days > 1
        first = day - timedelta(days=HISTORY if is_long else SHORT_HISTORY)
        count += len(deliver(home.home, day, only=[contract.id], first=first))
    say(f"sample city: {count} deliveries up to {day}")


def catch_up(pack: Pack, day: date, say: Callable[[str], None]) -> None:
    """Take what earlier days brought straight through the steps: one process instead of a run per day."""
    from govlake import pipeline

    report = pipeline.run(pack, until=day - timedelta(days=1), progress=say)
    if report.rows:
        say(f"earlier days: {len(report.rows)} deliveries taken")


def through_airflow(pack: Pack, day: date, say: Callable[[str], None]) -> None:
    """Start the ingestion of every department that has something new for the day, and wait for the edition."""
    from govlake import pipeline
    from govlake.scheduler import Scheduler

    departments = sorted({c.department for c in pack.contracts if day in pipeline.pending(c, day)})
    if not departments:
        say(f"{day}: nothing new was delivered")
        return
    airflow = Scheduler()
    airflow.wait_until_known([*(f"ingest_{name}" for name in departments), "marts"])
    started = {f"ingest_{name}": airflow.start(f"ingest_{name}", date=day.isoformat()) for name in departments}
    for dag_id, run_id in started.items():
        for done, tasks in airflow.wait(dag_id, run_id):
            say(f"Airflow: {dag_id} {done} of {tasks} tasks")
    for state in airflow.follow("marts", lambda: pipeline.is_settled(pack)):
        say(f"Airflow: marts {state}")


def refresh_cockpit(say: Callable[[str], None]) -> None:
    """Bring the cockpit's pages in line with the marts that exist."""
    from govlake.pipeline.steps import room_step

    say(room_step("cockpit")().line)


def tell(as_json: bool) -> None:
    """Say where the pages are, how to sign in, and what is held."""
    from govlake.ledger import ledger
    from govlake.settings import settings

    address = f"http://127.0.0.1:{settings().port('superset')}/superset/dashboard/city-overview/"
    current = ledger().current_edition()
    held = [row["dataset"] for row in ledger().held_datasets()]
    edition = current["edition"] if current else None
    if as_json:
        print_json({"cockpit": address, "edition": edition, "held": held})
    else:
        print(f"Edition {edition} is shown." + (f" Held: {', '.join(held)}." if held else ""))
        print(f"Cockpit: {address}")
        print("Sign in as admin; `govlake status --show-passwords` shows the password.")
    if held:
        raise typer.Exit(3)
