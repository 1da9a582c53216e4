"""The home's folders, who may read them, and where its sockets fit."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from govlake.errors import StackError
from govlake.settings import settings

# A Unix socket's path may have 107 bytes on Linux and 103 on macOS; supervisor appends its process id.
LONGEST_SOCKET = 90


def prepare() -> None:
    """Create the home: readable by its owner alone, except that PostgreSQL's own user may pass through."""
    home = settings()
    folders = [home.inbox, home.landing, home.lake, home.run_dir, home.logs, home.tmp]
    try:
        for folder in (home.home, *folders, home.home / "airflow", home.home / "superset"):
            if not folder.exists():
                folder.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise StackError(
            f"The home {home.home} cannot be created ({error.strerror}).",
            "Set GOVLAKE_HOME to a folder you may write.",
        ) from error


def socket_path() -> Path:
    """Where supervisor listens: in the home, or in a private folder with a short name if the home's is long."""
    usual = settings().run_dir / "supervisor.sock"
    if len(os.fsencode(usual)) <= LONGEST_SOCKET:
        return usual
    digest = hashlib.sha256(os.fsencode(settings().home)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"govlake-{os.geteuid()}-{digest}" / "supervisor.sock"


def prepare_socket() -> None:
    """Make room for the socket, in a folder nobody else can enter. Raises StackError."""
    folder = socket_path().parent
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise StackError(
            f"{folder} belongs to someone else or is open to others.",
            "Delete it, or set GOVLAKE_HOME to a shorter path.",
        )
    socket_path().unlink(missing_ok=True)


def remove_socket() -> None:
    """Remove the socket, and the folder made for it."""
    path = socket_path()
    path.unlink(missing_ok=True)
    if path.parent != settings().run_dir and path.parent.exists():
        path.parent.rmdir()


@contextmanager
def lock() -> Iterator[None]:
    """Let one `up` or `down` at a time change this home; the other waits."""
    with (settings().run_dir / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
