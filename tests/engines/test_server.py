"""Apache Spark as a service of the stack: it starts, comes back when it dies, and leaves nothing."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pyspark.sql.connect.session import SparkSession

from govlake import engine
from govlake.settings import settings
from govlake.stack import doctor, down, engines, leftovers, supervisor, up
from govlake.stack import status as stack_status

pytestmark = [pytest.mark.cluster, pytest.mark.stack]


@pytest.fixture
def home_of_spark(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with an odd name whose engine is Apache Spark; it is down afterwards."""
    for others in ("GOVLAKE_ENGINE_URL", "GOVLAKE_POSTGRES_URL"):
        monkeypatch.delenv(others, raising=False)
    monkeypatch.setenv("GOVLAKE_ENGINE", "spark")
    with tempfile.TemporaryDirectory(prefix="govlake-") as folder:
        monkeypatch.setenv("GOVLAKE_HOME", str(Path(folder) / "a home; 50% 数据"))
        settings.cache_clear()
        yield settings().home
        engine.close()
        down()
    settings.cache_clear()


def eventually(holds: Callable[[], bool], seconds: float = 180) -> bool:
    limit = time.monotonic() + seconds
    while not holds() and time.monotonic() < limit:
        time.sleep(0.2)
    return holds()


def is_well() -> bool:
    return {service.name: service.state for service in stack_status.services()}["engine"] == "well"


def test_the_server_works_comes_back_and_leaves_nothing(home_of_spark: Path) -> None:
    assert up(["engine"])
    assert not up(["engine"])
    table = str(home_of_spark / "lake" / "gold" / "城" / "t")
    engine.session().range(3).write.format("delta").save(table)
    assert engine.session().read.format("delta").load(table).count() == 3
    assert engines.report()["answers"] is True
    found = {finding.check: finding.ok for finding in doctor.examine()}
    assert found["java"] and found["spark jars"] and found["engine"]

    guard = supervisor.processes()["engine"]["pid"]
    server = next(child for child in psutil.Process(guard).children(recursive=True) if "java" in child.name())
    listening = {c.laddr.ip.removeprefix("::ffff:") for c in server.net_connections("inet") if c.status == "LISTEN"}
    assert listening == {"127.0.0.1"}
    server.kill()
    assert eventually(lambda: supervisor.processes()["engine"]["pid"] not in (0, guard) and is_well())
    assert engine.session().read.format("delta").load(table).count() == 3
    assert SparkSession.active() is engine.session()  # the one that Great Expectations and dbt find

    mine = leftovers.find()
    assert any("java" in process.name() for process in mine)
    down()
    assert not leftovers.find() and not any(process.is_running() for process in mine)
