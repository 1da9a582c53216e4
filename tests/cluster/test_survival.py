"""The sample city on a Spark cluster with its lake on S3: whatever is killed, a rerun ends with the same edition."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from govlake.contracts import load_pack
from govlake.errors import GovlakeError
from govlake.ledger import ledger
from govlake.pipeline import RunReport, run
from govlake.sample.deliver import deliver
from govlake.settings import PROJECT
from govlake.stack import testing
from govlake.stack.testing import Program
from tests.engines import content
from tests.engines.conftest import Place, place

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.postgres]
FIRST, SCALE, PACK = date(2026, 9, 1), 0.05, PROJECT / "contracts"
TRIES = 4
TABLES = ("transit.card_tap",)
SECRET = "a secret of this test"
# A part that falls silent is missed after seconds; a real cluster, whose parts may only be busy, waits for minutes.
CONF = {
    "spark.network.timeout": "20s",
    "spark.network.timeoutInterval": "5s",
    "spark.executor.heartbeatInterval": "4s",
    "spark.executor.memory": "600m",
    "spark.executor.cores": "1",
    "spark.executor.defaultJavaOptions": testing.SMALL_JAVA,
    "spark.driver.defaultJavaOptions": testing.QUICK_JAVA,
}
# Both cities receive the same files, each at its own moment.
MOMENTS = {"delivered_at", "delay_h", "fetched_at", "last_delivery_at", "last_good_at", "opened_at", "bytes", "source"}


@dataclass
class Strike:
    """Does harm, from a thread, a moment after the run has said something that begins with `at`."""

    at: str
    harm: Callable[[], None]
    done: threading.Thread | None = field(default=None)

    def __call__(self, line: str) -> None:
        if self.done is None and line.startswith(self.at):
            self.done = threading.Thread(target=self._strike)
            self.done.start()

    def _strike(self) -> None:
        time.sleep(1)
        self.harm()


@dataclass
class Scene:
    """The city on the cluster, the same city undisturbed, and what can be killed."""

    city: Place
    undisturbed: Place
    spark: str
    sail: str
    worker: Program
    driver: Program
    s3: Program

    def day(self, number: int, strike: Strike) -> list[RunReport]:
        """Let both cities take a day, one of them under a strike; the reports of its runs until one was sound."""
        for each in (self.undisturbed, self.city):
            deliver(each.home, FIRST + timedelta(number), SCALE, only=TABLES)
        self.undisturbed.run(self.sail)
        reports: list[RunReport] = []
        while not reports or reports[-1].failed or reports[-1].edition is None:
            assert len(reports) < TRIES
            reports.append(self._attempt(strike))
        assert strike.done is not None
        strike.done.join()
        return reports

    def _attempt(self, strike: Strike) -> RunReport:
        with self.city.on(self.spark):
            try:
                return run(load_pack(PACK), progress=strike)
            except GovlakeError:
                if strike.done is not None:
                    strike.done.join()
                return RunReport(rows=[{"status": "error"}])

    def differences(self) -> list[str]:
        """In what the editions, accounts, gates and rows in quarantine differ."""
        held = []
        for each, address in ((self.undisturbed, self.sail), (self.city, self.spark)):
            with each.on(address):
                held.append(content.of_ledger(ledger(), MOMENTS))
                assert all(account["closes"] for account in ledger().accounts())
        assert any(name.startswith("marts.") and rows for name, (_, rows) in held[0].items())
        return content.differences(*held)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, sail: str) -> Iterator[Scene]:
    """Everything is up; no day has come yet."""
    folder: Path = tmp_path_factory.mktemp("cluster")
    s3, server = testing.s3_server(folder / "s3")
    bucket = "s3://city/lake-of-a-cluster"
    given = server.settings(bucket)
    own = {**server.named(bucket), "spark_secret": SECRET, "spark_conf": CONF, "engine_memory_mb": 1024}
    (folder / "driver").mkdir()
    with s3.running(), testing.spark_cluster(folder, memory_mb=700, secret=SECRET) as cluster:
        driver, spark = testing.spark_server(folder / "driver", spark_master=cluster.address, **own)
        with driver.running(), place(PACK, GOVLAKE_ENGINE="spark", **given) as city, place(PACK) as undisturbed:
            yield Scene(city, undisturbed, spark, sail, cluster.workers[0], driver, s3)


def test_a_cluster_counts_with_both_its_workers(scene: Scene) -> None:
    session = SparkSession.builder.remote(scene.spark).create()
    assert session.range(1000, numPartitions=8).selectExpr("sum(id) AS whole").collect()[0].whole == 499_500
    folder = scene.worker.folder
    assert folder is not None and all(list((folder / name).glob("app-*/*")) for name in ("worker-1", "worker-2"))
    session.stop()


def test_a_worker_is_killed_in_mid_batch(scene: Scene) -> None:
    scene.day(0, Strike("gate 1 transit.card_tap", scene.worker.kill))
    assert scene.differences() == []
    scene.worker.start()


@pytest.mark.parametrize("part", ["s3", "driver"])
def test_a_server_is_killed_and_restarted_in_mid_batch(scene: Scene, part: str) -> None:
    server: Program = getattr(scene, part)

    def restart() -> None:
        server.kill()
        time.sleep(2)
        server.start()

    scene.day({"s3": 1, "driver": 2}[part], Strike("gate 1 transit.card_tap", restart))
    assert scene.differences() == []
