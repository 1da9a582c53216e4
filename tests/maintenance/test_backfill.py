"""A backfill is built beside, compared, and swapped in one commit per table; before the swap nothing changes."""

from datetime import date, timedelta

import pytest

from govlake import lake
from govlake.errors import LakeError, LedgerError
from govlake.ledger import Row
from govlake.maintenance import backfill, named
from govlake.maintenance.restore import restore
from govlake.settings import settings
from tests.pipeline.conftest import Company, readings

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
DAYS = [date(2026, 9, 1) + timedelta(days=number) for number in range(3)]
QUIET = lambda line: None  # noqa: E731


@pytest.fixture
def delivered(company: Company) -> Company:
    """Three days; the last row of each was kept out by a rule that allowed too little, which is corrected now."""
    for day in DAYS:
        company.deliver(day, readings(day, volume="101"))
    company.run()
    company.change("maximum: 100", "maximum: 1000")
    for file in settings().inbox.iterdir():
        file.unlink()
    return company


def declare(company: Company) -> Row:
    return company.ledger.declare_backfill("water.reading", DAYS[0], DAYS[1], "the limit was wrong", "operator")


def state(company: Company) -> object:
    """All that people see."""
    accounts, gates = company.ledger.accounts(), company.ledger.gate_results("water.reading-20260901")
    incidents = [(row["incident_id"], row["state"], row["rows"]) for row in company.ledger.incidents()]
    versions = {key: version for key, version in company.versions().items() if not key.startswith("staging/")}
    return company.silver("reading_id", "volume"), accounts, gates, versions, incidents


def shadows() -> list[str]:
    return [str(path) for path in settings().lake.glob("staging/backfill/*/*")]


def test_nothing_changes_before_the_swap_and_the_accounts_close_after_it(delivered: Company) -> None:
    before = state(delivered)
    row = backfill.build(declare(delivered)["backfill_id"], delivered.pack, "operator", QUIET)
    assert row["state"] == "built"
    assert row["comparison"] == [
        {"table": "water.reading", "before": 57, "after": 59, "added": 2, "removed": 0, "changed": 0}
    ]
    assert state(delivered) == before

    row = backfill.swap(row["backfill_id"], delivered.pack, "operator", QUIET)
    assert (row["state"], shadows()) == ("swapped", [])
    assert len(delivered.silver("reading_id")) == 59
    assert {key: value for key, value in delivered.accounts().items() if key != "water.reading-20260903"} == {
        f"water.reading-{day:%Y%m%d}": {"landed": 20, "silver_new": 20} for day in DAYS[:2]
    }
    assert [row["logical_date"] for row in delivered.ledger.incidents()] == [DAYS[2]]
    assert lake.version(lake.path("silver", "water", "reading")) == row["kept"]["silver.water.reading"] + 1
    assert delivered.run().published

    back = restore(named("water.reading"), row["kept"]["silver.water.reading"], "operator")
    assert back.rows == 57 and back.again == ["water.reading-20260901", "water.reading-20260902"]


def test_a_swap_that_was_killed_is_finished(delivered: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    number = backfill.build(declare(delivered)["backfill_id"], delivered.pack, "operator", QUIET)["backfill_id"]
    with monkeypatch.context() as broken:
        broken.setattr(backfill, "_close", lambda *arguments: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            backfill.swap(number, delivered.pack, "operator", QUIET)
    assert delivered.ledger.backfill(number)["state"] == "swapping"
    version = lake.version(lake.path("silver", "water", "reading"))
    assert backfill.swap(number, delivered.pack, "operator", QUIET)["state"] == "swapped"
    assert lake.version(lake.path("silver", "water", "reading")) == version
    assert len(delivered.silver("reading_id")) == 59
    assert delivered.accounts()["water.reading-20260902"] == {"landed": 20, "silver_new": 20}


def test_a_backfill_is_refused_where_the_world_moved_on_or_a_gate_holds_it(delivered: Company) -> None:
    number = backfill.build(declare(delivered)["backfill_id"], delivered.pack, "operator", QUIET)["backfill_id"]
    with pytest.raises(LedgerError, match=f"Backfill {number} of water.reading is still built"):
        declare(delivered)
    delivered.deliver(DAYS[2] + timedelta(days=1), readings(DAYS[2] + timedelta(days=1)))
    delivered.take(DAYS[2] + timedelta(days=1))
    with pytest.raises(LakeError, match="silver has changed"):
        backfill.swap(number, delivered.pack, "operator", QUIET)
    assert backfill.build(number, delivered.pack, "operator", QUIET)["comparison"][0]["before"] == 77
    assert backfill.abandon(number, "operator")["state"] == "abandoned"
    assert (shadows(), len(delivered.silver("reading_id"))) == ([], 77)
    with pytest.raises(LakeError, match="abandoned; only a built one"):
        backfill.swap(number, delivered.pack, "operator", QUIET)
    delivered.change("{value: north}, {value: south}", "{value: east}")
    held = backfill.build(declare(delivered)["backfill_id"], delivered.pack, "operator", QUIET)
    assert held["state"] == "held" and len(delivered.silver("reading_id")) == 77
