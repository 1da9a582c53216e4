"""The row jobs' own tests, which say in literals what becomes of a row, once more on Apache Spark."""

import pytest

from spark_jobs import repeats
from tests.spark_jobs.conftest import tickets, write_contract
from tests.spark_jobs.test_parsing import *  # noqa: F403
from tests.spark_jobs.test_silver import *  # noqa: F403

__all__ = ["tickets", "write_contract"]
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("home", "engine")]


@pytest.fixture(autouse=True)
def many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of large deliveries; the small ones of whole cities take the other one, on both engines."""
    monkeypatch.setattr(repeats, "LITTLE", -1)
