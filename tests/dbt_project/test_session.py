"""What dbt reads costs one journey to the engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql.connect.client import SparkConnectClient

from govlake.engine import session
from spark_jobs.dbt_session import OneJourney

pytestmark = pytest.mark.engine


@pytest.fixture
def cursor(home: Path, engine: str) -> Iterator[OneJourney]:
    session()
    with OneJourney(server_side_parameters={"spark.remote": engine}) as opened:
        yield opened


def names(cursor: OneJourney) -> list[str]:
    return [column[0] for column in cursor.description]


def test_rows_name_their_columns_without_another_question(cursor: OneJourney, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SparkConnectClient, "_analyze", None)
    cursor.execute("SELECT 1 AS one, 'x' AS two")
    assert names(cursor) == ["one", "two"]
    assert cursor.fetchall() == [(1, "x")]


def test_a_result_without_rows_has_columns(cursor: OneJourney) -> None:
    cursor.execute("SELECT 1 AS one WHERE false")
    assert names(cursor) == ["one"]
    assert cursor.fetchall() == []


def test_nothing_was_asked(cursor: OneJourney) -> None:
    assert (cursor.description, cursor.fetchall()) == ([], None)
