"""The tests of a snapshot's history once more on Apache Spark."""

from collections.abc import Iterator

import pytest

from tests.engines.conftest import uncompiled
from tests.spark_jobs.conftest import tickets, write_contract
from tests.spark_jobs.test_history import *  # noqa: F403

__all__ = ["tickets", "write_contract"]
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("home", "engine")]


@pytest.fixture(autouse=True)
def many_plans() -> Iterator[None]:
    """A history is dozens of plans over a few rows, too."""
    with uncompiled():
        yield
