"""Single services for tests, without supervision: the same command lines as the stack's own programs."""

import ctypes
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
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
# A test's data may be lost with the machine.
# Java for a server that lives for minutes: no second compiler, few collections, no check of classes that were checked.
QUICK_JAVA = (
    "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:MetaspaceSize=256m "
    "-XX:+UseSerialGC -Xms1g -Xmn600m -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def engine(port: int | None = None, memory_mb: int = 2048) -> Iterator[str]:
    """A Sail server of its own; yields its address `sc://127.0.0.1:<port>`, gone afterwards."""
    port = port or any_free(BIND)
    spill = Path(tempfile.gettempdir())
    address = f"sc://{BIND}:{port}"
    variables = sail.environment(spill, memory_mb) | store.environment()
    with _process(sail.command(port, BIND), variables, lambda: sail.answers(address)):
        yield address


@contextmanager
def spark_engine(folder: Path, port: int | None = None, **given: Any) -> Iterator[str]:
    """An Apache Spark of its own that works in `folder`; yields its address, gone afterwards.

    `given` are settings that differ from this process's. Its Java forgoes what pays off only after minutes.
    """
    quick = {"spark.driver.defaultJavaOptions": QUICK_JAVA}
    own = Settings(**{"home": folder, "engine_memory_mb": 1536, "spark_conf": quick, **given})
    port = port or any_free(BIND)
    address = f"sc://{BIND}:{port}"
    spark_jars.java()
    spark_jars.fetch(print)
    spark.prepare(own, port)
    with _process(spark.command(own), spark.environment(own), lambda: sail.answers(address), folder=folder):
        yield address


@contextmanager
def spark_cluster(folder: Path, workers: int = 2, cores: int = 1, memory_mb: int = 2048) -> Iterator[str]:
    """A standalone Spark master with workers that have `cores` and `memory_mb` each, all on loopback.

    Yields its address `spark://127.0.0.1:<port>`, gone afterwards; a `spark_engine` takes it as `spark_master`.
    """
    own = Settings(home=folder)
    port = any_free(BIND)
    address = f"spark://{BIND}:{port}"
    run = [str(spark.home() / "bin" / "spark-class")]
    deploy = "org.apache.spark.deploy"
    spark_jars.java()
    spark.prepare(own, port)
    with ExitStack() as stack:

        def start(command: list[str], web: int) -> None:
            line = [*run, *command, "--host", BIND, "--webui-port", str(web)]
            ready = lambda: _listens(web)  # noqa: E731
            stack.enter_context(_process(line, spark.environment(own), ready, folder=folder))

        start([f"{deploy}.master.Master", "--port", str(port)], any_free(BIND))
        size = ["--cores", str(cores), "--memory", f"{memory_mb}m"]
        for number in range(workers):
            place = ["--work-dir", str(folder / f"worker-{number + 1}"), address]
            start([f"{deploy}.worker.Worker", *size, *place], any_free(BIND))
        yield address


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
    with _process(pg.command(folder, port, BIND, FAST), {}, lambda: pg.answers(admin), pg.system_user(), folder):
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

    def settings(self, store: str) -> dict[str, str]:
        """Environment variables with which a home keeps lake and landing at `store` (s3://bucket/prefix) here."""
        named = {"STORE": store, "S3_ENDPOINT": self.endpoint, "S3_ACCESS_KEY": self.access_key}
        named |= {"S3_SECRET_KEY": self.secret_key} | ({"S3_CA": str(self.ca)} if self.ca else {})
        return {f"GOVLAKE_{name}": value for name, value in named.items()}


@contextmanager
def s3(folder: Path, port: int | None = None, certificates: Path | None = None) -> Iterator[S3Server]:
    """A MinIO of its own that keeps its buckets in `folder`; its first use on a machine installs it (3 minutes).

    With `certificates`, a folder that holds public.crt, private.key and ca.crt, it speaks TLS.
    """
    port = port or any_free(BIND)
    keys = f"tester-{token_urlsafe(6)}", token_urlsafe(24)
    scheme, ca = ("https", certificates / "ca.crt") if certificates else ("http", None)
    server = S3Server(f"{scheme}://{BIND}:{port}", *keys, ca)
    command = [_minio(), "server", "--quiet", "--address", f"{BIND}:{port}"]
    command += ["--console-address", f"{BIND}:{any_free(BIND)}", "--certs-dir", str(certificates or folder / ".certs")]
    variables = {"MINIO_ROOT_USER": keys[0], "MINIO_ROOT_PASSWORD": keys[1], "MINIO_BROWSER": "off"}
    folder.mkdir(parents=True, exist_ok=True)
    with _process([*command, str(folder / "data")], variables, lambda: _is_live(server)):
        yield server


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


@contextmanager
def _process(
    command: list[str],
    environment: Mapping[str, str],
    ready: Callable[[], bool],
    user: str | None = None,
    folder: Path | None = None,
) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        env={**settings().environment(), **environment},
        preexec_fn=_die_with_parent,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )
    try:
        _wait(process, ready, seconds=60)
        yield
    finally:
        _stop(process)


def _die_with_parent() -> None:
    """Ask Linux to stop this child when the test session is killed; elsewhere the child stays."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background job would not heed it, nor would its children
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > limit:
            raise StackError(f"{process.args} did not start.", "Run that command by hand to see why.")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    # SIGINT is PostgreSQL's fast shutdown and Sail's Ctrl-C alike.
    process.send_signal(signal.SIGINT)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(15)
