"""A service keeps its port, gives way to strangers, and never shares one."""

import os
import socket
from collections.abc import Iterator

import pytest

from govlake.stack import ports


@pytest.fixture
def stranger() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_known_free_port_is_kept() -> None:
    port = ports.any_free()
    assert ports.choose(["superset"], {"superset": port}) == {"superset": port}


def test_a_port_taken_by_a_stranger_is_given_up(stranger: int) -> None:
    assert ports.choose(["superset"], {"superset": stranger})["superset"] != stranger


def test_a_port_taken_by_ourselves_is_kept(stranger: int) -> None:
    assert ports.choose(["superset"], {"superset": stranger}, ours=["superset"]) == {"superset": stranger}


def test_a_stranger_on_every_address_takes_the_loopback_port_too() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        assert not ports.is_free(server.getsockname()[1])


def test_two_services_never_share_a_port() -> None:
    port = ports.any_free()
    chosen = ports.choose(["airflow", "superset"], {"airflow": port, "superset": port})
    assert len(set(chosen.values())) == 2


def test_a_held_port_is_not_free_until_it_is_released() -> None:
    port = ports.any_free()
    with ports.hold(port):
        assert not ports.is_free(port)
    assert ports.is_free(port)


def test_a_listener_is_told_from_a_stranger(stranger: int) -> None:
    assert ports.is_held_by(stranger, os.getpid())
    assert not ports.is_held_by(ports.any_free(), os.getpid())
