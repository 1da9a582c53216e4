"""Servers that a test may kill: a Spark master, two workers, the Connect server that drives them, and S3."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

import psutil

from govlake.settings import Settings, settings
from govlake.stack import engine as sail
from govlake.stack import spark, testing
from govlake.stack.ports import any_free

LOOPBACK = "127.0.0.1"
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
CONF = {
    "spark.executor.memory": "600m",
    "spark.executor.cores": "1",
    "spark.executor.defaultJavaOptions": QUICK,
    "spark.driver.defaultJavaOptions": testing.QUICK_JAVA,
}


@dataclass
class Program:
    """One process group that is started, killed and started again."""

    command: list[str]
    environment: dict[str, str]
    folder: Path
    answers: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env={**settings().environment(), **self.environment},
                cwd=self.folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self.answers)

    def kill(self) -> None:
        """End the program and what it started, at once."""
        assert self.process is not None
        with suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.process.pid).children(recursive=True)
            for process in (psutil.Process(self.process.pid), *children):
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL)
        self.process.wait(30)


@dataclass
class Cluster:
    """The cluster's programs, and where clients reach it."""

    master: Program
    workers: list[Program]
    driver: Program
    address: str  # sc://host:port

    def programs(self) -> list[Program]:
        return [self.driver, *self.workers, self.master]


@contextmanager
def cluster(folder: Path, given: Mapping[str, str]) -> Iterator[Cluster]:
    """A cluster whose Connect server reaches the store that `given` (settings by name) names; gone afterwards."""
    master_port, port = any_free(LOOPBACK), any_free(LOOPBACK)
    master_url = f"spark://{LOOPBACK}:{master_port}"
    own = Settings.model_validate(
        {
            "home": folder / "driver",
            "engine": "spark",
            "spark_master": master_url,
            "spark_secret": "a secret of this test",
            "engine_memory_mb": 1024,
            "spark_conf": {
                **CONF,
                "spark.driver.defaultJavaOptions": QUICK,
                "spark.executor.defaultJavaOptions": QUICK,
            },
            **{name.removeprefix("GOVLAKE_").lower(): value for name, value in given.items()},
        }
    )
    spark.prepare(own, port)
    listens = ["--host", LOOPBACK, "--port", str(master_port)]
    master = _daemon(folder / "master", own, "master.Master", listens, lambda: _listens(master_port))
    works = [master_url, "--host", LOOPBACK, "--cores", "1", "--memory", "700m"]
    workers = [_daemon(folder / f"worker_{nth}", own, "worker.Worker", works, lambda: True) for nth in (1, 2)]
    address = f"sc://{LOOPBACK}:{port}"
    variables = spark.environment(own) | {"SPARK_LOCAL_IP": LOOPBACK}
    driver = Program(spark.command(own), variables, folder / "driver", lambda: sail.answers(address))
    whole = Cluster(master, workers, driver, address)
    try:
        for program in (master, *workers, driver):
            program.start()
        yield whole
    finally:
        for program in whole.programs():
            if program.process is not None:
                program.kill()


def _daemon(folder: Path, own: Settings, name: str, arguments: list[str], answers: Callable[[], bool]) -> Program:
    """A master or a worker, which knows the driver's secret from a file of its own."""
    conf = folder / "conf"
    conf.mkdir(parents=True)
    lines = [f"{key} {value}" for key, value in spark._authentication(own).items()]
    (conf / "spark-defaults.conf").write_text("\n".join([*lines, ""]))
    (conf / "log4j2.properties").write_text(spark.LOG.lstrip())
    environment = spark.environment(own) | {
        "SPARK_CONF_DIR": str(conf),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": QUICK,
    }
    command = [
        str(spark.home() / "bin" / "spark-class"),
        f"org.apache.spark.deploy.{name}",
        *arguments,
        "--webui-port",
        "0",
    ]
    return Program(command, environment, folder, answers)


def s3(folder: Path) -> tuple[Program, dict[str, str]]:
    """An S3 server that is not running yet, and the settings, by name, of a home that keeps everything there."""
    port, key, secret = any_free(LOOPBACK), "tester", token_urlsafe(24)
    folder.mkdir(parents=True)
    command = [testing._minio(), "server", "--quiet", "--address", f"{LOOPBACK}:{port}"]
    command += ["--console-address", f"{LOOPBACK}:{any_free(LOOPBACK)}", str(folder / "data")]
    variables = {"MINIO_ROOT_USER": key, "MINIO_ROOT_PASSWORD": secret, "MINIO_BROWSER": "off"}
    server = testing.S3Server(f"http://{LOOPBACK}:{port}", key, secret)
    program = Program(command, variables, folder, lambda: testing._is_live(server))
    return program, server.settings("s3://city/lake-of-a-cluster")


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False


def wait_until(holds: Callable[[], bool], seconds: float = 120) -> None:
    """Wait, and fail where it never becomes true."""
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit, "it did not come about"
        time.sleep(0.1)
