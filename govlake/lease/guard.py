"""`python -m govlake.lease.guard [--fresh-above MB] COMMAND...`: run an engine only while this home holds the lease.

The engine starts once the lease is held and is killed, with all its children, when the lease can no longer be renewed:
before another home may take the lake over. A store may not know which of two engines is the right one; so there must
not be two. Where the guard itself is killed, its engine goes with it.

The embedded engine's memory grows with every small write and is not given back. Where it holds more than --fresh-above
while nobody is connected to it, the guard ends it and starts it afresh, under the same lease.
"""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import time
from types import FrameType

from govlake import lease
from govlake.errors import GovlakeError
from govlake.lease.keeper import Keeper
from govlake.lease.place import clock
from govlake.lease.rest import Rest

POLL_S = 0.1
PATIENCE_S = 10.0
FRESH_ABOVE = "--fresh-above"


def main(arguments: list[str]) -> int:
    """Run a command under the lease; returns its exit code, or 1 where the lease was refused or lost."""
    limit, command = (int(arguments[1]), arguments[2:]) if arguments[0] == FRESH_ABOVE else (0, arguments)
    stop = _Stop()
    try:
        keeper = lease.hold("its engine", say)
        return _guarded(command, limit, keeper, stop)
    except GovlakeError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        lease.close()


class _Stop:
    """Whether somebody asked this program to end, and by which signal."""

    def __init__(self) -> None:
        self.asked = 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, number: int, _frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = number
            raise KeyboardInterrupt


def _guarded(command: list[str], fresh_above_mb: int, keeper: Keeper, stop: _Stop) -> int:
    while True:
        engine = subprocess.Popen(command, preexec_fn=_die_with_guard)
        try:
            code = _watched(engine, Rest(engine.pid, fresh_above_mb, keeper.ttl_s), keeper)
            if code is not None:
                return code
            say(f"The engine held more than {fresh_above_mb:,} MB while nobody used it: it is started afresh.")
            _end(engine, signal.SIGTERM)
        except KeyboardInterrupt:
            _end(engine, stop.asked)
            return 0
        finally:
            _kill(engine)


def _watched(engine: subprocess.Popen[bytes], rest: Rest, keeper: Keeper) -> int | None:
    """The code with which the engine ended, 1 where the lease was lost; None where it is to be started afresh."""
    while engine.poll() is None:
        if clock() >= keeper.good_until():
            say("The lease of the lake could not be renewed in time: the engine is stopped.")
            return 1
        if rest.is_due():
            return None
        time.sleep(min(POLL_S, keeper.ttl_s / 50))
    return engine.returncode


def _end(engine: subprocess.Popen[bytes], number: int) -> None:
    engine.send_signal(number or signal.SIGTERM)
    try:
        engine.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        say(f"The engine did not end within {PATIENCE_S:.0f} s and is killed.")


def _kill(engine: subprocess.Popen[bytes]) -> None:
    """End the engine and everything that it started, at once."""
    import psutil

    if not psutil.pid_exists(engine.pid):
        return
    leader = psutil.Process(engine.pid)
    for process in [*leader.children(recursive=True), leader]:
        process.kill()
    engine.wait()


def _die_with_guard() -> None:
    """Ask Linux to kill the engine when the guard dies; elsewhere `govlake down` finds it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def say(line: str) -> None:
    """One line for the engine's log."""
    print(line, file=sys.stderr, flush=True)


def command_line(command: list[str], fresh_above_mb: int = 0) -> list[str]:
    """The command line that runs `command` under the lease; with 0, however much memory it holds."""
    fresh = [FRESH_ABOVE, str(fresh_above_mb)] if fresh_above_mb else []
    return [sys.executable, "-m", "govlake.lease.guard", *fresh, *command]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
