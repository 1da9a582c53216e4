"""The sample city in the whole stack: three ordinary days, delivered and published."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from govlake.ledger import Ledger
from govlake.sample.deliver import deliver, file_of
from govlake.scheduler import FINAL, Scheduler
from govlake.settings import settings
from govlake.stack import supervisor
from tests.conftest import Stack, running_stack

SCALE = 0.05
FIRST = date(2026, 9, 1)
ORDINARY = 3
DATASETS = ("transit.card_tap", "hotline.ticket")  # two of the city's, so that the stack is what is tested


@dataclass(frozen=True)
class City:
    """The sample city, its stack, and what Airflow and the ledger say about it."""

    stack: Stack
    airflow: Scheduler
    ledger: Ledger

    def deliver(self, day: date, *, spoil: str = "none", tickets: bool = True) -> None:
        """Let the departments deliver; without `tickets` the hotline is late."""
        two = [word for name in DATASETS for word in ("--only", name)]
        done = self.stack.govlake("sample", "--date", f"{day}", "--scale", f"{SCALE}", "--spoil", spoil, *two)
        assert done.returncode == 0, done.stderr
        if not tickets:
            file_of(self.stack.home / "inbox", "ticket", day).unlink()

    def pid(self, service: str) -> int:
        """The process of a service, as supervisord knows it."""
        return supervisor.processes()[service]["pid"]

    def day(self, day: date) -> dict[str, Any]:
        """`govlake day`; its report with its exit code."""
        done = self.stack.govlake("day", "--date", f"{day}", "--no-sample", "--json", timeout_s=900)
        assert done.returncode in (0, 3), done.stderr
        return {**json.loads(done.stdout), "exit": done.returncode}

    def rest(self) -> None:
        """Wait until no run of Airflow is going on: `govlake day` ends with the edition, the marts' last task later."""
        deadline = time.monotonic() + 300
        while busy := [run["dag_run_id"] for run in self.airflow.runs("~") if run["state"] not in FINAL]:
            assert time.monotonic() < deadline, busy
            time.sleep(1)

    def ask(self, question: str) -> list[dict[str, Any]]:
        """`govlake sql`: rows of the lake, the marts or the ledger."""
        done = self.stack.govlake("sql", "--json", question)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def newest_run(self, dag_id: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The newest run of a DAG, and the states of its tasks."""
        run = next(run for run in self.airflow.runs(dag_id) if run["run_type"] != "scheduled")
        return run, {task["task_id"]: task["state"] for task in self.airflow.tasks(dag_id, run["dag_run_id"])}

    def logs(self, dag_id: str = "*", run_id: str = "*", task_id: str = "*") -> dict[str, list[dict[str, Any]]]:
        """What tasks logged, one entry per line, by log file."""
        pattern = f"dag_id={dag_id}/run_id={run_id}/task_id={task_id}/*.log"
        files = sorted((self.stack.home / "logs" / "airflow").glob(pattern))
        return {str(file): [json.loads(line) for line in file.read_text().splitlines()] for file in files}


@pytest.fixture(scope="session")
def city() -> Iterator[City]:
    """Three days have been delivered and published, the last of them through Airflow, in a stack that no other uses."""
    with running_stack() as stack, ordinary_days(stack) as whole:
        yield whole


@contextmanager
def ordinary_days(stack: Stack, days: int = ORDINARY) -> Iterator[City]:
    """The city whose first days went into this stack, at least two."""
    with seen_by_settings(stack.home):
        whole = City(stack, Scheduler(), Ledger(settings().postgres(), patience_s=60))
    last = FIRST + timedelta(days - 1)
    for age in range(days):
        deliver(stack.home, FIRST + timedelta(age), SCALE, only=DATASETS)
    report = whole.day(last)
    assert (report["exit"], report["held"]) == (0, []) and report["edition"] >= 2
    with seen_by_settings(stack.home):
        whole.rest()
    yield whole
    whole.ledger.close()


class seen_by_settings:
    """While it lasts, `settings()` are those of the home."""

    def __init__(self, home: Path) -> None:
        self.home, self.environment = home, pytest.MonkeyPatch()

    def __enter__(self) -> None:
        self.environment.setenv("GOVLAKE_HOME", str(self.home))
        for name in ("GOVLAKE_ENGINE_URL", "GOVLAKE_POSTGRES_URL"):
            self.environment.delenv(name, raising=False)
        settings.cache_clear()

    def __exit__(self, *_: object) -> None:
        self.environment.undo()
        settings.cache_clear()


@pytest.fixture
def here(city: City) -> Iterator[City]:
    """The city, with `settings()` being those of its home."""
    with seen_by_settings(city.stack.home):
        yield city
