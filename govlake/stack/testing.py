"""Single services for tests, without supervision: the same command lines as the stack's own programs."""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe

from govlake.errors import StackError
from govlake.stack import engine as sail
from govlake.stack import postgres as pg
from govlake.stack.ports import any_free

BIND = "127.0.0.1"
# A test's data may be lost with the machine.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def engine(port: int | None = None, memory_mb: int = 2048) -> Iterator[str]:
    """A Sail server of its own; yields its address `sc://127.0.0.1:<port>`, gone afterwards."""
    port = port or any_free(BIND)
    spill = Path(tempfile.gettempdir())
    address = f"sc://{BIND}:{port}"
    with _process(sail.command(port, BIND), sail.environment(spill, memory_mb), lambda: sail.answers(address)):
        yield address


@contextmanager
def postgres(folder: Path, port: int | None = None) -> Iterator[str]:
    """A PostgreSQL of its own in `folder`; yields the URL of database `govlake` for its owner.

    All databases and roles of the stack exist, as after `govlake up`.
    """
    port = port or any_free(BIND)
    secret = token_urlsafe(24)
    pg.prepare(folder, secret)
    admin = pg.url(port, BIND, pg.SUPERUSER, secret, "postgres")
    with _process(pg.command(folder, port, BIND, FAST), {}, lambda: pg.answers(admin), pg.system_user(), folder):
        passwords = {role: token_urlsafe(24) for role in pg.ROLES}
        pg.provision(admin, passwords)
        yield pg.url(port, BIND, "govlake", passwords["govlake"], "govlake")


@contextmanager
def _process(
    command: list[str],
    environment: Mapping[str, str],
    ready: Callable[[], bool],
    user: str | None = None,
    folder: Path | None = None,
) -> Iterator[None]:
    process = subprocess.Popen(
        ["env", *(f"{name}={value}" for name, value in environment.items()), *command],
        preexec_fn=_die_with_parent,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )
    try:
        _wait(process, ready, seconds=60)
        yield
    finally:
        _stop(process)


def _die_with_parent() -> None:
    """Ask Linux to stop this child when the test session is killed; elsewhere the child stays."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > limit:
            raise StackError(f"{process.args} did not start.", "Run that command by hand to see why.")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    # SIGINT is PostgreSQL's fast shutdown and Sail's Ctrl-C alike.
    process.send_signal(signal.SIGINT)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(15)
