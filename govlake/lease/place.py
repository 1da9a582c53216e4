"""The home's side of the lease: which processes take part, which one of them renews, and what it tells the others.

Locks are POSIX record locks: the kernel frees them when a process ends, however it ends, and a forked child has none.
A process must open each lock file only once, for closing any of its handles frees the lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import IO
from uuid import uuid4

from govlake.lease.record import Holder
from govlake.settings import Settings

# Runs on while the machine sleeps, and is the same clock for every process of one machine.
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def clock() -> float:
    """Seconds since the machine started, asleep or not."""
    return time.clock_gettime(CLOCK)


@cache
def boot() -> str:
    """Names this start of this machine: times of `clock()` mean nothing in another."""
    known = Path("/proc/sys/kernel/random/boot_id")
    if known.exists():
        return known.read_text(encoding="ascii").strip()
    import psutil

    return f"{socket.gethostname()}-{psutil.boot_time():.0f}"


@dataclass(frozen=True)
class Notice:
    """What the renewing process tells the others: the token, and until when by `clock()` it is good for a write."""

    token: int
    keeper: str
    boot: str
    good_until: float
    lost: str = ""


class Place:
    """The lock files and the notice of one home, for one process."""

    def __init__(self, home: Settings) -> None:
        self.home = home
        folder = home.private("run")
        self._notice = folder / "lease.json"
        self._members = _opened(folder / "lease.members")
        self._keeper = _opened(folder / "lease.keeper")
        fcntl.lockf(self._members, fcntl.LOCK_SH)

    def me(self, what: str = "") -> Holder:
        """This process as the holder of a lease."""
        found = os.fstat(self._keeper.fileno())
        return Holder(
            home=self.home.home_id(),
            place=f"{boot()}:{found.st_dev}:{found.st_ino}",
            keeper=uuid4().hex,
            host=socket.gethostname(),
            folder=str(self.home.home),
            pid=os.getpid(),
            what=what or Path(sys.argv[0]).name or "python",
        )

    def may_keep(self) -> bool:
        """Become the process that renews, where no other living one of this home is."""
        return _locked(self._keeper)

    def is_last(self) -> bool:
        """Whether no other process of this home takes part any more; keeps new ones waiting until `leave`."""
        return _locked(self._members)

    def stop_keeping(self) -> None:
        """Let another process of this home renew."""
        fcntl.lockf(self._keeper, fcntl.LOCK_UN)

    def leave(self) -> None:
        """Take part no longer."""
        self._keeper.close()
        self._members.close()

    def tell(self, notice: Notice) -> None:
        """Replace the notice in one act. Only the process that renews may."""
        draft = self._notice.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(notice), file)
        draft.replace(self._notice)

    def heard(self) -> Notice | None:
        """The notice of the process that renews; None where there is none, or one from before the machine started."""
        try:
            notice = Notice(**json.loads(self._notice.read_bytes()))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return notice if notice.boot == boot() else None


def _opened(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
