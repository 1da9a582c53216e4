"""Homes whose deliveries, secrets and clocks are the same, so that only the engine tells them apart."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from govlake import engine as sessions
from govlake import lease, pipeline
from govlake.contracts import load_pack
from govlake.ledger import ledger
from govlake.settings import settings
from govlake.stack import testing
from tests.engines import content

# A whole city is hundreds of plans over a few rows: Java code for each takes longer than to do without. The jobs' own
# tests in this room run as a real city does, with compiled plans.
UNCOMPILED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


@contextmanager
def uncompiled() -> Iterator[None]:
    """Meanwhile, sessions that are opened do without compiled plans."""
    with pytest.MonkeyPatch.context() as session:
        for name, value in UNCOMPILED.items():
            session.setitem(sessions.SESSION, name, value)
        yield


@dataclass(frozen=True)
class Place:
    """A home with a PostgreSQL of its own, on which one engine works at a time."""

    home: Path
    postgres: str
    pack: Path
    further: Mapping[str, str] = field(default_factory=dict)  # environment variables
    compiled: bool = False  # plans of many rows

    @contextmanager
    def on(self, address: str) -> Iterator[None]:
        """While it lasts, `settings()` are this home's, and the engine at `address` does the work."""
        given = {"HOME": str(self.home), "POSTGRES_URL": self.postgres, "ENGINE_URL": address}
        with pytest.MonkeyPatch.context() as environment:
            for name, value in {**{f"GOVLAKE_{key}": value for key, value in given.items()}, **self.further}.items():
                environment.setenv(name, value)
            settings.cache_clear()
            sessions.close()
            try:
                with nullcontext() if self.compiled else uncompiled():
                    yield
            finally:
                sessions.close()
                lease.close()
        settings.cache_clear()

    def run(self, address: str, **chosen: Any) -> pipeline.RunReport:
        """Everything that was delivered, up to the edition, by the engine at `address`."""
        with self.on(address):
            report = pipeline.run(load_pack(self.pack), progress=lambda line: None, **chosen)
            assert not report.failed, [row["line"] for row in report.rows]
            return report

    def content(self, address: str) -> content.Content:
        """All that the home holds, in lake, ledger and marts."""
        with self.on(address):
            return content.of_lake() | content.of_ledger(ledger())


@contextmanager
def place(pack: Path, compiled: bool = False, **further: str) -> Iterator[Place]:
    """A new, empty home; `further` are environment variables that it needs."""
    with (
        tempfile.TemporaryDirectory(prefix="govlake-") as folder,
        testing.postgres(Path(folder) / "postgres") as url,
    ):
        (Path(folder) / "home").mkdir()
        yield Place(Path(folder) / "home", url, pack, further, compiled)


def make_twin(of: Place, twin: Place) -> None:
    """Give the twin what departments delivered to a home, when it arrived there, and its secrets."""
    for part in ("inbox", "landing"):
        shutil.copytree(of.home / part, twin.home / part, dirs_exist_ok=True)
    (twin.home / "run").mkdir(exist_ok=True)
    shutil.copy(of.home / "run" / "secrets.json", twin.home / "run" / "secrets.json")


@pytest.fixture(scope="session")
def sail(project_read: None) -> Iterator[str]:
    """Address of an embedded engine."""
    with testing.engine() as address:
        yield address


@pytest.fixture
def engine(spark: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """In this room, whoever asks for the engine gets Apache Spark."""
    monkeypatch.setenv("GOVLAKE_ENGINE_URL", spark)
    settings.cache_clear()
    yield spark
    sessions.close()
    settings.cache_clear()
