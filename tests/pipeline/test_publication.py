"""Between silver and the edition: a mart that fails is held and said; what a killed run left undone is done later."""

from datetime import date

import pytest

from govlake import pipeline
from govlake.pipeline import publish
from govlake.pipeline.run import ingest
from tests.pipeline.conftest import MART, MART_YML, Company, readings

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
DAY, NEXT = date(2026, 9, 1), date(2026, 9, 2)
BROKEN = MART.replace("sum(volume)", "sum(litres)")
TWICE = MART + "union all select * from totals"


def with_rules(rules: str) -> str:
    """The mart's description with rules that must hold of its rows."""
    test = f"data_tests: [{{sound: {{arguments: {{unique: [day, district], {rules}}}}}}}]"
    return MART_YML.replace("    columns:", f"    {test}\n    columns:")


NEVER = with_rules("never_negative: [-readings], only_values: {district: [nowhere]}, part_of_whole: [[readings, -1]]")
UNSOUND = [
    (BROKEN, MART_YML, ["litres"]),
    (TWICE, with_rules("never_null: [district]"), ["day, district occurs more than once"]),
    (MART, NEVER, ["-readings is negative", "district is none of the values", "readings exceeds -1"]),
]


def write_mart(company: Company, sql: str = MART, yml: str = MART_YML) -> None:
    folder = company.folder / "dbt" / "models" / "marts" / "water"
    (folder / "kpi_water_day.sql").write_text(sql, encoding="utf-8")
    (folder / "kpi_water_day.yml").write_text(yml, encoding="utf-8")


def test_a_mart_that_fails_is_held_and_said_until_it_is_mended(company: Company) -> None:
    company.deliver(DAY, readings(DAY))
    company.run()
    shown = company.shown()
    company.deliver(NEXT, readings(NEXT))
    for sql, yml, words in UNSOUND:
        write_mart(company, sql, yml)
        report = company.run()
        assert report.held and not report.published, words
        assert (company.edition(), company.shown()) == (1, shown), words
        incidents = [row for row in company.ledger.incidents() if row["department"] == "coordination"]
        assert incidents and all(row["rule"].startswith("dbt.") for row in incidents)
        assert len(incidents) == len(words) and all("未通过" in row["title_zh"] for row in incidents)
        assert all(any(said in row["title_en"] for row in incidents) for said in words)
        assert pipeline.publish_step("build", company.pack).status == "held"
    write_mart(company)
    report = company.run()
    assert (report.held, report.published, company.edition()) == (False, True, 2)
    assert company.ledger.incidents() == []
    assert {row[0] for row in company.shown()} == {DAY, NEXT}


def test_a_pack_may_make_views_of_its_steps(company: Company) -> None:
    step = company.folder / "dbt" / "models" / "staging" / "stg_water__readings.sql"
    step.write_text("{{ config(materialized='view') }}\n" + step.read_text(encoding="utf-8"), encoding="utf-8")
    for number, day in enumerate((DAY, NEXT), 1):
        company.deliver(day, readings(day))
        assert company.run().published and company.edition() == number
    assert {row[0] for row in company.shown()} == {DAY, NEXT}


def test_what_a_killed_run_left_unpublished_is_published_by_the_next(company: Company) -> None:
    company.deliver(DAY, readings(DAY))
    assert pipeline.is_settled(company.pack)
    ingest(company.reading, DAY, progress=lambda line: None)
    assert not pipeline.is_settled(company.pack)
    assert pipeline.publish_step("build", company.pack).status == "done"
    assert not pipeline.is_settled(company.pack) and company.edition() is None
    # The scheduler starts the marts once more: nothing is left to build, but the way to the edition is open.
    assert [pipeline.publish_step(step, company.pack).status for step in ("build", "gate_3", "publish")] == ["done"] * 3
    assert (company.edition(), pipeline.is_settled(company.pack)) == (1, True)
    assert pipeline.publish_step("build", company.pack).status == "nothing_new"
    # What is held is no news for the marts, whenever they are started.
    company.deliver(NEXT, b"")
    assert company.take(NEXT).status == "held"
    assert pipeline.is_settled(company.pack)
    assert pipeline.publish_step("build", company.pack).status == "nothing_new"
    company.deliver(NEXT, readings(NEXT))
    ingest(company.reading, NEXT, progress=lambda line: None)
    assert not pipeline.is_settled(company.pack)
    assert company.run().published and pipeline.is_settled(company.pack)


def test_a_delivery_that_ended_while_marts_were_built_leaves_nothing_unsettled(company: Company) -> None:
    """The marts hold it already, so the run that it starts finds nothing to build; who waits for it goes on."""
    company.deliver(DAY, readings(DAY))
    assert company.run().published
    before = {**company.ledger.cursor(publish.INPUTS), "delivered": "before the delivery had ended"}
    for cursor in (publish.INPUTS, publish.BUILDING, publish.SETTLED):
        company.ledger.set_cursor(cursor, before)
    assert not pipeline.is_settled(company.pack)
    assert pipeline.publish_step("build", company.pack).status == "nothing_new"
    assert pipeline.is_settled(company.pack)
    assert company.edition() == 1
