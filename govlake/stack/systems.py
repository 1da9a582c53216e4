"""The systems of the sample city's departments as programs of the stack: `govlake up --sample`.

Whether this home runs them is a choice that it remembers. Each has a port, secrets and a folder of its own.
"""

import socket
import sys
from pathlib import Path

from govlake.sample.systems import LOOPBACK, exchange, folder, interface, station
from govlake.settings import settings
from govlake.stack import ports, postgres

BUREAUS = {"sample-police": "police", "sample-services": "services"}  # each with a PostgreSQL of its own
FILES, INTERFACE = "sample-health", "sample-hotline"
NAMES = (*BUREAUS, FILES, INTERFACE)
MODULES = {FILES: station, INTERFACE: interface}
SCHEMES = {**dict.fromkeys(BUREAUS, "postgresql://"), FILES: "sftp://"}


def choose(play: bool) -> None:
    """Remember whether this home runs the departments' systems."""
    if settings().plays_systems() != play:
        settings().write_state("sample", {**settings().state("sample"), "systems": play})


def names() -> tuple[str, ...]:
    """The systems that this home runs."""
    return NAMES if settings().plays_systems() else ()


def folder_of(name: str) -> Path:
    """The folder in which the system works."""
    return exchange.data(BUREAUS[name]) if name in BUREAUS else folder(MODULES[name].DEPARTMENT)


def command(name: str, port: int) -> list[str]:
    """Command line of a system."""
    if name in BUREAUS:
        return exchange.command(BUREAUS[name], port)
    return [sys.executable, "-m", MODULES[name].__name__, str(port)]


def prepare(name: str) -> None:
    """What must be there before the system starts, and where it will be found."""
    known = dict(settings().state("systems"))
    department = name.removeprefix("sample-")
    if name in BUREAUS:
        exchange.prepare(department)
    if name == FILES:
        known[f"{department}_key"] = station.prepare()
    if name == INTERFACE:
        settings().secret(interface.SECRET)
    known[department] = f"{LOOPBACK}:{settings().port(name)}"
    settings().write_state("systems", known)


def provision(name: str) -> None:
    """What must be there before a department delivers into it: a database's tables and accounts."""
    if name in BUREAUS:
        exchange.provision(BUREAUS[name], settings().port(name))


def answers(name: str) -> bool:
    """Whether the system answers in its own way."""
    port = settings().port(name)
    if name in BUREAUS:
        return postgres.answers(exchange.admin_url(BUREAUS[name], port))
    return _greets(port) if name == FILES else ports.is_healthy(port, patience_s=3)


def _greets(port: int) -> bool:
    """Whether an SSH server names itself."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=3) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False
