"""Rows of large partitions are written apart from the others, and none is lost or doubled."""

from datetime import date

import pytest

from govlake import engine as sessions
from spark_jobs import apart
from tests.pipeline.conftest import Company, company, readings

__all__ = ["company"]
pytestmark = [pytest.mark.engine, pytest.mark.postgres]
ONE, TWO = date(2026, 9, 1), date(2026, 9, 2)


def test_rows_of_large_partitions_apart_are_the_same_rows(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "LARGE", 15)
    company.deliver(ONE, readings(ONE))
    company.take(ONE)
    assert len(company.silver("reading_id")) == 20
    late = [*readings(TWO), *readings(ONE, 3, reading_id="991"), *readings(date(2026, 8, 31), 1, reading_id="992")]
    company.deliver(TWO, late)
    company.take(TWO)
    rows = company.silver("reading_id", "day", "volume")
    assert len(rows) == len(set(rows)) == 42
    company.deliver(ONE, [*readings(ONE, volume="7"), *readings(ONE, 1, reading_id="993")])
    company.take(ONE)
    assert len(company.silver("reading_id")) == 43
    assert ("0901020", ONE, 7.0) in company.silver("reading_id", "day", "volume")


def test_every_large_partition_gets_a_pass_and_the_rest_shares_one(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "LARGE", 10)
    table = company.reading.tables[0]
    days = "CASE WHEN id < 12 THEN DATE'2026-09-01' WHEN id < 14 THEN NULL ELSE DATE'2026-09-02' END AS day"
    rows = sessions.session().range(20).selectExpr("id", days)
    split = apart.by_partition(rows, table, rows, 20)
    assert sorted(row[0] for row in split.collect()) == list(range(20))
    assert split.selectExpr("max(id)").collect()[0][0] == 19
    assert apart.by_partition(rows, table, rows, 9) is rows
