"""Bring the stack up, take it down. Both may be repeated at any time, also after being killed half-way."""

import hashlib
import subprocess
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from govlake import lease, store
from govlake.errors import StackError
from govlake.settings import settings
from govlake.stack import (
    airflow,
    databases,
    engine,
    home,
    leftovers,
    ports,
    postgres,
    programs,
    spark,
    spark_jars,
    superset,
    supervisor,
    systems,
)

Report = Callable[[str], None]


class PortTaken(StackError):
    """Another program was faster to take a port that this home had chosen."""


SERVERS = {"Airflow": airflow, "Superset": superset}
# The programs that listen, and the name of their port.
LISTENER = {"postgres": "postgres", "engine": "engine", "airflow-api-server": "airflow", "superset": "superset"}
LISTENER |= {name: name for name in systems.NAMES}
TRIES = 3
PATIENCE_S = 300


def _silent(_step: str) -> None:
    """Report to nobody."""


def up(services: Iterable[str] | None = None, report: Report = _silent) -> bool:
    """Start `services` (default all) and wait until each is well; True if anything had to be started.

    `report` receives one short sentence as each step begins. Raises StackError.
    """
    home.prepare()
    if settings().store:
        report(f"Asking {store.place()} what it promises")
        store.check()
    wanted = programs.chosen(services)
    if settings().engine == "spark" and "engine" in wanted:
        spark_jars.java()
        spark_jars.fetch(report)
    with home.lock():
        for trial in range(TRIES):
            try:
                return _up(wanted, report)
            except PortTaken as taken:
                if trial == TRIES - 1:
                    raise
                report(f"{taken.message} Choosing another")
    return False


def _up(wanted: list[str], report: Report) -> bool:
    fresh = _configure()
    if fresh and all(supervisor.is_running(name) for name in wanted):
        _wait_for_silent(wanted, report)
        return False
    if not fresh:
        _restart_supervisor(report)
    _start_stores(wanted, report)
    _start_systems([name for name in wanted if name in systems.NAMES], report)
    _start_services(wanted, report)
    return True


def down(report: Report = _silent) -> int:
    """Stop everything of this home and leave no process behind; returns how many had to be cleaned up."""
    if not settings().run_dir.exists():
        return 0
    with home.lock():
        if supervisor.is_alive():
            report("Stopping the services")
            supervisor.shutdown()
        cleaned = leftovers.clean()
        home.remove_socket()
        return cleaned


def well(names: Iterable[str]) -> dict[str, bool]:
    """Whether each of the services answers in its own way."""
    asked = list(names)
    of_airflow = [name for name in asked if name in airflow.SERVICES]
    answers = airflow.well(of_airflow) if of_airflow else {}
    records = supervisor.processes()
    return {
        name: _owns_its_port(name, records.get(name)) and (answers[name] if name in answers else _answers(name))
        for name in asked
    }


def is_well(name: str) -> bool:
    """Whether service `name` answers in its own way."""
    return well([name])[name]


def _owns_its_port(name: str, record: dict[str, Any] | None) -> bool:
    """False where somebody else's server would answer in the place of ours. True for what we do not run."""
    if record is None or name not in LISTENER:
        return True
    return ports.is_held_by(settings().port(LISTENER[name]), record["pid"])


def _answers(name: str) -> bool:
    if name == "postgres":
        return postgres.answers(databases.admin_url())
    if name in systems.NAMES:
        return systems.answers(name)
    return engine.answers(settings().engine_address()) if name == "engine" else superset.is_well()


def _configure() -> bool:
    """Choose ports and write all configuration; True if supervisord runs with exactly this configuration."""
    running = supervisor.processes()
    ours = [LISTENER[name] for name, record in running.items() if name in LISTENER and _owns_its_port(name, record)]
    known = {name: int(str(port)) for name, port in settings().state("ports").items()}
    chosen = ports.choose(programs.ports_needed(), known, settings().bind, ours)
    if chosen != known:
        settings().write_state("ports", dict(chosen))
    text = supervisor.render(programs.all_programs())
    drafts = {supervisor.configuration_file(): text, airflow.configuration_file(): airflow.render()}
    if settings().engine == "spark" and not settings().engine_url:
        spark.prepare(settings(), settings().port("engine"))
        drafts |= spark.files(settings(), settings().port("engine"))
    settings().write_state("superset", superset.state())
    for path, content in drafts.items():
        _write_private(path, content)
    mark: dict[str, object] = {"fingerprint": _fingerprint([*drafts.values(), str(superset.state())])}
    fresh = bool(running) and settings().state("stack") == mark
    settings().write_state("stack", mark)
    return fresh


def _is_usurped(name: str, record: dict[str, Any]) -> bool:
    """Whether a stranger listens where `name` should."""
    if name not in LISTENER:
        return False
    return not ports.is_free(settings().port(LISTENER[name]), settings().bind) and not _owns_its_port(name, record)


def _fingerprint(texts: list[str], pattern: str = "*.py") -> str:
    """What `texts`, the files of infra/ that match, and the requirement files say, as one short text."""
    infra = settings().project / "infra"
    files = sorted([*infra.glob(pattern), *(infra / "requirements").glob("*.txt")])
    return hashlib.sha256("\0".join([*texts, *(path.read_text("utf-8") for path in files)]).encode()).hexdigest()


def _write_private(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")


def _restart_supervisor(report: Report) -> None:
    if supervisor.is_alive():
        report("Settings changed: stopping the services")
        supervisor.shutdown()
    if leftovers.clean():
        report("Stopped processes left over from before")
    supervisor.start()


def _start_stores(wanted: list[str], report: Report) -> None:
    if "postgres" in wanted:
        report("Starting PostgreSQL")
        postgres.prepare(settings().home / "postgres", settings().secret("postgres_superuser"))
        supervisor.start_program("postgres")
    if "engine" in wanted:
        _require_lease(report)
        supervisor.start_program("engine")
    for name in ("postgres", "engine"):
        if name in wanted:
            _wait_until_well(name)
    if "postgres" in wanted or (settings().postgres_url and not set(wanted) <= set(systems.NAMES)):
        databases.provision()
        _migrate_ledger()


def _start_systems(wanted: list[str], report: Report) -> None:
    if wanted:
        report("Starting the systems of the sample city's departments")
    for name in wanted:
        systems.prepare(name)
        supervisor.start_program(name)
    for name in wanted:
        _wait_until_well(name)
        systems.provision(name)


def _require_lease(report: Report) -> None:
    """Refuse at once where another home writes the lake: the engine's guard would, and try again for minutes."""
    lease.hold("govlake up", report)
    lease.close()


def _migrate_ledger() -> None:
    from govlake.ledger import ledger

    ledger().migrate()


def _start_services(wanted: list[str], report: Report) -> None:
    """Airflow and Superset side by side: each its own first start if it is due, then its processes."""
    due = [title for title, service in SERVERS.items() if set(service.SERVICES) & set(wanted)]
    if not due:
        return
    identity = databases.identity()
    first = "" if all(_is_prepared(title, identity) for title in due) else " for the first time"
    report(f"Starting {' and '.join(due)}{first}")
    with ThreadPoolExecutor(len(due)) as pool:
        tasks = [pool.submit(_start_server, title, wanted, identity) for title in due]
    for task in tasks:
        task.result()
    settings().write_state("prepared", {**settings().state("prepared"), **dict.fromkeys(due, _stamp(identity))})


def _is_prepared(title: str, identity: str) -> bool:
    return settings().state("prepared").get(title) == _stamp(identity)


def _stamp(identity: str) -> str:
    return f"{identity} {_fingerprint([], '*_first_start.py')}"


def _start_server(title: str, wanted: list[str], identity: str) -> None:
    if not _is_prepared(title, identity):
        with ports.hold(settings().port(title.lower()), settings().bind):
            _run_first_start(title)
    names = [name for name in SERVERS[title].SERVICES if name in wanted]
    for name in names:
        supervisor.start_program(name)
    for name in names:
        _wait_until_well(name)


def _run_first_start(title: str) -> None:
    log = supervisor.log_file(f"first-start-{title.lower()}")
    # Hundreds of small commits need not reach the disk one by one: if the machine fails, all is done again.
    hurry = {"PGOPTIONS": "-c synchronous_commit=off"}
    variables = {**supervisor.environment(), **SERVERS[title].environment(), **hurry}
    with log.open("w") as output:
        done = subprocess.run(
            SERVERS[title].first_start(), env=variables, cwd=settings().home, stdout=output, stderr=output
        )
    if done.returncode:
        raise StackError(f"{title}'s first start failed{_last_words(log)}", f"See {log}, then repeat `govlake up`.")


def _wait_for_silent(names: list[str], report: Report) -> None:
    silent = [name for name, is_well in well(names).items() if not is_well]
    if silent:
        report(f"Waiting for {', '.join(silent)}")
    for name in silent:
        _wait_until_well(name)


def _wait_until_well(name: str) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not (supervisor.is_running(name) and is_well(name)):
        record = supervisor.processes().get(name, {"statename": "UNKNOWN", "pid": 0})
        if _is_usurped(name, record):
            raise PortTaken(f"{name}'s port was taken by another program.", "Repeat `govlake up`.")
        state = record["statename"]
        if state in ("FATAL", "UNKNOWN") or time.monotonic() > limit:
            raise StackError(
                f"{name} did not become ready ({state.lower()}){_last_words(supervisor.log_file(name))}",
                f"See `govlake logs {name}`; `govlake doctor` checks the machine.",
            )
        time.sleep(0.2)


def _last_words(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines() if log.exists() else []
    return f": {lines[-1].strip()[-200:]}" if lines else "."
