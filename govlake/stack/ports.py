"""Ports of the stack: the usual one where it is free, else one the system gives, remembered in the home."""

import http.client
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress

PREFERRED = {"postgres": 5433, "engine": 50051, "airflow": 8080, "superset": 8088}


def is_free(port: int, bind: str = "127.0.0.1") -> bool:
    """Whether `port` can be bound at this moment."""
    with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError:
            return False
        return True


def any_free(bind: str = "127.0.0.1") -> int:
    """A port the system considers free."""
    with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((bind, 0))
        return int(probe.getsockname()[1])


def is_healthy(port: int, patience_s: float = 10) -> bool:
    """Whether a server of this machine answers its own health question at `port`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience_s)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def choose(
    services: Iterable[str], known: Mapping[str, int], bind: str = "127.0.0.1", ours: Iterable[str] = ()
) -> dict[str, int]:
    """A port for each service: the one it had, the usual one, or any free one, whichever is first to be free.

    `ours` are services that run already: they keep their port though it is taken, because they took it.
    """
    chosen: dict[str, int] = {name: known[name] for name in ours if name in known}
    for name in services:
        if name not in chosen:
            chosen[name] = _first_free([known.get(name), PREFERRED.get(name)], set(chosen.values()), bind)
    return chosen


def _first_free(candidates: list[int | None], taken: set[int], bind: str) -> int:
    for port in candidates:
        if port and port not in taken and is_free(port, bind):
            return port
    while (port := any_free(bind)) in taken:
        continue
    return port


def hold(port: int, bind: str = "127.0.0.1") -> socket.socket:
    """Keep `port` from everyone else until the result is closed: first starts take a minute, and homes may race."""
    holder = socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET, socket.SOCK_STREAM)
    # Refused while connections of an earlier run fade away. Then it is not held, but still watched.
    with suppress(OSError):
        holder.bind((bind, port))
    return holder


def is_held_by(port: int, pid: int) -> bool:
    """Whether process `pid` or a child of it listens on `port`."""
    import psutil

    with suppress(psutil.Error):
        leader = psutil.Process(pid)
        return any(
            connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            for process in (leader, *leader.children(recursive=True))
            for connection in process.net_connections("inet")
        )
    return False
