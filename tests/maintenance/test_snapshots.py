"""The history of a snapshot under erasure, backfill and restore."""

from datetime import date
from typing import Any

import pytest

from govlake import lake
from govlake.maintenance import backfill, forget, named
from govlake.maintenance.erasure import erase
from govlake.maintenance.maintain import maintain
from govlake.maintenance.person import person
from govlake.maintenance.restore import restore
from govlake.question import ask
from tests.maintenance.test_erasure import WHO, found
from tests.pipeline.conftest import Company, readings

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
ONE, TWO, THREE = (date(2026, 9, day) for day in (1, 2, 3))
QUIET = lambda line: None  # noqa: E731
ZONE = "{property: timezone, value: UTC}"


@pytest.fixture
def snapshots(company: Company) -> Company:
    """The company, whose deliveries hold every reading of the first day."""
    company.change(ZONE, f"{ZONE}\n  - {{property: delivery, value: snapshot}}")
    return company


def reading(number: str, **values: str) -> list[dict[str, str]]:
    return readings(ONE, 1, reading_id=number, **values)


def versions(*columns: str) -> list[tuple[Any, ...]]:
    """The versions of all readings but the unchanging ones, by number and first day."""
    listed = ", ".join(columns)
    rows = ask(
        f"SELECT reading_id, {listed}, day(_valid_from) AS first, day(_valid_to) AS ends FROM history.water.reading "
        "WHERE length(reading_id) < 5 ORDER BY reading_id, first",
        limit=0,
    ).rows
    return [tuple(row.values()) for row in rows]


def test_a_person_is_erased_from_the_history_and_no_older_version_becomes_valid_again(
    snapshots: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = readings(ONE)
    snapshots.deliver(ONE, [*others, *reading("1", meter=WHO), *reading("2", meter="m2"), *reading("3", meter="m3")])
    snapshots.deliver(TWO, [*others, *reading("1", meter=WHO, volume="4"), *reading("2", meter=WHO),
                            *reading("3", meter=WHO)])  # fmt: skip
    snapshots.deliver(THREE, [*others, *reading("2", meter="m2"), *reading("3", meter=WHO)])
    for day in (ONE, TWO, THREE):
        assert snapshots.take(day).status == "done"
    assert versions("meter") == [
        ("1", WHO, 1, 2), ("1", WHO, 2, 3), ("2", "m2", 1, 2), ("2", WHO, 2, 3), ("2", "m2", 3, None),
        ("3", "m3", 1, 2), ("3", WHO, 2, None),
    ]  # fmt: skip
    places = found(snapshots)
    assert any("lake/history" in place for place in places) and "ledger.restatement_samples" in places
    before = ask("SELECT * FROM history.water.reading WHERE length(reading_id) > 5 ORDER BY reading_id", limit=0).rows

    def remove() -> None:
        erase(person(WHO), snapshots.pack, "asked on paper", "PIPL article 47", "officer", progress=QUIET)

    with monkeypatch.context() as broken:
        broken.setattr(forget.purge, "delete_rows", lambda *arguments: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            remove()
    remove()
    assert found(snapshots) == set()
    assert versions("meter") == [("2", "m2", 1, 2), ("2", "m2", 3, None), ("3", "m3", 1, 2)]
    assert (
        ask("SELECT * FROM history.water.reading WHERE length(reading_id) > 5 ORDER BY reading_id", limit=0).rows
        == before
    )
    assert len(snapshots.ledger.restatements("water.reading")) == 2
    assert snapshots.silver("reading_id")[-1:] != [] and len(snapshots.silver("reading_id")) == len(others) + 1


def test_a_backfill_changes_the_history_when_it_is_swapped_and_not_before(snapshots: Company) -> None:
    snapshots.deliver(ONE, [*readings(ONE), *reading("1", volume="101")])
    snapshots.deliver(TWO, [*readings(ONE), *reading("1", volume="102")])
    for day in (ONE, TWO):
        snapshots.take(day)
    assert versions("volume") == []
    snapshots.change("maximum: 100", "maximum: 1000")
    number = snapshots.ledger.declare_backfill("water.reading", ONE, TWO, "the limit was wrong", "operator")
    row = backfill.build(number["backfill_id"], snapshots.pack, "operator", QUIET)
    assert versions("volume") == []
    backfill.swap(row["backfill_id"], snapshots.pack, "operator", QUIET)
    assert versions("volume") == [("1", 101.0, 1, 2), ("1", 102.0, 2, None)]
    assert snapshots.ledger.restatements() == []  # silver held neither value before


def test_a_backfill_records_what_it_restates_with_its_swap(company: Company) -> None:
    for day, volume in ((ONE, "101"), (TWO, "102")):
        company.deliver(day, [*readings(day), *reading("1", volume=volume, read_at=f"{ONE} 0{day.day}:00:00")])
        company.take(day)
    company.change("maximum: 100", "maximum: 1000")
    number = company.ledger.declare_backfill("water.reading", ONE, TWO, "the limit was wrong", "operator")
    row = backfill.build(number["backfill_id"], company.pack, "operator", QUIET)
    assert company.ledger.restatements() == []
    backfill.swap(row["backfill_id"], company.pack, "operator", QUIET)
    [told] = company.ledger.restatements()
    assert (told["batch_id"], told["columns"]) == ("water.reading-20260902", {"volume": 1})


def test_restoring_silver_and_maintenance_leave_the_history_as_it_is(snapshots: Company) -> None:
    for day, volume in ((ONE, "1"), (TWO, "2"), (THREE, "3")):
        snapshots.deliver(day, [*readings(ONE), *reading("1", volume=volume)])
        snapshots.take(day)
    expected = [("1", 1.0, 1, 2), ("1", 2.0, 2, 3), ("1", 3.0, 3, None)]
    assert versions("volume") == expected
    restored = restore(named("silver.water.reading"), 0, "operator")
    assert restored.again == ["water.reading-20260902", "water.reading-20260903"]
    assert versions("volume") == expected
    for day in (TWO, THREE):
        snapshots.take(day)
    assert versions("volume") == expected
    assert ("1", 3.0) in snapshots.silver("reading_id", "volume")
    assert len(snapshots.ledger.restatements()) >= 2
    maintain(progress=QUIET)
    assert versions("volume") == expected and ("water", "reading") in lake.find("history")
