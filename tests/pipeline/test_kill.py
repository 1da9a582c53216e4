"""kill -9 in the middle of a batch, of the worker, the engine and PostgreSQL: the rerun ends as if nothing had been."""

import multiprocessing
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest

from govlake import engine, lake, lease
from govlake.ledger import Ledger
from govlake.pipeline.run import ingest
from govlake.settings import settings
from govlake.stack import postgres as pg
from tests.conftest import EMPTY
from tests.pipeline import crash, servers
from tests.pipeline.conftest import Company, Row, readings, write_company
from tests.pipeline.crash import Point

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
FIRST = date(2026, 9, 1)
LEDGER = "govlake.ledger:Ledger"
ENGINE, POSTGRES = -1, -2  # stand for their processes, which are not known yet
INGEST = [
    Point("govlake.shelf:Folders.publish", "after"),
    Point(f"{LEDGER}.start_batch", "after"),
    Point("govlake.lake:replace_batch", "after"),
    Point(f"{LEDGER}.record_gate", "after"),
    Point("govlake.lake:overwrite", "during"),
    Point("govlake.lake:replace_where", "during"),
    Point("govlake.lake:replace_where", "after"),
    Point(f"{LEDGER}.record_account", "after"),
    Point(f"{LEDGER}.close_incidents", "after"),
    Point(f"{LEDGER}.set_status", "after", 4),
    Point("govlake.lake:overwrite", "during", victim=ENGINE),
    Point("govlake.lake:replace_where", "during", victim=ENGINE),
    Point(f"{LEDGER}.record_gate", "before", victim=POSTGRES),
    Point(f"{LEDGER}.set_status", "before", 4, victim=POSTGRES),
]
PUBLISH = [
    Point("spark_jobs.dbt_runner:build", "during"),
    Point("spark_jobs.dbt_runner:build", "during", victim=ENGINE),
    Point("spark_jobs.dbt_runner:build", "after"),
    Point("govlake.editions.publishing:load", "after"),
    Point("govlake.editions.publishing:_show", "after"),
]
SHOWN = Point("govlake.editions.publishing:prune", "before")
SHOW = Point("govlake.editions.publishing:_show", "before", victim=POSTGRES)


@dataclass(frozen=True)
class Mortal:
    """The company on servers that may die."""

    company: Company
    engine: servers.Server
    postgres: servers.Server

    def with_victim(self, point: Point) -> Point:
        named = {ENGINE: self.engine, POSTGRES: self.postgres}
        return replace(point, victim=named[point.victim].pid) if point.victim in named else point

    def survive(self, worker: BaseProcess, patience_s: float = 300) -> int:
        """Wait for the worker while bringing back what dies; returns its exit code."""
        limit = time.monotonic() + patience_s
        while worker.is_alive():
            assert time.monotonic() < limit, "the worker hangs"
            self.bring_back()
            worker.join(0.05)
        self.bring_back()
        assert worker.exitcode is not None
        return worker.exitcode

    def bring_back(self) -> None:
        for server in (self.engine, self.postgres):
            if server.is_dead():
                server.start()


@pytest.fixture(scope="module")
def running(project_read: None) -> Iterator[tuple[servers.Server, servers.Server]]:
    """An engine and a PostgreSQL of this module's own; the settings lead to them."""
    # Not pytest's own folder: under root the server's user must reach it.
    with tempfile.TemporaryDirectory(prefix="govlake-") as folder, pytest.MonkeyPatch.context() as environment:
        sail, address = servers.engine(Path(folder))
        database, admin = servers.postgres(Path(folder) / "data")
        for server in (sail, database):
            server.start()
        passwords = {role: token_urlsafe(24) for role in pg.ROLES}
        pg.provision(admin, passwords)
        url = admin.replace(admin.partition("//")[2].partition("@")[0], f"govlake:{passwords['govlake']}")
        environment.setenv("GOVLAKE_ENGINE_URL", address)
        environment.setenv("GOVLAKE_POSTGRES_URL", url.replace("/postgres", "/govlake"))
        yield sail, database
        for server in (sail, database):
            server.stop()


@pytest.fixture
def mortal(running: tuple[servers.Server, servers.Server], home: Path, tmp_path: Path) -> Iterator[Mortal]:
    """The company before its first delivery, on servers that may die."""
    write_company(tmp_path / "water_pack")
    book = Ledger(settings().postgres())
    yield Mortal(Company(tmp_path / "water_pack", book), *running)
    book.close()
    engine.close()
    lease.close()


def begin(company: Company) -> None:
    """An empty lake and an empty ledger."""
    lease.close()  # it belongs to the lake that goes
    shutil.rmtree(settings().home, ignore_errors=True)
    company.ledger.query("SET client_min_messages = warning")
    company.ledger.query(EMPTY)
    company.ledger.migrate()
    company.ledger.register_pack(company.pack)


def worker(target: Any, *arguments: Any) -> BaseProcess:
    """A started process that has loaded what a worker has, and sees this home."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(crash.LOADED)
    environment = {name: value for name, value in os.environ.items() if name.startswith("GOVLAKE_")}
    process = context.Process(target=target, args=(environment, *arguments))
    process.start()
    return process


def rows_of(day: date) -> list[Row]:
    """New rows, one repeated, one bad, and of the day before one unchanged and one changed."""
    before = readings(day - timedelta(1))
    new = readings(day, volume="-1")
    return [*new, new[0], before[0], before[1] | {"volume": "50"}]


def state(company: Company) -> dict[str, Any]:
    """Everything that a delivery leaves behind, without the times at which it happened."""
    ledger = company.ledger
    batches = [(row["batch_id"], row["status"], row["verdict"]) for row in ledger.batches()]
    incidents = [(row["logical_date"], row["rule"], row["state"], row["rows"]) for row in ledger.incidents(None)]
    causes = [(row["batch_id"], row["rule"], row["rows"]) for row in ledger.quarantine()]
    return {
        "accounts": company.accounts(), "batches": batches, "incidents": sorted(incidents), "causes": causes,
        **{layer: content(layer) for layer in ("silver", "quarantine")},
    }  # fmt: skip


def content(layer: str) -> list[tuple[Any, ...]]:
    """All rows of the readings in a layer, sorted, without the time of landing."""
    table = lake.delta(lake.path(layer, "water", "reading"))
    rows = table.to_pyarrow_table().to_pylist() if table else []
    return sorted((tuple(value for name, value in row.items() if name != "_ingested_at") for row in rows), key=str)


def test_a_delivery_that_is_killed_anywhere_ends_as_if_nothing_had_happened(mortal: Mortal) -> None:
    company = mortal.company
    days = [FIRST + timedelta(number) for number in range(len(INGEST))]
    begin(company)
    for day in days:
        company.deliver(day, rows_of(day))
        assert ingest(company.reading, day, progress=lambda line: None).status == "done"
    undisturbed = state(company)
    assert len(undisturbed["accounts"]) == len(INGEST) and len(undisturbed["silver"]) == 19 * len(INGEST) + 2

    begin(company)
    for day, point in zip(days, INGEST, strict=True):
        company.deliver(day, rows_of(day))
        left = mortal.survive(worker(crash.ingest, company.folder, day, mortal.with_victim(point)))
        assert left == (0 if point.victim else -9), str(point)
        outcome = ingest(company.reading, day, progress=lambda line: None)
        assert outcome.status in ("done", "nothing_new"), f"{point}: {outcome.line}"
    assert state(company) == undisturbed


def test_a_delivery_that_is_killed_again_and_again_at_any_time_closes(mortal: Mortal) -> None:
    company, chance = mortal.company, random.Random(20260901)
    begin(company)
    company.deliver(FIRST, rows_of(FIRST))
    started = time.monotonic()
    mortal.survive(worker(crash.ingest, company.folder, FIRST, None))
    usual = time.monotonic() - started
    undisturbed = state(company)
    begin(company)
    company.deliver(FIRST, rows_of(FIRST))
    for _ in range(6):
        process = worker(crash.ingest, company.folder, FIRST, None)
        process.join(chance.uniform(0.1, 1) * usual)
        process.kill()
        process.join()
    assert ingest(company.reading, FIRST, progress=lambda line: None).status in ("done", "nothing_new")
    assert state(company) == undisturbed


def test_an_edition_whose_making_is_killed_is_made_by_the_next_run(mortal: Mortal) -> None:
    company = mortal.company
    begin(company)
    company.deliver(FIRST, readings(FIRST))
    company.run()
    first, undisturbed = company.edition(), company.shown()
    company.deliver(FIRST + timedelta(1), readings(FIRST + timedelta(1)))
    assert ingest(company.reading, FIRST + timedelta(1), progress=lambda line: None).status == "done"
    for point in PUBLISH:
        assert company.shown() == undisturbed and company.edition() == first, str(point)
        left = mortal.survive(worker(crash.publish, company.folder, mortal.with_victim(point)))
        assert left == (0 if point.victim else -9), str(point)
    assert mortal.survive(worker(crash.publish, company.folder, SHOWN)) == -9
    report = company.run()
    assert (report.held, report.published, report.edition) == (False, False, 2)
    assert [row[:3] for row in company.shown()] == [
        (day, district, 10) for day in (FIRST, FIRST + timedelta(1)) for district in ("north", "south")
    ]
    assert company.ledger.incidents() == []

    company.deliver(FIRST, readings(FIRST, 18))
    assert ingest(company.reading, FIRST, progress=lambda line: None).status == "done"
    assert mortal.survive(worker(crash.publish, company.folder, mortal.with_victim(SHOW))) == 0
    assert company.run().edition == 3
    assert [row[2] for row in company.shown()] == [9, 9, 10, 10]
    schemas = company.ledger.query("SELECT nspname FROM pg_namespace WHERE nspname ~ '^edition_[0-9]' ORDER BY 1")
    assert [row["nspname"] for row in schemas] == ["edition_1", "edition_2", "edition_3"]


def test_the_process_goes_on_with_a_restarted_engine(mortal: Mortal) -> None:
    company = mortal.company
    begin(company)
    company.deliver(FIRST, readings(FIRST))
    assert ingest(company.reading, FIRST, progress=lambda line: None).status == "done"
    mortal.engine.stop()
    mortal.engine.start()
    company.deliver(FIRST + timedelta(1), readings(FIRST + timedelta(1)))
    assert ingest(company.reading, FIRST + timedelta(1), progress=lambda line: None).status == "done"
    assert len(company.silver("reading_id")) == 40
