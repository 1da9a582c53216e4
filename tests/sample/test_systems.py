"""A city that delivers through real systems gives the same lake as one that drops files into the inbox.

Two days, one of them the end of a week and the next the end of a month: the second is fetched from where the first
ended. The systems are the stack's own, under its supervisor.
"""

import asyncio
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import asyncssh
import psycopg
import pytest
import requests

from govlake import engine as sessions
from govlake import lake, landing, lease, stack
from govlake.connectors import connector_of
from govlake.contracts import Contract
from govlake.ledger import Ledger, ledger
from govlake.pipeline.run import deliveries, ingest
from govlake.sample import catalogue
from govlake.sample.deliver import answers_of, deliver
from govlake.sample.systems import exchange, interface
from govlake.settings import settings
from govlake.stack import supervisor
from tests.conftest import EMPTY
from tests.sample.test_whole_way import account, accounts, reasons

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
SUNDAY, MONDAY = date(2026, 8, 30), date(2026, 8, 31)
SYSTEMS = ("police", "services", "health", "hotline", "card_tap", "vehicle_position")
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
        try:
            stack.up(["sample"])
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


def test_every_dataset_of_the_systems_can_be_tried_and_fetched_whole(systems: Told) -> None:
    files = deliver(settings().home, MONDAY, 0.2, only=SYSTEMS)
    assert len(files) == 26
    for file in files:
        contract = catalogue.pack().find(file.dataset)
        assert list(connector_of(contract.source).probe(contract)), file.dataset
        answer = json.loads(answers_of(settings().home, file.dataset, file.day).read_text("utf-8"))
        rows = landing.land(contract, file.day).manifest.tables[file.dataset].rows
        edge = file.dataset in INCREMENTS  # whose last row is read again
        gone = file.dataset == "services.item"  # one of which was taken off the list
        assert rows - answer["rows"] == int(edge) - int(gone), file.dataset


def test_govlake_may_only_read_and_only_so_fast(systems: Told) -> None:
    port, secret = settings().port, settings().credential
    sign_in = {"user": exchange.READER, "password": secret("sample_police"), "dbname": "police"}
    with psycopg.connect(host="127.0.0.1", port=port("sample-police"), **sign_in) as reader:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reader.execute("DELETE FROM share.call")
        reader.rollback()
        reader.execute("SET default_transaction_read_only = off")
        reader.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("DELETE FROM share.call")

    async def write() -> None:
        options = {"username": "govlake", "password": secret("sample_health"), "known_hosts": None}
        async with asyncssh.connect("127.0.0.1", port("sample-health"), **options) as connection:
            client = await connection.start_sftp_client()
            for attempt in (client.open("/out/x.csv", "w"), client.remove("/out"), client.mkdir("/new")):
                with pytest.raises(asyncssh.SFTPPermissionDenied):
                    await attempt

    asyncio.run(write())
    address = f"http://127.0.0.1:{port('sample-hotline')}/v1/ticket?date=2026-08-31"
    header = {"Authorization": f"Bearer {secret('sample_hotline')}"}
    assert [requests.get(address, headers=given, timeout=30).status_code for given in ({}, header)] == [401, 200]
    with interface.Interface(0) as server:
        waits = [server.wait_s() for _ in range(interface.MOST_CALLS + 1)]
        assert waits[:-1] == [0.0] * interface.MOST_CALLS and 0 < waits[-1] <= interface.WINDOW_S
        server.calls.extend([time.monotonic() + 60] * interface.MOST_CALLS)
        threading.Thread(target=server.handle_request, daemon=True).start()
        refused = requests.get(f"http://127.0.0.1:{server.server_address[1]}/v1/ticket", headers=header, timeout=30)
    assert refused.status_code == 429 and 60 <= int(refused.headers["Retry-After"]) <= 62


def test_a_system_that_is_down_is_an_incident_until_it_is_back(systems: Told) -> None:
    contract = catalogue.pack().find("health.bed_day")
    lines: list[str] = []

    def unreachable() -> list[str]:
        return [row["state"] for row in ledger().incidents(None) if row["rule"] == "unreachable"]

    supervisor.stop_program("sample-health")
    wait_until(lambda: not supervisor.is_running("sample-health"))
    assert ingest(impatient(contract), MONDAY, progress=lines.append).status == "held"
    assert "Health Commission's SFTP server" in lines[-1] and "cannot be reached" in lines[-1]
    assert unreachable() == ["open"]
    stack.up(["sample"])
    assert ingest(contract, MONDAY, progress=lines.append).status == "nothing_new"
    assert unreachable() == ["closed"]


def impatient(contract: Contract) -> Contract:
    """The contract with a department that is not waited for."""
    reach = replace(contract.source.connection, deadline_s=1)
    return replace(contract, source=replace(contract.source, connection=reach))


def wait_until(done: Callable[[], bool]) -> None:
    limit = time.monotonic() + 30
    while not done():
        assert time.monotonic() < limit
        time.sleep(0.05)
