"""Through Airflow: a spoiled delivery is held and says why, leaders keep their edition, the corrected one publishes."""

from datetime import timedelta

import pytest

from govlake.settings import PROJECT
from tests.e2e.conftest import FIRST, ORDINARY, City

pytestmark = pytest.mark.stack
BAD = FIRST + timedelta(ORDINARY)
WAY = ("land", "bronze", "gate_1", "conform", "gate_2", "silver")


def test_every_task_says_in_one_line_what_it_did(here: City) -> None:
    assert here.airflow.import_errors() == ""
    logs = here.logs()
    assert len(logs) >= 16
    lines = {file: [line["event"] for line in log if line["logger"] == "govlake"] for file, log in logs.items()}
    assert {file: said for file, said in lines.items() if len(said) != 1} == {}
    runs = [said[0] for file, said in lines.items() if "run_id=scheduled" not in file]
    assert [line for line in runs if not any(letter.isdigit() for letter in line)] == []
    noise = {file: [line for line in log if line["level"] in ("warning", "error")] for file, log in logs.items()}
    assert {file: found for file, found in noise.items() if found} == {}
    assert max(len(log) for log in logs.values()) < 20


def test_no_file_of_ours_uses_what_is_deprecated(here: City) -> None:
    logs = sorted((here.stack.home / "logs").rglob("*.log"))
    assert len(logs) > 20
    ours = [str(PROJECT / room) for room in ("dags", "govlake", "spark_jobs", "expectations", "cockpit", "infra")]
    lines = [line for log in logs for line in log.read_text("utf-8", "replace").splitlines() if "eprecat" in line]
    assert [line for line in lines if any(room in line for room in ours)] == []


def test_a_spoiled_delivery_is_held_until_the_corrected_one(here: City) -> None:
    before = here.ledger.current_edition()
    assert before is not None
    here.deliver(BAD, spoil="missing_column", tickets=False)
    report = here.day(BAD)
    assert (report["exit"], report["edition"], report["held"]) == (3, before["edition"], ["transit.card_tap"])

    run, states = here.newest_run("ingest_transport")
    assert run["state"] == "success"
    expected = dict.fromkeys(WAY[:3], "success") | dict.fromkeys(WAY[3:], "skipped")
    assert {task: states[f"card_tap.{task}"] for task in WAY} == expected
    log = next(iter(here.logs("ingest_transport", run["dag_run_id"], "card_tap.gate_1").values()))
    said = [line["event"] for line in log if line["logger"] == "govlake"]
    assert len(said) == 1 and "hold" in said[0] and "1 of 13 agreed columns are missing: tap_id" in said[0]

    status = next(row for row in here.ledger.delivery_status() if row["dataset"] == "transit.card_tap")
    assert (status["held"], status["status"], status["last_good_date"]) == (True, "held", BAD - timedelta(1))
    assert "tap_id" in status["reason_en"] and "缺少 1 列" in status["reason_zh"]
    page = here.ask("select edition, held_datasets, held_zh from marts.edition_info")[0]
    assert (page["edition"], page["held_datasets"]) == (before["edition"], 1) and "缺少 1 列" in page["held_zh"]

    here.deliver(BAD)
    report = here.day(BAD)
    assert (report["exit"], report["held"]) == (0, []) and report["edition"] > before["edition"]
    assert [row for row in here.ledger.incidents() if row["severity"] == "hold"] == []
    shown = here.ledger.query("SELECT taps FROM marts.kpi_transit_city_day WHERE tap_date = %s", [BAD])
    assert len(shown) == 1 and shown[0]["taps"] > 300
    accounts = here.ledger.accounts()
    assert len(accounts) == 2 * ORDINARY + 3 and all(row["closes"] for row in accounts)


def test_the_same_day_again_computes_nothing(here: City) -> None:
    before = here.ledger.current_edition()
    assert before is not None
    report = here.day(BAD)
    assert (report["exit"], report["edition"]) == (0, before["edition"])
    run, _ = here.newest_run("ingest_transport")
    run_id = here.airflow.start("ingest_transport", date=f"{BAD}")
    done, tasks = [*here.airflow.wait("ingest_transport", run_id)][-1]
    assert done == tasks >= len(WAY)
    states = {task["task_id"]: task["state"] for task in here.airflow.tasks("ingest_transport", run_id)}
    assert run["dag_run_id"] != run_id and set(states.values()) == {"skipped"}
    after = here.ledger.current_edition()
    assert after is not None and after["edition"] == before["edition"]
