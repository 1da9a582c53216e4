"""Processes of this home that nobody supervises any more, for example after supervisord was killed."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from govlake.settings import settings
from govlake.stack.supervisor import MARK

if TYPE_CHECKING:
    import psutil


def find() -> list["psutil.Process"]:
    """Every living process that this home's stack started, with its children; never the caller's own line.

    A process is known by the mark in its environment. PostgreSQL's children overwrite theirs, and are
    found as children of one that has it.
    """
    import psutil

    me = psutil.Process()
    spared = {me.pid, *(parent.pid for parent in me.parents())}
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        if process.pid not in spared and _is_ours(process):
            found[process.pid] = process
            found.update({child.pid: child for child in _children(process)})
    return [process for pid, process in found.items() if pid not in spared]


def _is_ours(process: "psutil.Process") -> bool:
    import psutil

    try:
        return process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == str(settings().home)
    except (psutil.Error, OSError):
        # Gone in the meantime, or another person's: not ours either way.
        return False


def _children(process: "psutil.Process") -> Iterable["psutil.Process"]:
    import psutil

    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def clean() -> int:
    """Stop what is left over, politely at first; returns how many processes there were."""
    import psutil

    processes = find()
    for process in processes:
        _send(process, "terminate")
    _, stubborn = psutil.wait_procs(processes, timeout=8)
    for process in stubborn:
        _send(process, "kill")
    psutil.wait_procs(stubborn, timeout=8)
    return len(processes)


def _send(process: "psutil.Process", verb: str) -> None:
    import psutil

    try:
        getattr(process, verb)()
    except psutil.NoSuchProcess:
        # It ended by itself, which is what was asked for.
        return


def owns(pid: int) -> bool:
    """Whether process `pid` runs under this home's stack."""
    import psutil

    return psutil.pid_exists(pid) and pid != os.getpid() and _is_ours(psutil.Process(pid))
