"""A spoiled delivery is held, says why in both languages, and disturbs nothing; the corrected one ends it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from govlake.pipeline.run import ingest
from govlake.settings import settings
from tests.pipeline.conftest import COLUMNS, Company, Row, csv, readings, zipped

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
FIRST = date(2026, 9, 1)
BAD = FIRST + timedelta(3)


def null_keys() -> list[Row]:
    """Every second row has no key."""
    return [row | {"reading_id": ""} if number % 2 else row for number, row in enumerate(readings(BAD))]


# What arrives, the rule that holds it, and words of the reason in English and Chinese.
SPOILED: dict[str, tuple[bytes, str, str, str]] = {
    "a column is missing": (csv(readings(BAD), COLUMNS[1:]), "columns", "reading_id", "缺少 1 列"),
    "half the keys are null": (csv(null_keys()), "reading_id.given", "50 %", "缺少"),
    "half the usual rows": (csv(readings(BAD, 10)), "volume", "50 % of the usual", "中位数"),
    "wrong encoding": (csv(readings(BAD, meter="水表")).decode().encode("utf-16"), "unreadable", "utf-8", "编码"),
    "nothing in it": (b"", "unreadable", "empty", "空"),
    "the header alone": (csv([]), "rows", "0 rows", "0 行"),
    "too many bad rows": (csv([row | {"volume": "-1"} for row in readings(BAD)]), "volume.range", "100 %", "100 %"),
}


def test_whatever_is_wrong_leaders_keep_the_edition_until_the_corrected_delivery(company: Company) -> None:
    for age in range(3):
        company.deliver(FIRST + timedelta(age), readings(FIRST + timedelta(age)))
    assert company.run().published
    silver, shown, silver_version = (
        company.silver("reading_id"),
        company.shown(),
        company.versions()["silver/water/reading"],
    )
    for number, (kind, (content, rule, word_en, word_zh)) in enumerate(SPOILED.items(), start=1):
        company.deliver(BAD, content)
        report = company.run()
        assert (report.held, report.published, company.edition()) == (True, False, 1), kind
        assert [row["status"] for row in report.rows] == ["held"], kind
        _explains(company, number, rule, word_en, word_zh)
        assert company.versions()["silver/water/reading"] == silver_version, kind
        assert (company.silver("reading_id"), company.shown()) == (silver, shown), kind
        assert company.run().rows == [], kind
    assert not list((settings().lake / "staging").rglob("*.parquet"))

    company.deliver(BAD, readings(BAD))
    report = company.run()
    assert (report.held, report.published, company.edition()) == (False, True, 2)
    assert company.ledger.incidents() == [] and company.ledger.held_datasets() == []
    assert company.shown()[-1] == (BAD, "south", 10, Decimal("55.00"))
    assert set(company.accounts()) == {
        *(f"water.reading-2026090{day}" for day in (1, 2, 3, 4)),
        *(f"water.reading-20260904-r{revision}" for revision in range(2, len(SPOILED) + 2)),
    }
    assert company.accounts()[f"water.reading-20260904-r{len(SPOILED) + 1}"] == {"landed": 20, "silver_new": 20}


def _explains(company: Company, revision: int, rule: str, word_en: str, word_zh: str) -> None:
    """The incident and the delivery's status say what is wrong, in both languages."""
    batch_id = f"water.reading-{BAD:%Y%m%d}" + (f"-r{revision}" if revision > 1 else "")
    incidents = {row["rule"]: row for row in company.ledger.incidents() if row["batch_id"] == batch_id}
    assert rule in incidents, (rule, list(incidents))
    incident = incidents[rule]
    assert (incident["severity"], incident["department"], incident["logical_date"]) == ("hold", "water_company", BAD)
    held = {row["dataset"]: row for row in company.ledger.held_datasets()}["water.reading"]
    assert (held["batch_id"], held["last_good_date"]) == (batch_id, BAD - timedelta(1))
    for said in (incident["title_en"], held["reason_en"]):
        assert word_en in said, said
    for said in (incident["title_zh"], held["reason_zh"]):
        assert word_zh in said, said
    account = company.accounts()[batch_id]
    assert account.get("quarantined", 0) == account.get("landed", 0)


def test_a_truncated_archive_is_held_as_bytes(company: Company) -> None:
    leaks = csv([{"leak_id": str(number), "street": "河滨路"} for number in range(200)], ("leak_id", "street"))
    whole = zipped(leaks=leaks)
    name = "leaks_{:%Y%m%d}.zip"
    company.deliver(FIRST, whole[: len(whole) * 2 // 3], name)
    report = company.run(dataset="water.leak")
    assert [(row["status"], row["verdict"]) for row in report.rows] == [("held", "hold")]
    incident = company.ledger.incidents()[0]
    assert incident["rule"] == "unreadable" and "zip" in incident["title_en"] and "压缩" in incident["title_zh"]
    assert not [name for name in company.versions() if name.endswith("water/leak")]
    company.deliver(FIRST, whole, name)
    assert [row["status"] for row in company.run(dataset="water.leak").rows] == ["done"]
    assert company.ledger.incidents() == []
    account = company.ledger.accounts(dataset="water.leak")[-1]
    assert (account["landed"], account["silver_new"], account["closes"]) == (200, 200, True)


def test_a_table_that_may_be_absent_is_absent_and_comes_back(company: Company) -> None:
    leaks = csv([{"leak_id": "1", "street": "河滨路"}], ("leak_id", "street"))
    repairs = csv([{"leak_id": "1", "cost": "7.5"}], ("leak_id", "cost"))
    contract = company.pack.find("water.leak")
    for age, members in enumerate(({"leaks": leaks}, {"leaks": leaks, "repairs": repairs}, {"leaks": leaks})):
        company.deliver(FIRST + timedelta(age), zipped(**members), "leaks_{:%Y%m%d}.zip")
        outcome = ingest(contract, FIRST + timedelta(age), progress=lambda line: None)
        assert outcome.status == "done", outcome.line
    accounts = company.ledger.accounts(dataset="water.repair")
    assert [(row["landed"], row["silver_new"], row["closes"]) for row in accounts] == [
        (0, 0, True), (1, 1, True), (0, 0, True),
    ]  # fmt: skip
    assert [row["status"] for row in company.ledger.batches("water.leak")] == ["done"] * 3


def test_a_few_bad_rows_are_set_aside_and_the_rest_goes_on(company: Company) -> None:
    rows = readings(FIRST, volume="-3")
    company.deliver(FIRST, [*rows[:5], rows[5] | {"district": "east", "volume": "x"}, *rows[6:]])
    outcome = company.take(FIRST)
    assert outcome.status == "done"
    assert company.accounts()["water.reading-20260901"] == {"landed": 20, "silver_new": 18, "quarantined": 2}
    causes = {row["rule"]: row["rows"] for row in company.ledger.quarantine()}
    assert causes == {"district.enum": 1, "volume.type": 1, "volume.range": 1}
    assert {row["rule"]: row["severity"] for row in company.ledger.incidents()} == dict.fromkeys(causes, "quarantine")
    assert company.ledger.batch("water.reading-20260901")["verdict"] == "flag"
    company.deliver(FIRST, readings(FIRST))
    assert company.take(FIRST).status == "done"
    assert company.ledger.incidents() == [] and company.ledger.quarantine() == []
