"""Through Airflow, with lake and landing on an S3 server: every task finds it by the home's settings file alone."""

from collections.abc import Iterator

import pytest

from govlake.stack import testing
from tests.conftest import running_stack
from tests.e2e.conftest import DATASETS, City, ordinary_days, seen_by_settings

pytestmark = [pytest.mark.long, pytest.mark.stack]
DAYS = 2  # one straight through the steps, one through Airflow


@pytest.fixture
def remote_city(s3: testing.S3Server) -> Iterator[City]:
    """The city in a stack whose settings file names a bucket."""
    lines = s3.named("s3://through-airflow/a/city")
    with running_stack(lines) as stack, ordinary_days(stack, DAYS) as city, seen_by_settings(stack.home):
        yield city


def test_days_go_through_airflow_to_an_edition_on_s3(remote_city: City) -> None:
    assert remote_city.airflow.import_errors() == ""
    for dag_id in ("ingest_transport", "ingest_hotline"):
        assert "success" in [run["state"] for run in remote_city.airflow.runs(dag_id)], dag_id
    kept_at_home = [file for part in ("lake", "landing") for file in (remote_city.stack.home / part).rglob("*.*")]
    assert kept_at_home == []
    assert {row["dataset"] for row in remote_city.ledger.accounts()} == set(DATASETS)
    for name in DATASETS:
        accounts = remote_city.ledger.accounts(dataset=name)
        assert len(accounts) == DAYS and all(row["closes"] for row in accounts)
        [counted] = remote_city.ask(f"select count(*) as n from silver.{name}")
        assert counted["n"] == sum(row["silver_new"] for row in accounts) > 0
