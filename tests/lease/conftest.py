"""Homes that share one lake, and writers in processes of their own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from govlake.settings import PROJECT

TTL_S = 4.0  # long enough for a busy machine to renew in time


class Writer:
    """A process of one home, told what to do line by line."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "tests.lease.writer"]
        self.process = subprocess.Popen(
            command, env=environment, cwd=PROJECT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def start(self, *command: Any) -> None:
        """Tell it to do something; `answer` waits for what becomes of it."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the writer ended with {self.process.wait()}"
        return json.loads(line)

    def do(self, *command: Any) -> dict[str, Any]:
        self.start(*command)
        return self.answer()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        """Let it end by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)


Join = Callable[..., Writer]


@pytest.fixture
def lake_folder(tmp_path: Path) -> Path:
    """The lake that the homes share."""
    folder = tmp_path / "shared_lake"
    folder.mkdir()
    return folder


@pytest.fixture
def join(tmp_path: Path, lake_folder: Path) -> Iterator[Join]:
    """Start a writer of the home of a given name; the homes' lakes are one folder."""

    def started(home: str, **variables: str) -> Writer:
        folder = tmp_path / home
        if not folder.exists():
            folder.mkdir()
            (folder / "lake").symlink_to(lake_folder, target_is_directory=True)
        own = {"GOVLAKE_HOME": str(folder), "GOVLAKE_LEASE_TTL_S": str(TTL_S)}
        return stack.enter_context(ended(Writer({**os.environ, **own, **variables})))

    with ExitStack() as stack:
        yield started


@contextmanager
def ended(writer: Writer) -> Iterator[Writer]:
    """A writer that is gone afterwards, stopped or not."""
    try:
        yield writer
    finally:
        writer.kill()


def wait_for(path: Path, seconds: float = 90) -> None:
    """Wait until a file is there."""
    limit = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < limit, path
        time.sleep(0.02)
