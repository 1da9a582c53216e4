"""A pipeline in a process of its own that is killed, or kills a server, at an exact moment of its work."""

import importlib
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

# What a worker of the scheduler has loaded before it forks; imported once by the fork server.
LOADED = [
    "expectations.counted", "expectations.gates", "spark_jobs.bronze", "spark_jobs.conform", "spark_jobs.silver",
    "spark_jobs.marts", "dbt.cli.main", "pyspark.sql.connect.session", "tests.pipeline.crash",
]  # fmt: skip


@dataclass(frozen=True)
class Point:
    """`moment` is before, during or after the `nth` call of `place`, as `module:function` or `module:Class.method`.

    `victim` is the process that is killed there, 0 for the one that works.
    """

    place: str
    moment: str
    nth: int = 1
    victim: int = 0

    def __str__(self) -> str:
        return f"{self.moment} {self.place.partition(':')[2]} {self.nth}"


def ingest(environment: dict[str, str], folder: Path, day: date, point: Point | None) -> None:
    """Carry the readings of a day to silver."""
    _enter(environment, point)
    from govlake.contracts import load_pack
    from govlake.pipeline.run import ingest as carry

    carry(load_pack(folder).find("water.reading"), day)


def publish(environment: dict[str, str], folder: Path, point: Point | None) -> None:
    """Build the marts and publish them."""
    _enter(environment, point)
    from govlake.errors import GovlakeError
    from govlake.pipeline.publish import marts_and_edition

    try:
        marts_and_edition([folder])
    except GovlakeError as error:
        print(error)


def _enter(environment: dict[str, str], point: Point | None) -> None:
    from govlake.settings import settings

    os.environ.update(environment)
    settings.cache_clear()
    if point:
        _arm(point)


def _arm(point: Point) -> None:
    """Put the kill around the function at the point."""
    module, _, name = point.place.partition(":")
    owner: Any = importlib.import_module(module)
    *classes, attribute = name.split(".")
    for part in classes:
        owner = getattr(owner, part)
    setattr(owner, attribute, _deadly(getattr(owner, attribute), point))


def _deadly(function: Callable[..., Any], point: Point) -> Callable[..., Any]:
    calls = [0]

    def call(*arguments: Any, **options: Any) -> Any:
        calls[0] += 1
        if calls[0] != point.nth:
            return function(*arguments, **options)
        if point.moment == "before":
            _kill(point.victim)
        if point.moment == "during":
            threading.Thread(target=_kill, args=(point.victim, 0.03), daemon=True).start()
        result = function(*arguments, **options)
        if point.moment == "after":
            _kill(point.victim)
        return result

    return call


def _kill(victim: int, wait_s: float = 0) -> None:
    time.sleep(wait_s)
    os.kill(victim or os.getpid(), signal.SIGKILL)
