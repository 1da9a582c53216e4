"""Fresh homes with an engine, a PostgreSQL and a store of their own, and the processes that take part."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil

ENGINES = ("sail", "spark-local", "spark-cluster")
STORES = ("disk", "s3")
WORKERS = 2
Processes = dict[str, psutil.Process]
Given = TypeVar("Given")


@contextmanager
def place(home: Path, engine: str | None = "sail", store: str = "disk") -> Iterator[tuple[str, Processes]]:
    """Services that this process finds; yields the URL of PostgreSQL, and who takes part.

    Without an engine, those who need one start it: `engine_of`.
    """
    from govlake.settings import settings
    from govlake.stack import testing

    os.environ["GOVLAKE_HOME"] = str(home)
    settings.cache_clear()
    processes = {"python": psutil.Process()}
    with ExitStack() as stack:
        # Services end before their folder goes: one that still writes would keep it from going.
        beside = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="govlake-")))
        url = _watched(stack, processes, "postgres", testing.postgres(beside / "data"))
        if store == "s3":
            server = _watched(stack, processes, "s3", testing.s3(beside / "s3"))
            os.environ |= server.settings("s3://benchmark/city")
        os.environ["GOVLAKE_POSTGRES_URL"] = url
        settings.cache_clear()
        if engine:
            os.environ["GOVLAKE_ENGINE_URL"] = _engine(stack, processes, engine, beside)
            settings.cache_clear()
        try:
            yield url, processes
        finally:
            leave()


@contextmanager
def engine_of(processes: Processes) -> Iterator[tuple[str, Processes]]:
    """A Sail of its own; yields its address, and those who take part with it."""
    with ExitStack() as stack:
        more = dict(processes)
        yield _engine(stack, more, "sail", Path()), more


def _engine(stack: ExitStack, processes: Processes, engine: str, beside: Path) -> str:
    """Start it with the memory that the settings give an engine; a cluster's workers share as much again."""
    from govlake.settings import settings
    from govlake.stack import testing

    memory = settings().engine_memory_mb
    if engine == "sail":
        return _watched(stack, processes, "engine", testing.engine(memory_mb=memory))
    given: dict[str, Any] = {"engine_memory_mb": memory, "spark_conf": {}}
    if engine == "spark-cluster":
        cores = max(1, (os.cpu_count() or 1) // WORKERS)
        each = memory // WORKERS
        cluster = testing.spark_cluster(beside / "cluster", WORKERS, cores, each + 512)
        given["spark_master"] = _watched(stack, processes, "cluster", cluster).address
        given["spark_conf"] = {"spark.executor.memory": f"{each}m"}
    (beside / "spark").mkdir()
    return _watched(stack, processes, "engine", testing.spark_engine(beside / "spark", **given))


def _watched(stack: ExitStack, processes: Processes, name: str, service: AbstractContextManager[Given]) -> Given:
    """Start a service; its processes are watched under its name."""
    known = {child.pid for child in psutil.Process().children()}
    given = stack.enter_context(service)
    new = [child for child in psutil.Process().children() if child.pid not in known]
    processes |= {name if len(new) == 1 else f"{name}-{n}": child for n, child in enumerate(new)}
    return given


def leave() -> None:
    """Give the lake back and close the session while the services are still there."""
    from govlake import engine, lease

    engine.close()
    lease.close()
