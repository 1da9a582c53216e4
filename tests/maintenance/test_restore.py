"""Going back to an older version of silver: what it undoes, what it does not, and what is refused."""

from datetime import date, timedelta

import pytest

from govlake import lake, pipeline
from govlake.errors import LakeError
from govlake.maintenance import named
from govlake.maintenance.history import history
from govlake.maintenance.restore import restore
from govlake.settings import settings
from tests.pipeline.conftest import Company, readings

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
DAYS = [date(2026, 9, 1) + timedelta(days=number) for number in range(3)]


def deliver(company: Company) -> None:
    for day in DAYS:
        company.deliver(day, readings(day))
    company.run()


def test_history_says_what_happened_and_how_many_rows_there_were(company: Company) -> None:
    deliver(company)
    versions = history(named("water.reading"))
    assert [(entry["version"], entry["rows"]) for entry in versions] == [(2, 60), (1, 40), (0, 20)]
    assert versions[0]["at"] > versions[2]["at"]
    with pytest.raises(LakeError, match=r"no table nothing.*silver.water.reading"):
        named("nothing")


def test_what_came_after_the_version_is_judged_again_and_the_accounts_stay_true(company: Company) -> None:
    deliver(company)
    rows, shown, accounts = company.silver("reading_id", "volume", "_batch_id"), company.shown(), company.accounts()
    restored = restore(named("water.reading"), 0, "the platform team")
    assert restored.again == [f"water.reading-{day:%Y%m%d}" for day in DAYS[1:]]
    assert (restored.rows, len(company.silver("reading_id")), company.accounts()) == (20, 20, accounts)
    audit = company.ledger.query("SELECT who, what, detail FROM ledger.audit")[-1]
    assert (audit["who"], audit["what"], audit["detail"]["to"]) == ("the platform team", "silver restored", 0)

    for file in settings().inbox.iterdir():
        file.unlink()  # what landing keeps is enough
    assert pipeline.pending(company.reading) == DAYS[1:]
    report = company.run()
    assert [row["status"] for row in report.rows] == ["done", "done"]
    assert company.silver("reading_id", "volume", "_batch_id") == rows
    assert (company.accounts(), company.shown()) == (accounts, shown)
    assert pipeline.pending(company.reading) == []


def test_a_damaged_table_is_healed_and_nothing_is_pending_where_the_files_still_lie_in_the_inbox(
    company: Company,
) -> None:
    deliver(company)
    found = lake.delta(lake.path("silver", "water", "reading"))
    assert found is not None
    found.delete("district = 'north'")
    assert len(company.silver("reading_id")) == 30
    restored = restore(named("silver.water.reading"), 2, "operator")
    assert (restored.again, len(company.silver("reading_id"))) == ([], 60)
    assert company.run().rows == []
    restore(named("silver.water.reading"), 1, "operator")
    company.run()
    assert len(company.silver("reading_id")) == 60
    assert company.run().rows == []


def test_what_cannot_be_restored_says_what_can(company: Company) -> None:
    deliver(company)
    with pytest.raises(LakeError, match=r"no version 9 .* knows 0 to 2"):
        restore(named("water.reading"), 9, "operator")
    with pytest.raises(LakeError, match="only silver"):
        restore(named("bronze.water.reading"), 0, "operator")
