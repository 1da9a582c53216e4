"""supervisord: its configuration file, starting it, and talking to it over its private socket."""

import os
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from govlake.errors import StackError
from govlake.settings import settings
from govlake.stack import home
from govlake.stack.programs import Program

# Set in every supervised process, and only there: how a home knows its own among all processes.
MARK = "GOVLAKE_SUPERVISED"
# Settings of other installations on this machine must not reach ours.
FOREIGN = (
    "AIRFLOW_", "AWS_", "SUPERSET_", "FLASK_", "SAIL_", "PYTHONHOME", "PYTHONPATH", "SPARK_", "PYSPARK_", "HADOOP_",
)  # fmt: skip
LOG = {"stdout_logfile_maxbytes": "10MB", "stdout_logfile_backups": "3", "redirect_stderr": "true"}
ALIVE = ("STARTING", "RUNNING", "BACKOFF", "STOPPING")


def configuration_file() -> Path:
    return settings().run_dir / "supervisord.conf"


def log_file(service: str) -> Path:
    """Where `service` writes what it says."""
    return settings().logs / f"{service}.log"


def render(programs: Iterable[Program]) -> str:
    """The text of supervisord.conf. Nothing starts by itself: `up` starts each in its turn."""
    sections = {
        "unix_http_server": {"file": str(home.socket_path()), "chmod": "0700"},
        "supervisord": _daemon(),
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }
    for program in programs:
        sections[f"program:{program.name}"] = _section(program)
    lines: list[str] = []
    for name, values in sections.items():
        lines += [f"[{name}]", *(f"{key}={_escaped(key, value)}" for key, value in values.items()), ""]
    return "\n".join(lines)


def _escaped(key: str, value: str) -> str:
    """supervisord expands percent signs, those of a program's log file twice."""
    return value.replace("%", "%%%%" if key == "stdout_logfile" else "%%")


def _daemon() -> dict[str, str]:
    return {
        "logfile": str(log_file("supervisord")),
        "logfile_maxbytes": "5MB",
        "logfile_backups": "1",
        "pidfile": str(settings().run_dir / "supervisord.pid"),
        "strip_ansi": "true",
        "umask": "077",
        **({"user": "root"} if os.geteuid() == 0 else {}),
    }


def _section(program: Program) -> dict[str, str]:
    variables = [f"{name}={value}" for name, value in program.environment.items()]
    return {
        "command": shlex.join(["env", *variables, *program.command]),
        **({"environment": _listed(program.secrets)} if program.secrets else {}),
        "directory": str(program.directory),
        **({"user": program.user} if program.user else {}),
        "autostart": "false",
        "autorestart": "true",
        "startsecs": "2",
        "startretries": "20",
        "stopsignal": program.stop_signal,
        "stopwaitsecs": str(program.stop_seconds),
        # PostgreSQL's leader stops its children in the right order; the others are told all at once.
        "stopasgroup": "false" if program.stop_signal == "INT" else "true",
        "killasgroup": "true",
        "stdout_logfile": str(log_file(program.name)),
        **LOG,
    }


def _listed(variables: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{value}"' for name, value in variables.items())


def environment() -> dict[str, str]:
    """What supervised processes inherit: this home, no other installation's settings, no proxy to ourselves."""
    inherited = {k: v for k, v in settings().environment().items() if not k.startswith(FOREIGN)}
    local = ",".join(filter(None, [inherited.get("NO_PROXY", inherited.get("no_proxy")), "127.0.0.1,localhost"]))
    path = os.pathsep.join([str(Path(sys.executable).parent), inherited.get("PATH", os.defpath)])
    return {**inherited, "PATH": path, "NO_PROXY": local, "no_proxy": local, MARK: str(settings().home)}


def start() -> None:
    """Start supervisord in the background and wait until it answers."""
    home.prepare_socket()
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration_file())]
    done = subprocess.run(command, env=environment(), cwd=settings().home, capture_output=True, text=True, timeout=60)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise StackError(
            f"supervisord did not start: {said[0] if said else 'it gave no reason'}",
            f"See {log_file('supervisord')}; `govlake doctor` checks the machine.",
        )
    limit = time.monotonic() + 20
    while not is_alive():
        if time.monotonic() > limit:
            raise StackError("supervisord does not answer.", f"See {log_file('supervisord')}.")
        time.sleep(0.05)


def remote() -> Any:
    """supervisord's XML-RPC interface (namespace `supervisor`); one per thread."""
    from supervisor.xmlrpc import SupervisorTransport

    transport = SupervisorTransport(serverurl=f"unix://{home.socket_path()}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor


def is_alive() -> bool:
    """Whether this home's supervisord answers."""
    if not home.socket_path().exists():
        return False
    try:
        return remote().getState()["statename"] == "RUNNING"
    except (OSError, xmlrpc.client.Error):
        return False


def processes() -> dict[str, dict[str, Any]]:
    """supervisord's record of each program (statename, pid, start, now, spawnerr); empty if it is down."""
    if not home.socket_path().exists():
        return {}
    try:
        return {record["name"]: record for record in remote().getAllProcessInfo()}
    except (OSError, xmlrpc.client.Error):
        return {}


def start_program(name: str) -> None:
    """Ask for `name` to be started; no error if it runs or is starting."""
    from supervisor.xmlrpc import Faults

    try:
        remote().startProcess(name, False)
    except xmlrpc.client.Fault as fault:
        if fault.faultCode != Faults.ALREADY_STARTED:
            raise StackError(f"{name} cannot be started: {fault.faultString}.", "See `govlake logs`.") from fault


def stop_program(name: str) -> None:
    """Ask for `name` to be stopped; no error if it does not run."""
    from supervisor.xmlrpc import Faults

    try:
        remote().stopProcess(name, False)
    except xmlrpc.client.Fault as fault:
        if fault.faultCode != Faults.NOT_RUNNING:
            raise StackError(f"{name} cannot be stopped: {fault.faultString}.", "Repeat `govlake down`.") from fault


def shutdown() -> None:
    """Stop everything: what uses the stores first, all at once; then the stores; then supervisord."""
    running = [name for name, record in processes().items() if alive(record)]
    for group in ([name for name in running if name != "postgres"], ["postgres"]):
        for name in group:
            if name in running:
                stop_program(name)
        _wait(lambda group=group: not any(is_running(name) for name in group), seconds=60)
    import psutil

    pid = int(str(remote().getPID()))
    remote().shutdown()
    _wait(lambda: not (is_alive() or psutil.pid_exists(pid)), seconds=20)


def is_running(name: str) -> bool:
    """Whether `name` runs, starts, stops or waits for its next try."""
    return alive(processes().get(name))


def alive(record: dict[str, Any] | None) -> bool:
    """Whether supervisord's record of a program says that it is at work."""
    return record is not None and record["statename"] in ALIVE


def _wait(done: Any, seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not done() and time.monotonic() < limit:
        time.sleep(0.1)
