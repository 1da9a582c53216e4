"""Single services for tests, without supervision: the same command lines as the stack's own programs."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.request import urlopen

from govlake import store
from govlake.errors import StackError
from govlake.settings import PROJECT, Settings, settings
from govlake.stack import engine as sail
from govlake.stack import postgres as pg
from govlake.stack import spark, spark_jars
from govlake.stack.ports import any_free

BIND = "127.0.0.1"
PATIENCE_S = 180  # a Java that shares two cores with many takes minutes
# Java for a server that lives for minutes: no second compiler, few collections, no check of classes that were checked.
QUICK_JAVA = (
    "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:MetaspaceSize=256m "
    "-XX:+UseSerialGC -Xms1g -Xmn600m -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)
# Java for a server that does little itself.
SMALL_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# A test's data may be lost with the machine.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class Program:
    """One process group that a test starts, kills and starts again; Linux ends it with the test session."""

    command: list[str]
    environment: Mapping[str, str]
    ready: Callable[[], bool]
    user: str | None = None
    folder: Path | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready. Raises StackError where it does not come up."""
        # For Linux the parent is the thread that starts it: one that is not the main thread ends long before the test.
        lasting = threading.current_thread() is threading.main_thread()
        self.process = subprocess.Popen(
            self.command,
            env={**settings().environment(), **self.environment},
            preexec_fn=lambda: _heed(lasting),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user else None,
        )
        _wait(self.process, self.ready, seconds=PATIENCE_S)

    def stop(self) -> None:
        """Ask it to end, and leave nothing that it started."""
        if self.process is not None:
            # SIGINT is PostgreSQL's fast shutdown and Sail's Ctrl-C alike.
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
            self.kill()

    def kill(self) -> None:
        """End it and all that it started, at once."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(15)

    @contextmanager
    def running(self) -> Iterator[Program]:
        """It runs; gone afterwards."""
        try:
            self.start()
            yield self
        finally:
            self.stop()


@contextmanager
def engine(port: int | None = None, memory_mb: int = 2048) -> Iterator[str]:
    """A Sail server of its own; yields its address `sc://127.0.0.1:<port>`, gone afterwards."""
    port = port or any_free(BIND)
    spill = Path(tempfile.gettempdir())
    address = f"sc://{BIND}:{port}"
    variables = sail.environment(spill, memory_mb) | store.environment()
    with Program(sail.command(port, BIND), variables, lambda: sail.answers(address)).running():
        yield address


@contextmanager
def spark_engine(folder: Path, port: int | None = None, **given: Any) -> Iterator[str]:
    """An Apache Spark of its own that works in `folder`; yields its address, gone afterwards.

    `given` are settings that differ from this process's. Its Java forgoes what pays off only after minutes.
    """
    program, address = spark_server(folder, port, **given)
    with program.running():
        yield address


def spark_server(folder: Path, port: int | None = None, **given: Any) -> tuple[Program, str]:
    """The server of `spark_engine`, not running yet, and its address."""
    quick = {"spark.driver.defaultJavaOptions": QUICK_JAVA}
    own = Settings(**{"home": folder, "engine_memory_mb": 1536, "spark_conf": quick, **given})
    port = port or any_free(BIND)
    address = f"sc://{BIND}:{port}"
    spark_jars.java()
    spark_jars.fetch(print)
    spark.prepare(own, port)
    ready = lambda: sail.answers(address)  # noqa: E731
    return Program(spark.command(own), spark.environment(own), ready, folder=folder), address


@dataclass(frozen=True)
class Cluster:
    """A standalone Spark cluster: the master's address, for a `spark_engine`'s `spark_master`, and its programs."""

    address: str  # spark://127.0.0.1:<port>
    master: Program
    workers: tuple[Program, ...]


@contextmanager
def spark_cluster(
    folder: Path, workers: int = 2, cores: int = 1, memory_mb: int = 2048, secret: str = ""
) -> Iterator[Cluster]:
    """A master with workers that have `cores` and `memory_mb` each, all on loopback; gone afterwards.

    A driver needs the same `secret` as its `spark_secret`.
    """
    own = Settings.model_validate({"home": folder, "spark_secret": secret})
    port = any_free(BIND)
    address = f"spark://{BIND}:{port}"
    spark_jars.java()
    spark.prepare(own, port)
    master = _daemon(own, "master.Master", ["--port", str(port)])
    size = ["--cores", str(cores), "--memory", f"{memory_mb}m"]
    places = [["--work-dir", str(folder / f"worker-{number + 1}")] for number in range(workers)]
    cluster = Cluster(
        address, master, tuple(_daemon(own, "worker.Worker", [*size, *place, address]) for place in places)
    )
    with ExitStack() as stack:
        for program in (cluster.master, *cluster.workers):
            stack.enter_context(program.running())
        yield cluster


def _daemon(own: Settings, name: str, arguments: list[str]) -> Program:
    """A master or a worker, which is up when its page is."""
    web = any_free(BIND)
    command = [str(spark.home() / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *arguments]
    small = {"SPARK_LOCAL_IP": BIND, "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": SMALL_JAVA}
    ready = lambda: _listens(web)  # noqa: E731
    return Program(
        [*command, "--host", BIND, "--webui-port", str(web)], spark.environment(own) | small, ready, folder=own.home
    )


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((BIND, port)) == 0


@contextmanager
def postgres(folder: Path, port: int | None = None, reader: str = "") -> Iterator[str]:
    """A PostgreSQL of its own in `folder`; yields the URL of database `govlake` for its owner.

    All databases and roles of the stack exist, as after `govlake up`; `reader` is the password of who reads marts.
    """
    port = port or any_free(BIND)
    secret = token_urlsafe(24)
    pg.prepare(folder, secret)
    admin = pg.url(port, BIND, pg.SUPERUSER, secret, "postgres")
    command = pg.command(folder, port, BIND, FAST)
    with Program(command, {}, lambda: pg.answers(admin), pg.system_user(), folder).running():
        passwords = {role: token_urlsafe(24) for role in pg.ROLES} | ({pg.READER: reader} if reader else {})
        pg.provision(admin, passwords)
        yield pg.url(port, BIND, "govlake", passwords["govlake"], "govlake")


@dataclass(frozen=True)
class S3Server:
    """An S3 server for tests: where it is, its owner's keys, and its authority's certificate where it speaks TLS."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    ca: Path | None = None

    def named(self, store: str) -> dict[str, str]:
        """Settings by name with which a home keeps lake and landing at `store` (s3://bucket/prefix) here."""
        named = {"store": store, "s3_endpoint": self.endpoint, "s3_access_key": self.access_key}
        return named | {"s3_secret_key": self.secret_key} | ({"s3_ca": str(self.ca)} if self.ca else {})

    def settings(self, store: str) -> dict[str, str]:
        """The same as environment variables."""
        return {f"GOVLAKE_{name.upper()}": value for name, value in self.named(store).items()}


@contextmanager
def s3(folder: Path, port: int | None = None, certificates: Path | None = None) -> Iterator[S3Server]:
    """A MinIO of its own that keeps its buckets in `folder`; its first use on a machine installs it (3 minutes).

    With `certificates`, a folder that holds public.crt, private.key and ca.crt, it speaks TLS.
    """
    program, server = s3_server(folder, port, certificates)
    with program.running():
        yield server


def s3_server(folder: Path, port: int | None = None, certificates: Path | None = None) -> tuple[Program, S3Server]:
    """The server of `s3`, not running yet, and how it will be reached."""
    port = port or any_free(BIND)
    keys = f"tester-{token_urlsafe(6)}", token_urlsafe(24)
    scheme, ca = ("https", certificates / "ca.crt") if certificates else ("http", None)
    server = S3Server(f"{scheme}://{BIND}:{port}", *keys, ca)
    command = [_minio(), "server", "--quiet", "--address", f"{BIND}:{port}"]
    command += ["--console-address", f"{BIND}:{any_free(BIND)}", "--certs-dir", str(certificates or folder / ".certs")]
    variables = {"MINIO_ROOT_USER": keys[0], "MINIO_ROOT_PASSWORD": keys[1], "MINIO_BROWSER": "off"}
    folder.mkdir(parents=True, exist_ok=True)
    return Program([*command, str(folder / "data")], variables, lambda: _is_live(server)), server


def _minio() -> str:
    """The path of the server, installed where it is missing."""
    done = subprocess.run([str(PROJECT / "infra" / "minio")], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise StackError("The S3 server for tests is not installed.", "Run `infra/minio` to see why.")
    return done.stdout.strip()


def _is_live(server: S3Server) -> bool:
    trusted = ssl.create_default_context(cafile=str(server.ca)) if server.ca else None
    try:
        with urlopen(f"{server.endpoint}/minio/health/live", timeout=2, context=trusted) as answer:
            return answer.status == 200
    except OSError:
        return False


def _heed(parent: bool) -> None:
    """In a child before it becomes a server: heed SIGINT, and with `parent` ask Linux to send it when that one ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job would not heed it, nor would its children
    if parent and sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > limit:
            raise StackError(f"{process.args} did not start.", "Run that command by hand to see why.")
        time.sleep(0.05)
