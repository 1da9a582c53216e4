"""kill -9 in the middle of a batch under Airflow: after its retries the edition is the one nobody disturbed."""

import os
import shutil
import signal
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from govlake import pipeline
from govlake.contracts import load_pack
from govlake.errors import StackError
from govlake.ledger import Ledger
from govlake.settings import PROJECT
from tests.e2e.conftest import FIRST, ORDINARY, City

pytestmark = pytest.mark.stack
START = FIRST + timedelta(ORDINARY + 1)
# Who is killed while which task of the delivery works, each on a day of its own.
VICTIMS = {"task": "silver", "engine": "conform", "postgres": "bronze", "airflow-scheduler": "gate_1"}
MARTS = ("kpi_transit_day", "kpi_transit_hour", "kpi_transit_city_day", "kpi_hotline_day", "kpi_city_overview")


def day_of(victim: str) -> date:
    return START + timedelta(list(VICTIMS).index(victim))


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_batch_survives_the_death_of(here: City, victim: str) -> None:
    day, task = day_of(victim), f"card_tap.{VICTIMS[victim]}"
    here.deliver(day, tickets=False)
    pid = 0 if victim == "task" else here.pid(victim)
    run_id = here.airflow.start("ingest_transport", date=f"{day}")
    worker = appearing_worker(here, run_id, task)
    time.sleep(0.4)
    os.kill(pid or worker.pid, signal.SIGKILL)
    assert ended(here, run_id) == "success"
    accounts = here.ledger.accounts(batch_id=f"transit.card_tap-{day:%Y%m%d}")
    assert [(account["closes"], account["status"]) for account in accounts] == [(True, "done")]


def appearing_worker(city: City, run_id: str, task_id: str, patience_s: float = 120) -> psutil.Process:
    """The process that works on the task, once there is one."""
    limit = time.monotonic() + patience_s
    tasks = {task["task_id"]: task["id"] for task in city.airflow.tasks("ingest_transport", run_id)}
    title = f"airflow worker -- {tasks[task_id]}"
    while time.monotonic() < limit:
        for process in psutil.process_iter(["cmdline"]):
            if title in " ".join(process.info["cmdline"] or []):
                return process
        time.sleep(0.05)
    raise AssertionError(f"{task_id} did not start")


def ended(city: City, run_id: str, patience_s: float = 400) -> str:
    """How the run ended; Airflow may be away for a while."""
    limit = time.monotonic() + patience_s
    state = ""
    while state not in ("success", "failed") and time.monotonic() < limit:
        try:
            state = city.airflow.state("ingest_transport", run_id)
        except StackError:
            state = "away"
        time.sleep(0.5)
    return state


def test_the_edition_is_the_one_that_nobody_disturbed(city: City, home: Path, engine: str, ledger: Ledger) -> None:
    report = city.day(day_of([*VICTIMS][-1]))
    assert (report["exit"], report["held"]) == (0, [])
    shutil.copytree(city.stack.home / "inbox", home / "inbox")
    alone = pipeline.run(load_pack(PROJECT / "contracts"), progress=lambda line: None)
    assert alone.rows and not alone.held
    for mart in MARTS:
        shown, undisturbed = content(city.ledger, mart), content(ledger, mart)
        assert shown == undisturbed and shown, mart
    assert outcomes(city.ledger) == outcomes(ledger)


def content(ledger: Ledger, mart: str) -> list[tuple[Any, ...]]:
    """All rows of a mart as leaders see it."""
    return sorted((tuple(row.values()) for row in ledger.query(f"SELECT * FROM marts.{mart}")), key=str)


def outcomes(ledger: Ledger) -> dict[str, list[int]]:
    """What became of the rows of every finished delivery, by table and day."""
    names = ("silver_new", "silver_updated", "unchanged", "duplicate", "superseded", "quarantined")
    done = [row for row in ledger.accounts() if row["status"] == "done"]
    return {f"{row['dataset']} {row['logical_date']}": [row[name] for name in names] for row in done}
