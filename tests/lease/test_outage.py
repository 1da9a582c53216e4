"""A lake on a real S3 server that goes away for a while."""

import os
import signal
import time
from collections.abc import Iterator
from uuid import uuid4

import psutil
import pytest

from govlake.stack import testing
from tests.lease.conftest import TTL_S, Join


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[testing.S3Server]:
    """An S3 server that a test may stop."""
    with testing.s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def bucket(s3: testing.S3Server) -> dict[str, str]:
    """Settings of homes that share a bucket of their own."""
    return s3.settings(f"s3://lease-{uuid4().hex[:12]}/city")


def server_process(server: testing.S3Server) -> psutil.Process:
    """The process that listens there."""
    port = int(server.endpoint.rpartition(":")[2])
    own = psutil.Process(os.getpid()).children(recursive=True)
    return next(p for p in own if any(c.laddr.port == port for c in p.net_connections("inet") if c.status == "LISTEN"))


def test_one_of_two_homes_writes_a_lake_on_s3(join: Join, bucket: dict[str, str]) -> None:
    first, second = join("north", **bucket), join("south", **bucket)
    assert first.do("write", "a", 3) == {"rows": 3}
    assert "Another home writes this lake" in second.do("write", "b", 4)["refused"]
    first.end()
    second.end()
    assert join("south", **bucket).do("write", "b", 4) == {"rows": 4}


def test_a_holder_keeps_its_number_through_an_outage_that_nobody_used(
    join: Join, bucket: dict[str, str], s3: testing.S3Server
) -> None:
    writer = join("north", **bucket)
    writer.do("write", "a", 3)
    server = server_process(s3)
    server.send_signal(signal.SIGSTOP)
    time.sleep(1.5 * TTL_S)
    server.send_signal(signal.SIGCONT)
    assert writer.do("write", "a", 5) == {"rows": 5}
    assert writer.do("hold") == {"token": 1}


def test_a_write_waits_for_the_store_and_is_refused_where_it_stays_away(
    join: Join, bucket: dict[str, str], s3: testing.S3Server
) -> None:
    writer = join("north", **bucket)
    writer.do("hold")
    server = server_process(s3)
    server.send_signal(signal.SIGSTOP)
    try:
        time.sleep(TTL_S)
        assert "could not be found out" in writer.do("hold")["refused"]
    finally:
        server.send_signal(signal.SIGCONT)
    assert writer.do("hold") == {"token": 1}
