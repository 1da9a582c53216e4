"""One settings file and one command move a home from its folder and the embedded engine to S3 and Apache Spark."""

import json
import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from govlake.stack import testing
from tests.conftest import Stack, write_settings
from tests.pipeline.conftest import csv, readings, write_company

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.postgres]
ONE, TWO = date(2026, 9, 1), date(2026, 9, 2)
SERVICES = ("postgres", "engine")


@pytest.fixture
def city() -> Iterator[Stack]:
    """A home of its own with the water company's contracts, reached through its command line alone."""
    with tempfile.TemporaryDirectory(prefix="govlake-") as folder:
        write_company(Path(folder) / "water_pack")
        given = {name: value for name, value in os.environ.items() if not name.startswith("GOVLAKE_")}
        own = {"GOVLAKE_HOME": f"{folder}/home", "GOVLAKE_PACK": f"{folder}/water_pack"}
        stack = Stack(Path(folder) / "home", {**given, **own})
        yield stack
        stack.govlake("down")


def said(city: Stack, *command: str) -> Any:
    """What a command answers for scripts."""
    done = city.govlake(*command, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def deliver(city: Stack, day: date) -> None:
    inbox = city.home / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    file = inbox / f"readings_{day:%Y%m%d}.csv"
    file.write_bytes(csv([*readings(day), *readings(day, 1, reading_id="99", volume="101")]))
    os.utime(file, (file.stat().st_mtime - 60,) * 2)


def state(city: Stack) -> dict[str, Any]:
    """All that people ask: editions, accounts, rows kept out, a table's history, its rows and a mart's."""
    questions = {
        "rows": "select reading_id, volume from silver.water.reading order by 1",
        "mart": "select day, district, readings, volume_m3 from gold.water.kpi_water_day order by 1, 2",
    }
    return {
        "editions": said(city, "editions", "list"),
        "accounts": said(city, "accounts"),
        "quarantine": said(city, "quarantine", "list"),
        "history": said(city, "lake", "history", "water.reading"),
        **{name: said(city, "sql", question) for name, question in questions.items()},
    }


def test_a_home_moves_to_s3_and_spark_and_finds_the_same_edition(city: Stack, s3: testing.S3Server) -> None:
    said(city, "up", *SERVICES)
    deliver(city, ONE)
    said(city, "run")
    before = state(city)
    assert before["rows"] and before["mart"] and before["quarantine"]
    assert city.govlake("down").returncode == 0

    file = city.home / "s3.toml"
    further = {"engine": "spark", "spark_master": "local[1]", "engine_memory_mb": 1536}
    write_settings(file, s3.named(_bucket()) | further)
    moved = city.govlake("lake", "move", str(file))
    assert moved.returncode == 0, moved.stdout + moved.stderr

    said(city, "up", *SERVICES)
    assert said(city, "engine", "status")["engine"].startswith("Apache Spark")
    assert said(city, "run")["batches"] == []
    there = state(city)
    # The new place's first writer marks every table as its own: a commit that changes no row.
    marks, moved_history = there["history"][:-1], there.pop("history")[-1:]
    assert moved_history == before.pop("history") and there == before
    assert all("no row changed" in mark["what"] for mark in marks)
    deliver(city, TWO)
    assert said(city, "run")["published"]
    after = state(city)
    assert len(after["rows"]) == 2 * len(before["rows"]) and len(after["editions"]) == len(before["editions"]) + 1


def _bucket() -> str:
    return f"s3://moved-{uuid4().hex[:8]}/a/city"
