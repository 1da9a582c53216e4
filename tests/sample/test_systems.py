"""A city that delivers through real systems gives the same lake as one that drops files into the inbox.

Two days, one of them the end of a week and the next the end of a month: the second is fetched from where the first
ended. The systems are the stack's own, under its supervisor.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from govlake import engine as sessions
from govlake import lake, lease, stack
from govlake.ledger import Ledger, ledger
from govlake.pipeline.run import deliveries, ingest
from govlake.sample import catalogue
from govlake.sample.deliver import answers_of, deliver
from govlake.sample.systems import exchange
from govlake.settings import settings
from tests.conftest import EMPTY
from tests.sample.test_whole_way import account, accounts, reasons

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
SUNDAY, MONDAY = date(2026, 8, 30), date(2026, 8, 31)
# What comes daily, and of each system something weekly and something monthly.
CHOSEN = (
    *("safety.call", "safety.case", "safety.response", "safety.registered_population"),
    *("services.application", "services.application_step", "services.item"),
    *("hotline.ticket", "hotline.contact", "hotline.callback", "hotline.exclusion"),
    *("health.bed_day", "health.discharge", "health.institution"),
    *("transit.card_tap", "transit.vehicle_position"),
)
# Lists that came again as a whole: what was wrong with the earlier one is over.
OVERTAKEN = ("health.institution-20260731", "services.item-20260731")
# Those of a database that come on Monday and came before.
INCREMENTS = ("safety.call", "safety.case", "safety.registered_population", "services.application")


@dataclass
class Told:
    """What the ledger and silver say after a way; `deliveries` per day."""

    deliveries: dict[date, list[str]] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)
    accounts: dict[str, dict[str, int]] = field(default_factory=dict)
    reasons: dict[str, dict[str, int]] = field(default_factory=dict)
    silver: dict[str, set[tuple[Any, ...]]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    withdrawn: str = ""


@contextmanager
def home_of(folder: Path, **variables: str) -> Iterator[Path]:
    """An empty home and an empty ledger; `settings()` and `ledger()` see them."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {"HOME": str(folder), **variables}.items():
            environment.setenv(f"GOVLAKE_{name}", value)
        settings.cache_clear()
        book = Ledger(settings().postgres())
        book.query("SET client_min_messages = warning")
        book.query(EMPTY)
        book.migrate()
        book.close()
        settings().write_state("secrets", {"pseudonym": "the same in both, so that silver can be compared"})
        try:
            yield folder
        finally:
            sessions.close()
            lease.close()
    settings.cache_clear()


def take(day: date) -> list[str]:
    """Everything that is there up to `day`, fetched and brought to silver."""
    pack = catalogue.pack()
    ledger().register_pack(pack)
    taken: list[str] = []
    lines: list[str] = []
    pending = [found for name in CHOSEN for found in deliveries(pack, None, None, name, day)]
    for contract, when in sorted(pending, key=lambda found: (found[1], found[0].id)):
        outcome = ingest(contract, when, progress=lines.append)
        assert outcome.status == "done", lines[-1]
        taken.append(f"{contract.id}-{when:%Y%m%d}")
    return taken


def look(told: Told, home: Path, files: list[Any]) -> None:
    """Read what became of it all."""
    told.accounts, told.reasons = accounts(ledger()), reasons(ledger())
    told.answers |= {
        f"{file.dataset}-{file.day:%Y%m%d}": json.loads(answers_of(home, file.dataset, file.day).read_text("utf-8"))
        for file in files
    }
    for domain, name in lake.find("silver"):
        table = lake.delta(lake.path("silver", domain, name))
        assert table is not None
        columns = [column.name for column in table.schema().fields if not column.name.startswith("_")]
        rows = table.to_pyarrow_table().select(sorted(columns))
        told.silver[f"{domain}.{name}"] = set(zip(*(column.to_pylist() for column in rows.columns), strict=True))


@pytest.fixture(scope="module")
def inbox(engine: str, postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Both days through the inbox."""
    told = Told()
    with home_of(tmp_path_factory.mktemp("inbox") / "home", SOURCES="inbox") as home:
        files = [file for day in (SUNDAY, MONDAY) for file in deliver(home, day, 0.2, only=CHOSEN)]
        told.deliveries[MONDAY] = take(MONDAY)
        look(told, home, files)
    return told


@pytest.fixture(scope="module")
def systems(engine: str, postgres: str) -> Iterator[Told]:
    """Both days through the departments' systems, which stay up for the module's tests."""
    told = Told()
    with tempfile.TemporaryDirectory(prefix="govlake-") as folder, home_of(Path(folder) / "home") as home:
        stack.play_systems(True)
        stack.up(["sample"])
        try:
            files = []
            for day in (SUNDAY, MONDAY):
                files += deliver(home, day, 0.2, only=CHOSEN)
                if day == MONDAY:
                    told.withdrawn = withdraw_an_item()
                told.deliveries[day] = take(day)
                told.again += take(day)
            look(told, home, files)
            yield told
        finally:
            stack.down()


def withdraw_an_item() -> str:
    """The services bureau takes one of its items off its list; returns its code."""
    with psycopg.connect(exchange.owner_url("services", settings().port("sample-services"))) as bureau:
        row = bureau.execute(
            """DELETE FROM share.item WHERE "入库时间" = (SELECT max("入库时间") FROM share.item)
            RETURNING "实施编码" """
        ).fetchone()
        assert row
        return str(row[0])


def test_everything_is_fetched_from_where_it_lies_and_once(inbox: Told, systems: Told) -> None:
    fetched = [name for names in systems.deliveries.values() for name in names]
    assert sorted(fetched) == sorted({name for names in inbox.deliveries.values() for name in names})
    assert {name[-4:] for name in systems.deliveries[MONDAY]} == {"0831"}
    assert systems.again == []


def test_every_row_has_the_fate_that_it_has_through_the_inbox(inbox: Told, systems: Told) -> None:
    expected = {name: dict(found) for name, found in inbox.accounts.items()}
    assert expected == {name: account(answer) for name, answer in inbox.answers.items()}
    for name in (f"{dataset}-20260831" for dataset in INCREMENTS):
        # The row at the cursor's edge is read again: sound, and either as it was or overtaken by what Monday brought.
        again = systems.accounts[name]["superseded"] - expected[name]["superseded"]
        assert again in (0, 1)
        expected[name]["landed"] += 1
        expected[name]["superseded" if again else "taken"] += 1
    for kind in ("landed", "taken"):
        expected["services.item-20260831"][kind] -= 1
    assert systems.accounts == expected


def test_every_planted_defect_is_caught_for_the_same_reason_and_no_sound_row(inbox: Told, systems: Told) -> None:
    planted = {
        name: {rule: rows for rule, rows in answer["reasons"].items() if rows}
        for name, answer in systems.answers.items()
        if name not in OVERTAKEN
    }
    planted = {name: rules for name, rules in planted.items() if rules}
    assert systems.reasons == inbox.reasons == planted
    assert sum(rows for reasons in planted.values() for rows in reasons.values()) > 100


def test_silver_is_the_same_and_a_row_that_is_gone_from_a_snapshot_is_withdrawn(inbox: Told, systems: Told) -> None:
    assert sorted(inbox.silver) == sorted(systems.silver) == sorted(CHOSEN)
    gone = inbox.silver["services.item"] - systems.silver["services.item"]
    assert [systems.withdrawn in row for row in gone] == [True]
    different = {name for name in CHOSEN if inbox.silver[name] != systems.silver[name]}
    assert different == {"services.item"} and systems.silver["services.item"] < inbox.silver["services.item"]
