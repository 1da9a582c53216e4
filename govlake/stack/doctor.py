"""What may be wrong with this machine or this home, in plain words, with the remedy."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from govlake import calendar, store
from govlake.errors import GovlakeError
from govlake.settings import settings
from govlake.stack import airflow, engines, environments, leftovers, lifecycle, ports, programs, spark_jars, supervisor

PYTHON = ((3, 11), (3, 13))
DISK_MB, MEMORY_MB = 5_000, 4_000


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. Where `ok`, a remedy is a warning: it can wait, but not for ever."""

    check: str
    ok: bool
    says: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Every check, each on its own: one that cannot be made is a finding, and the others still run."""
    return [finding for check in CHECKS for finding in _safely(check)]


def _safely(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except (GovlakeError, OSError) as error:
        name = check.__name__.strip("_").replace("_", " ")
        return [Finding(name, False, str(error), "Mend this first, then run `govlake doctor` again.")]


def _python() -> Iterator[Finding]:
    version = sys.version_info[:2]
    ok = PYTHON[0] <= version <= PYTHON[1]
    yield Finding("python", ok, f"Python {version[0]}.{version[1]}", "" if ok else "Install 3.11, 3.12 or 3.13.")


def _environments() -> Iterator[Finding]:
    for name, state in environments.states().items():
        says = {"current": "as required", "stale": "older than the requirement files", "missing": "not there"}
        yield Finding(
            f"environment {name}", state == "current", says[state], _unless(state == "current", "Run `make setup`.")
        )


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(_nearest(settings().home)).free // 1_000_000
    remedy = _unless(free >= DISK_MB, "Free some space, or set GOVLAKE_HOME to a larger disk.")
    yield Finding("disk", free >= DISK_MB, f"{free:,} MB free for {settings().home}", remedy)


def _memory() -> Iterator[Finding]:
    import psutil

    memory = psutil.virtual_memory()
    free, engine = memory.available // 1_000_000, settings().engine_memory_mb
    ok = memory.total // 1_000_000 >= MEMORY_MB and (free >= 1_000)
    remedy = _unless(ok, "Close other programs, or lower GOVLAKE_ENGINE_MEMORY_MB.")
    yield Finding("memory", ok, f"{free:,} MB available; the engine may use {engine:,} MB", remedy)


def _permissions() -> Iterator[Finding]:
    folder = _nearest(settings().home)
    ok = os.access(folder, os.W_OK | os.X_OK)
    yield Finding("permissions", ok, f"{folder} is {'' if ok else 'not '}writable", _unless(ok, "Set GOVLAKE_HOME."))
    for path in sorted(settings().run_dir.glob("*.json")):
        if path.stat().st_mode & 0o077:
            yield Finding("permissions", False, f"{path} is readable by others", f"Run `chmod 600 {path}`.")


def _clock() -> Iterator[Finding]:
    newest = max((path.stat().st_mtime for path in settings().logs.glob("*.log")), default=0.0)
    ok = newest <= time.time() + 60
    yield Finding(
        "clock", ok, time.strftime("%Y-%m-%d %H:%M:%S %Z"), _unless(ok, "Logs are newer than now: set the clock.")
    )


def _calendar() -> Iterator[Finding]:
    today = datetime.now(ZoneInfo(settings().timezone)).date()
    yield Finding("calendar", *calendar.ending(today))


def _ports() -> Iterator[Finding]:
    running = supervisor.processes()
    for service in programs.ports_needed():
        port = settings().state("ports").get(service)
        name = "airflow-api-server" if service == "airflow" else service
        if port is None or supervisor.alive(running.get(name)):
            continue
        ok = ports.is_free(int(str(port)), settings().bind)
        remedy = _unless(ok, "`govlake up` chooses another.")
        yield Finding("ports", ok, f"{service}'s port {port} is {'free' if ok else 'taken by a stranger'}", remedy)


def _services() -> Iterator[Finding]:
    running = supervisor.processes()
    if not running:
        yield Finding("services", False, "The stack is down", "Run `govlake up`.")
        return
    well = lifecycle.well(programs.names())
    for name in programs.names():
        state = str(running.get(name, {}).get("statename", "UNKNOWN"))
        ok = state == "RUNNING" and well[name]
        says = "answers" if ok else f"{state.lower()}, does not answer"
        yield Finding(name, ok, says, _unless(ok, f"See `govlake logs {name}`, then `govlake up`."))


def _store() -> Iterator[Finding]:
    """Lake and landing on an S3 server: asked anew, with real writes."""
    if not settings().store:
        return
    try:
        store.check()
    except GovlakeError as error:
        yield Finding("store", False, error.message.rstrip("."), error.remedy)
        return
    yield Finding("store", True, f"{store.place()} keeps every promise")


def _given_addresses() -> Iterator[Finding]:
    given = {"postgres": settings().postgres_url, "engine": settings().engine_url}
    for name in (name for name, url in given.items() if url):
        ok = lifecycle.is_well(name)
        variable = f"GOVLAKE_{name.upper()}_URL"
        yield Finding(
            name, ok, f"the given {name} {'answers' if ok else 'is silent'}", _unless(ok, f"Check {variable}.")
        )


def _lease() -> Iterator[Finding]:
    from govlake.lease import words

    found = words.situation()
    yield Finding("lease", found.state in ("free", "ours"), found.says, words.remedy(found))


def _spark() -> Iterator[Finding]:
    if settings().engine != "spark" or settings().engine_url:
        return
    found, major = spark_jars.java()
    yield Finding("java", True, f"Java {major} at {found}")
    ok = spark_jars.are_here()
    yield Finding("spark jars", ok, engines.jars(), _unless(ok, "Run `govlake engine fetch`."))


def _leftovers() -> Iterator[Finding]:
    if supervisor.is_alive():
        return
    count = len(leftovers.find())
    says = f"{count} processes of this home run unsupervised" if count else "none"
    yield Finding("leftover processes", count == 0, says, _unless(count == 0, "Run `govlake down`."))


def _airflow_parts() -> Iterator[Finding]:
    for part, state in airflow.health().items():
        if state != "healthy":
            yield Finding(f"airflow {part}", False, state, "See `govlake logs airflow-scheduler`.")


def _nearest(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def _unless(ok: bool, remedy: str) -> str:
    return "" if ok else remedy


CHECKS = (
    _python, _environments, _disk, _memory, _permissions, _clock, _calendar, _store,
    _ports, _spark, _given_addresses, _services, _airflow_parts, _lease, _leftovers,
)  # fmt: skip
