"""The DAGs load without a word of complaint, and their page says whose they are and what to do when they fail."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from govlake.contracts import load_pack
from govlake.settings import PROJECT, Settings

STEPS = ["land", "bronze", "gate_1", "conform", "gate_2", "silver"]
DEPARTMENTS = {contract.department for contract in load_pack(PROJECT / "contracts").contracts}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The sample city's DAGs."""
    return load(tmp_path_factory.mktemp("airflow"), PROJECT / "contracts")


def load(home: Path, pack: Path) -> dict[str, Any]:
    """Errors, warnings of our files, and every DAG by its id."""
    environment = {
        **Settings(home=home / "home", pack=pack).environment(),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(PROJECT),
    }
    command = [sys.executable, "-m", "tests.dags.describe", str(PROJECT / "dags")]
    done = subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_dags_load_without_errors_and_without_warnings(loaded: dict[str, Any]) -> None:
    assert (loaded["errors"], loaded["warnings"]) == ({}, [])
    assert set(loaded["dags"]) == {*(f"ingest_{name}" for name in DEPARTMENTS), "marts", "late_deliveries", "maintain"}


def test_every_dag_says_whose_it_is_and_what_to_do_when_it_fails(loaded: dict[str, Any]) -> None:
    assert len(DEPARTMENTS) >= 2
    for dag_id, dag in loaded["dags"].items():
        assert "**Owner:**" in dag["doc"] and "fails" in dag["doc"] and "->" in dag["doc"], dag_id
        assert dag["owners"] == [dag_id.removeprefix("ingest_")] or dag["owners"] in (["coordination"], ["platform"])
        assert dag["tags"] and dag["retries"] == [3], dag_id
        assert (dag["catchup"], dag["max_active_runs"]) == (False, 1), dag_id


def test_a_department_has_a_way_for_each_delivery_and_silver_says_that_it_changed(loaded: dict[str, Any]) -> None:
    for contract in load_pack(PROJECT / "contracts").contracts:
        dag = loaded["dags"][f"ingest_{contract.department}"]
        way = [f"{contract.name}.{step}" for step in STEPS]
        assert [dag["follows"][task] for task in way] == [[], *([task] for task in way[:-1])]
        outlets = dag["outlets"][f"{contract.name}.silver"]
        assert outlets == sorted(f"silver.{table.key}" for table in contract.tables)
    assert loaded["dags"]["marts"]["schedule"] == "AssetTriggeredTimetable"
    assert loaded["dags"]["marts"]["follows"] == {
        "build": [], "gate_3": ["build"], "publish": ["gate_3"], "cockpit": ["publish"],
    }  # fmt: skip


def test_a_pack_of_another_city_makes_its_own_dags(tmp_path: Path) -> None:
    pack = PROJECT / "examples" / "open_data"
    found = load(tmp_path, pack)
    assert found["errors"] == {}
    departments = {contract.department for contract in load_pack(pack).contracts}
    assert departments and {f"ingest_{name}" for name in departments} <= set(found["dags"])
