"""From the inbox to the edition: what arrives is counted, shown once, and corrected where it is corrected."""

from datetime import date
from decimal import Decimal

import pytest

from govlake import pipeline
from govlake.pipeline.steps import INGEST
from govlake.settings import settings
from tests.pipeline.conftest import Company, readings

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
DAY, NEXT = date(2026, 9, 1), date(2026, 9, 2)


def test_a_delivery_becomes_an_edition_and_the_same_delivery_changes_nothing(company: Company) -> None:
    company.deliver(DAY, [*readings(DAY), readings(DAY)[0], *readings(DAY, 1, reading_id="99", volume="101")])
    report = company.run()
    assert (report.held, report.published, company.edition()) == (False, True, 1)
    assert report.rows[0]["verdict"] == "" and report.rows[0]["status"] == "done"
    assert company.accounts() == {
        "water.reading-20260901": {"landed": 22, "silver_new": 20, "duplicate": 1, "quarantined": 1}
    }
    assert company.shown() == [(DAY, "north", 10, Decimal("50.00")), (DAY, "south", 10, Decimal("55.00"))]
    before, accounts = company.versions(), company.ledger.accounts()

    again = company.run()
    assert (again.rows, again.published, again.edition) == ([], False, 1)
    asked = company.run(day=DAY, dataset="water.reading")
    assert [row["status"] for row in asked.rows] == ["nothing_new"]
    assert (asked.published, company.edition()) == (False, 1)
    assert company.versions() == before
    assert company.ledger.accounts() == accounts


def test_a_late_delivery_of_an_earlier_day_takes_its_place(company: Company) -> None:
    company.deliver(NEXT, [*readings(NEXT), readings(DAY, 1)[0] | {"volume": "9"}])
    company.run()
    assert company.shown()[0] == (DAY, "north", 1, Decimal("9.00"))
    company.deliver(DAY, readings(DAY))
    report = company.run()
    assert (report.rows[0]["batch_id"], company.edition()) == ("water.reading-20260901", 2)
    # The row that the later delivery brought for that day stays: of two deliveries, the later one knows better.
    assert company.accounts()["water.reading-20260901"] == {"landed": 20, "silver_new": 19, "superseded": 1}
    assert company.shown()[:2] == [(DAY, "north", 10, Decimal("58.50")), (DAY, "south", 10, Decimal("55.00"))]


def test_a_corrected_delivery_changes_adds_and_withdraws(company: Company) -> None:
    company.deliver(DAY, readings(DAY))
    company.run()
    corrected = [row for row in readings(DAY, 21) if row["reading_id"] != "0901001"]
    company.deliver(DAY, [corrected[0] | {"volume": "2"}, *corrected[1:]])
    company.run()
    assert company.accounts()["water.reading-20260901-r2"] == {
        "landed": 20, "silver_new": 1, "silver_updated": 1, "unchanged": 18,
    }  # fmt: skip
    rows = dict(company.silver("reading_id", "volume"))
    assert (len(rows), rows["0901002"], "0901001" in rows, "0901021" in rows) == (20, 2.0, False, True)
    assert company.shown() == [(DAY, "north", 10, Decimal("60.00")), (DAY, "south", 10, Decimal("56.00"))]
    company.deliver(DAY, readings(DAY))
    assert "took its place" in company.take(DAY).line
    assert len(company.silver("reading_id")) == 20


def test_a_day_that_was_overtaken_is_compared_with_silver_again(company: Company) -> None:
    shared = readings(DAY, 1)[0]
    company.deliver(DAY, readings(DAY))
    company.deliver(NEXT, [*readings(NEXT), shared | {"volume": "77"}])
    for step in INGEST[:-1]:
        assert pipeline.ingest_step(step, company.reading, DAY).status == "done"
    company.take(NEXT)
    assert pipeline.ingest_step("silver", company.reading, DAY).status == "done"
    assert company.accounts()["water.reading-20260901"] == {"landed": 20, "silver_new": 19, "superseded": 1}
    assert dict(company.silver("reading_id", "volume"))[shared["reading_id"]] == 77


def test_a_delivery_by_hand_goes_the_same_way(company: Company) -> None:
    file = company.deliver(DAY, readings(DAY), name="by_hand.csv")
    first = pipeline.land_file(file, company.reading, DAY, lambda line: None)
    again = pipeline.land_file(file, company.reading, DAY, lambda line: None)
    assert (first.status, again.status, len(company.silver("meter"))) == ("done", "nothing_new", 20)
    assert company.accounts() == {"water.reading-20260901": {"landed": 20, "silver_new": 20}}


def test_pending_is_what_is_new_changed_unfinished_or_under_another_contract(company: Company) -> None:
    days = lambda: pipeline.pending(company.reading)  # noqa: E731
    assert days() == []
    company.deliver(NEXT, readings(NEXT))
    company.deliver(DAY, readings(DAY))
    assert days() == [DAY, NEXT]
    assert pipeline.pending(company.reading, until=DAY) == [DAY]
    company.take(DAY)
    company.take(NEXT)
    assert days() == []
    pipeline.ingest_step("land", company.reading, DAY, force=True)
    assert days() == [DAY]
    company.take(DAY)
    company.deliver(DAY, readings(DAY, 19))
    assert days() == [DAY]
    company.take(DAY)
    company.change("maximum: 100", "maximum: 5")
    assert days() == [DAY, NEXT]


def test_a_changed_rule_brings_rows_out_of_quarantine_and_into_it(company: Company) -> None:
    company.deliver(DAY, readings(DAY, volume="101"))
    company.take(DAY)
    assert company.accounts()["water.reading-20260901"] == {"landed": 20, "silver_new": 19, "quarantined": 1}
    assert [row["rule"] for row in company.ledger.incidents()] == ["volume.range"]
    company.change("maximum: 100", "maximum: 1000")
    assert pipeline.replay(company.reading, DAY, lambda line: None).status == "done"
    assert company.accounts()["water.reading-20260901"] == {"landed": 20, "silver_new": 20}
    assert dict(company.silver("reading_id", "volume"))["0901020"] == 101
    assert company.ledger.incidents() == []
    assert company.ledger.quarantine() == []
    company.change("maximum: 1000", "maximum: 9.7")
    assert company.take(DAY).status == "done"
    assert company.accounts()["water.reading-20260901"] == {"landed": 20, "silver_new": 19, "quarantined": 1}
    assert "0901020" not in dict(company.silver("reading_id", "volume"))


def test_every_delivery_is_kept_byte_for_byte(company: Company) -> None:
    file = company.deliver(DAY, readings(DAY))
    company.take(DAY)
    company.deliver(DAY, readings(DAY, 19))
    company.take(DAY)
    kept = sorted((settings().landing / "water_company" / "reading").rglob("*.csv"))
    assert [len(path.read_bytes().splitlines()) for path in kept] == [21, 20]
    assert kept[1].read_bytes() == file.read_bytes()
