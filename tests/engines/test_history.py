"""The tests of a snapshot's history once more on Apache Spark, where each takes a minute."""

import pytest

from tests.spark_jobs.conftest import tickets, write_contract
from tests.spark_jobs.test_history import *  # noqa: F403

__all__ = ["tickets", "write_contract"]
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("home", "engine")]
