"""The programs of the stack, in the order they start. One table; everything else reads it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from govlake import store
from govlake.errors import StackError
from govlake.lease import guard
from govlake.settings import settings
from govlake.stack import airflow, engine, postgres, spark, superset, systems

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Program:
    """One supervised process group."""

    name: str
    command: list[str]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)  # variables that no command line shows, not even briefly
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 10


def all_programs() -> list[Program]:
    """Every program this home needs; PostgreSQL and the engine only where no address was given for them."""
    home = settings()
    programs = [*_stores(), *_systems(), *(_airflow(name) for name in airflow.SERVICES)]
    cockpit = superset.command(home.bind, home.port("superset"))
    return [*programs, Program("superset", cockpit, home.home / "superset", superset.environment())]


def _stores() -> list[Program]:
    """The programs without authentication or with data of their own: loopback, whatever `bind` says."""
    home = settings()
    stores = []
    if not home.postgres_url:
        data = home.home / "postgres"
        command = postgres.command(data, home.port("postgres"), LOOPBACK)
        # INT is PostgreSQL's fast shutdown; TERM would wait for every client to leave.
        user = postgres.system_user()
        stores.append(Program("postgres", command, data, user=user, stop_signal="INT", stop_seconds=30))
    if not home.engine_url:
        stores.append(_engine())
    return stores


def _systems() -> list[Program]:
    """The systems of the sample city's departments, where this home runs them."""
    programs = []
    for name in systems.names():
        command, folder = systems.command(name, settings().port(name)), systems.folder_of(name)
        if name in systems.BUREAUS:
            user = postgres.system_user()
            programs.append(Program(name, command, folder, user=user, stop_signal="INT", stop_seconds=30))
        else:
            programs.append(Program(name, command, folder))
    return programs


def _engine() -> Program:
    home = settings()
    if home.engine == "spark":
        command = guard.command_line(spark.command(home))
        return Program("engine", command, home.tmp, spark.environment(home), stop_seconds=20)
    command = engine.command(home.port("engine"), LOOPBACK)
    variables = engine.environment(home.tmp, home.engine_memory_mb)
    guarded = guard.command_line(command, max(home.engine_memory_mb // 2, engine.FRESH_MB))
    return Program("engine", guarded, home.tmp, variables, store.environment(), stop_seconds=15)


def _airflow(name: str) -> Program:
    command = airflow.command(name, settings().bind, settings().port("airflow"))
    # The api-server waits for idle connections to close and has nothing to lose: it is not waited for.
    patience = 3 if name == "airflow-api-server" else 15
    return Program(name, command, settings().home / "airflow", airflow.environment(), stop_seconds=patience)


def names() -> list[str]:
    """Names of the programs, in the order they start."""
    home = settings()
    stores = [] if home.postgres_url else ["postgres"]
    stores += [] if home.engine_url else ["engine"]
    return [*stores, *systems.names(), *airflow.SERVICES, "superset"]


def chosen(services: Iterable[str] | None) -> list[str]:
    """The programs that `services` mean: None is all, `airflow` its four, `sample` the departments' systems."""
    known = names()
    if services is None:
        return known
    wanted = {"airflow": set(airflow.SERVICES)}
    if systems.names():
        wanted["sample"] = set(systems.names())
    picked: set[str] = set()
    for service in services:
        picked |= wanted.get(service, {service})
    unknown = sorted(picked - set(known) - {"postgres", "engine"})
    if unknown:
        raise StackError(f"There is no service {unknown[0]}.", f"Known are: airflow, {', '.join(known)}.")
    if picked & {*airflow.SERVICES, "superset"}:
        picked.add("postgres")
    return [name for name in known if name in picked]


def ports_needed() -> list[str]:
    """Services of this home that listen on a port."""
    own = [name for name in names() if name in ("postgres", "engine")]
    return [*own, *systems.names(), "airflow", "superset"]
