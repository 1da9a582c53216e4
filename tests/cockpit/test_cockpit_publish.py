"""Publishing against a real Superset: repeatable, self-cleaning, and closed to those whom a page does not name."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from cockpit.publish import address, publish, reader_uri, signed_in
from cockpit.superset import Superset
from govlake.errors import CockpitError

pytestmark = pytest.mark.stack


@pytest.fixture
def superset(city: Path) -> Iterator[Superset]:
    publish()
    with signed_in() as session:
        yield session


@contextmanager
def person(superset: Superset, role: str) -> Iterator[Superset]:
    """Somebody who has `role` alone, for as long as the test runs."""
    roles = {item["name"]: item["id"] for item in superset.every("security/roles")}
    name, password = f"test-{role}-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    made = superset.post(
        "security/users/",
        {
            "username": name,
            "first_name": role,
            "last_name": "test",
            "email": f"{name}@localhost",
            "active": True,
            "password": password,
            "roles": [roles[role]],
        },
    )
    try:
        with Superset(address(), name, password) as session:
            yield session
    finally:
        superset.delete(f"security/users/{made['id']}")


def test_second_publish_does_nothing(superset: Superset) -> None:
    started = time.monotonic()
    outcome = publish()
    assert outcome.status == "nothing_new"
    assert outcome.detail["left_out"] == () or len(outcome.detail["left_out"]) < outcome.detail["charts"]
    assert time.monotonic() - started < 5


def test_a_list_is_whole_whatever_the_size_of_its_pages(superset: Superset, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [item["id"] for item in superset.every("security/permissions-resources")]
    monkeypatch.setattr("cockpit.superset.PAGE_SIZE", 25)
    again = [item["id"] for item in superset.every("security/permissions-resources")]
    assert len(listed) > 150 and len(set(listed)) == len(listed)
    assert sorted(again) == sorted(listed)


def test_own_stale_chart_goes_and_a_persons_chart_stays(superset: Superset) -> None:
    dataset = superset.every("dataset", ["id"])[0]["id"]
    chart = {"viz_type": "table", "datasource_id": dataset, "datasource_type": "table", "params": "{}"}
    stale = superset.post("chart/", {**chart, "slice_name": "stale", "is_managed_externally": True})["id"]
    kept = superset.post("chart/", {**chart, "slice_name": "somebody's own"})["id"]
    try:
        assert "chart stale" in publish(force=True).detail["removed"]
        numbers = {item["id"] for item in superset.every("chart", ["id"])}
        assert kept in numbers and stale not in numbers
    finally:
        superset.delete(f"chart/{kept}")


def test_leader_opens_the_overview_and_nothing_else(superset: Superset) -> None:
    with person(superset, "leader") as leader:
        assert leader.get("dashboard/city-overview")["result"]["published"]
        for closed in ("dashboard/delivery-quality", "database/", "dataset/", "sqllab/"):
            with pytest.raises(CockpitError):
                leader.get(closed)


def test_coordinator_opens_both_pages(superset: Superset) -> None:
    with person(superset, "coordinator") as coordinator:
        for slug in ("city-overview", "delivery-quality"):
            assert coordinator.get(f"dashboard/{slug}")["result"]["slug"] == slug


@pytest.mark.parametrize(
    "statement",
    [
        "select * from ledger.quarantine_reasons",
        "create table marts.mine (a int)",
        "delete from marts.kpi_city_overview",
    ],
    ids=["samples", "create", "delete"],
)
def test_the_cockpits_own_role_only_reads(superset: Superset, statement: str) -> None:
    url = reader_uri().replace("postgresql+psycopg2", "postgresql")
    with psycopg.connect(url) as connection, pytest.raises(psycopg.Error, match=r"permission denied|cannot"):
        connection.execute(statement)


def test_refusal_is_one_sentence_with_a_remedy() -> None:
    with pytest.raises(CockpitError, match="does not answer") as refusal:
        Superset("http://127.0.0.1:1", "admin", "x")
    assert "govlake" in refusal.value.remedy
