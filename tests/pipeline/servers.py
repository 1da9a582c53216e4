"""Servers that a test may kill: an engine and a PostgreSQL on fixed ports, started again as often as needed."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe

from govlake.stack import engine as sail
from govlake.stack import postgres as pg
from govlake.stack.ports import any_free

BIND = "127.0.0.1"


@dataclass
class Server:
    """One server. `pid` is that of its newest process."""

    command: list[str]
    answers: Callable[[], bool]
    folder: Path
    user: str | None = None
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self, patience_s: float = 120) -> None:
        """Start it and wait until it answers; a start that fails, as after a kill, is repeated."""
        limit = time.monotonic() + patience_s
        self._spawn()
        while not self.answers():
            assert time.monotonic() < limit, f"{self.command[0]} does not come back"
            if self.process.poll() is not None:
                self._spawn()
            time.sleep(0.05)

    def _spawn(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user else None,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_dead(self) -> bool:
        return self.process.poll() is not None

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def engine(folder: Path) -> tuple[Server, str]:
    """An engine that is not running yet, and its address."""
    port = any_free(BIND)
    address = f"sc://{BIND}:{port}"
    settings = [f"{name}={value}" for name, value in sail.environment(folder, 1024).items()]
    return Server(["env", *settings, *sail.command(port, BIND)], lambda: sail.answers(address), folder), address


def postgres(folder: Path) -> tuple[Server, str]:
    """A PostgreSQL that is not running yet, and the URL of its superuser. What it commits survives its death."""
    port, secret = any_free(BIND), token_urlsafe(24)
    pg.prepare(folder, secret)
    url = pg.url(port, BIND, pg.SUPERUSER, secret, "postgres")
    return Server(pg.command(folder, port, BIND), lambda: pg.answers(url), folder, pg.system_user()), url
