"""Shared fixtures: real services, started once for the session and gone with it."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
from xdist.scheduler import LoadScopeScheduling

from govlake.contracts import load_pack
from govlake.ledger import Ledger
from govlake.settings import PROJECT, settings
from govlake.stack import testing

EMPTY = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT nspname FROM pg_namespace
        WHERE nspname IN ('ledger', 'ledger_public', 'marts') OR nspname ~ '^edition_([0-9]+|parts)$'
    LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
END $$
"""

# What keeps running when nobody stops it. A lease's guard ends with its process.
SERVERS = ("java", "minio", "postgres", "sail", "supervisord", "gunicorn", "airflow")
MARK = "GOVLAKE_TEST_SESSION"
STACKS = {"tests/cockpit/": "one", "tests/stack/test_lifecycle.py": "one", "tests/e2e/": "its own"}  # who shares which
LAST = ("tests/engines/test_parity.py", "tests/cluster/")  # whole cities: what fails in seconds is told in seconds


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cheap tests first."""
    items.sort(key=lambda item: item.nodeid.startswith(LAST))


class WholeStacks(LoadScopeScheduling):
    """Of several workers one has all tests of a file, and all files that share a whole stack."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return next((STACKS[start] for start in STACKS if file.startswith(start)), file)


@pytest.hookimpl(optionalhook=True)  # without xdist nobody asks
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WholeStacks:
    """How workers share the tests."""
    return WholeStacks(config, log)


class FailuresAtOnce:
    """Tells a failure when it happens: a run that is cut off has said what it saw."""

    def __init__(self, terminal: Any) -> None:
        self.terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.terminal.write_line(f"\n{report.nodeid} ({report.when})\n{report.longreprtext[-3000:]}")


@pytest.hookimpl(trylast=True)  # when there is a terminal
def pytest_configure(config: pytest.Config) -> None:
    """Failures are told in the terminal while tests run."""
    if terminal := config.pluginmanager.get_plugin("terminalreporter"):
        config.pluginmanager.register(FailuresAtOnce(terminal))


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Every server that tests start, at any depth, is gone with them; all inherit the session's mark."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(MARK, uuid4().hex)
        yield
        limit = time.monotonic() + 15
        while left := [name for process in psutil.process_iter() if (name := _server_of(process))]:
            assert time.monotonic() < limit, left
            time.sleep(0.2)


def _server_of(process: psutil.Process) -> str:
    """The name of a server that this session started; "" for any other process, this one and what dies with it."""
    with suppress(psutil.Error):
        if process.environ().get(MARK) == os.environ[MARK] and process.name() in SERVERS:
            return f"{process.name()} {process.pid}"
    return ""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of this test's own; `settings()` sees it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("GOVLAKE_HOME", str(folder))
    settings.cache_clear()
    yield folder
    settings.cache_clear()


@pytest.fixture(scope="session")
def project_read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """dbt reads the project once: every home of this session begins with what was read, and reads what it adds."""
    from spark_jobs import dbt_runner

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GOVLAKE_HOME", str(tmp_path_factory.mktemp("project")))
        environment.setenv("GOVLAKE_ENGINE_URL", "sc://127.0.0.1:1")
        settings.cache_clear()
        project = dbt_runner.compose([load_pack(PROJECT / "contracts")])
        dbt_runner.parse(project)
    settings.cache_clear()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DBT_PARTIAL_PARSE_FILE_PATH", str(project / "target" / "partial_parse.msgpack"))
        yield


@pytest.fixture(scope="session")
def engine(project_read: None) -> Iterator[str]:
    """Address of an embedded engine; `settings().engine_address()` gives it too."""
    with testing.engine() as address, pytest.MonkeyPatch.context() as environment:
        environment.setenv("GOVLAKE_ENGINE_URL", address)
        settings.cache_clear()
        yield address
        settings.cache_clear()


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[testing.S3Server]:
    """An S3 server of this session. Whoever asks for it is marked `cluster`."""
    with testing.s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def spark(s3: testing.S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of Apache Spark, one Java for all tests: it reaches this session's S3 server, and folders as well."""
    with testing.spark_engine(tmp_path_factory.mktemp("spark"), **s3.named("s3://any-bucket")) as address:
        yield address


@contextmanager
def reaching(s3: testing.S3Server, start: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """An engine that reaches the S3 server, and folders as well; `settings().engine_address()` gives it too."""
    with ExitStack() as services, pytest.MonkeyPatch.context() as running:
        with pytest.MonkeyPatch.context() as starting:
            for name, value in s3.settings("s3://any-bucket").items():
                starting.setenv(name, value)
            settings.cache_clear()
            address = services.enter_context(start())
        running.setenv("GOVLAKE_ENGINE_URL", address)
        settings.cache_clear()
        yield address
    settings.cache_clear()


@pytest.fixture
def remote_home(home: Path, s3: testing.S3Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose lake and landing are in a bucket of its own, which is not there yet."""
    for name, value in s3.settings(f"s3://test-{uuid4().hex[:12]}/a-city/one").items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    return home


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of database `govlake` on a PostgreSQL with all roles; `settings().postgres()` gives it too."""
    # Not pytest's own folder: under root the server's user must reach it, and pytest closes its root again.
    with (
        tempfile.TemporaryDirectory(prefix="govlake-") as folder,
        testing.postgres(Path(folder) / "data") as url,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("GOVLAKE_POSTGRES_URL", url)
        settings.cache_clear()
        yield url
        settings.cache_clear()


@pytest.fixture
def ledger(postgres: str) -> Iterator[Ledger]:
    """A migrated, empty ledger without editions; `govlake.ledger.ledger()` sees the same database."""
    book = Ledger(settings().postgres())
    book.query("SET client_min_messages = warning")
    book.query(EMPTY)
    book.migrate()
    yield book
    book.close()


@dataclass(frozen=True)
class Stack:
    """The whole supervised stack in a home of its own, reached through its command line."""

    home: Path
    environment: dict[str, str]

    def govlake(self, *arguments: str, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
        """Run `govlake <arguments>` against this stack."""
        command = [str(Path(sys.executable).parent / "govlake"), *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=timeout_s)

    def status(self) -> dict[str, dict[str, Any]]:
        """The services by name, as `govlake status --json` tells them."""
        report = json.loads(self.govlake("status", "--json").stdout)
        return {service["name"]: service for service in report["services"]}


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole stack, up, for all tests that do not mind each other's deliveries."""
    with running_stack() as whole:
        yield whole


@contextmanager
def running_stack(lines: Mapping[str, Any] | None = None) -> Iterator[Stack]:
    """A whole stack of its own, up; `lines` are those of its settings file.

    Afterwards it is down, and no process of it is left.
    """
    with tempfile.TemporaryDirectory(prefix="govlake-") as folder:
        given = ("GOVLAKE_ENGINE_URL", "GOVLAKE_POSTGRES_URL")
        inherited = {name: value for name, value in os.environ.items() if name not in given}
        whole = Stack(Path(folder) / "home", {**inherited, "GOVLAKE_HOME": str(Path(folder) / "home")})
        if lines:
            whole.home.mkdir()
            write_settings(whole.home / "govlake.toml", lines)
        try:
            started = whole.govlake("up", timeout_s=900)
            assert started.returncode == 0, started.stderr
            yield whole
        finally:
            whole.govlake("down")
        assert not [p.pid for p in psutil.process_iter() if str(whole.home) in " ".join(_command(p))]


def write_settings(file: Path, lines: Mapping[str, Any]) -> None:
    """Write a settings file."""
    file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items()))


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
