"""The engine runs only while its home holds the lease: it ends before another home may write."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from govlake.lease import guard
from govlake.lease.record import decode
from govlake.settings import PROJECT, settings
from govlake.stack import engine as sail
from govlake.stack.ports import any_free
from tests.lease.conftest import TTL_S, Join

BIND = "127.0.0.1"


@contextmanager
def guarded(home: Path, fresh_above_mb: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A real engine under its guard, once it answers; with its address."""
    port = any_free(BIND)
    url = f"sc://{BIND}:{port}"
    environment = {**os.environ, "GOVLAKE_HOME": str(home), "GOVLAKE_LEASE_TTL_S": str(TTL_S)}
    process = subprocess.Popen(
        guard.command_line(sail.command(port, BIND), fresh_above_mb),
        env=environment,
        cwd=PROJECT,
        text=True,
        stderr=subprocess.PIPE,
    )
    try:
        limit = time.monotonic() + 90
        while not sail.answers(url):
            assert time.monotonic() < limit and process.poll() is None
            time.sleep(0.05)
        yield process, url
    finally:
        process.kill()
        process.wait()


def is_gone(url: str, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while sail.answers(url):
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def children(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def test_an_engine_that_is_told_to_end_gives_the_lake_back(home: Path) -> None:
    with guarded(home) as (process, url):
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert is_gone(url, 1)
    assert decode((settings().lake / "_lease.json").read_bytes(), "").holder is None


def test_an_engine_dies_with_its_guard(home: Path) -> None:
    with guarded(home) as (process, url):
        assert children(process)
        process.kill()
        assert is_gone(url, 5)


def test_an_engine_is_stopped_before_its_lease_can_end(home: Path) -> None:
    """The store takes no renewal any more: the engine is gone before another home could take the lake over."""
    with guarded(home) as (process, url):
        lake = settings().lake
        before = decode((lake / "_lease.json").read_bytes(), "").beat
        lake.rename(lake.with_name("away"))
        lake.write_text("a file where a folder should be")
        started = time.monotonic()
        assert is_gone(url, TTL_S)
        assert time.monotonic() - started < TTL_S
        assert process.wait(30) == 1
        assert process.stderr is not None
        assert "could not be renewed in time: the engine is stopped" in process.stderr.read()
        record = decode((lake.with_name("away") / "_lease.json").read_bytes(), "")
        assert record.holder is not None and record.beat >= before


def test_an_engine_that_holds_much_is_started_afresh_once_it_is_alone(home: Path) -> None:
    with guarded(home, fresh_above_mb=20) as (process, url):
        address = urlsplit(url)
        with socket.create_connection((BIND, address.port or 0)):
            first = children(process)
            time.sleep(2 * TTL_S)
            assert children(process) == first
        limit = time.monotonic() + 60
        while children(process) == first or not sail.answers(url):
            assert time.monotonic() < limit and process.poll() is None
            time.sleep(0.2)
        assert decode((settings().lake / "_lease.json").read_bytes(), "").holder is not None


def test_an_engine_does_not_start_where_another_home_writes(join: Join, tmp_path: Path) -> None:
    assert "token" in join("north").do("hold")
    join("south").end()
    environment = {**os.environ, "GOVLAKE_HOME": str(tmp_path / "south"), "GOVLAKE_LEASE_TTL_S": str(TTL_S)}
    flag = tmp_path / "ran"
    done = subprocess.run(
        guard.command_line([sys.executable, "-c", f"open({str(flag)!r}, 'w')"]),
        env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=90,
    )  # fmt: skip
    assert (done.returncode, flag.exists()) == (1, False)
    assert "Another home writes this lake" in done.stderr and "north" in done.stderr


@pytest.mark.parametrize("code", [0, 3])
def test_the_guard_ends_as_its_engine_ends(home: Path, code: int) -> None:
    environment = {**os.environ, "GOVLAKE_HOME": str(home)}
    command = guard.command_line([sys.executable, "-c", f"raise SystemExit({code})"])
    assert subprocess.run(command, env=environment, cwd=PROJECT, timeout=90).returncode == code
    assert decode((settings().lake / "_lease.json").read_bytes(), "").holder is None
