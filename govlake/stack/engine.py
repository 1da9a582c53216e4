"""Sail, the embedded engine: a Spark Connect server with a bounded memory pool that spills into the home."""

import json
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

FRESH_MB = 1024  # resident memory that is more than a new server takes, however small its pool


def command(port: int, bind: str) -> list[str]:
    """Command line of the server. The Connect port has no authentication: `bind` stays loopback."""
    sail = Path(sys.executable).parent / "sail"
    return [str(sail), "spark", "server", "--ip", bind, "--port", str(port)]


def environment(spill: Path, memory_mb: int) -> dict[str, str]:
    """Sail's settings: each operator gets a fair share of `memory_mb`, the rest spills to `spill`."""
    return {
        "SAIL_RUNTIME__MEMORY_POOL__TYPE": "fair",
        "SAIL_RUNTIME__MEMORY_POOL__FAIR__MAX_SIZE": str(memory_mb * 1024 * 1024),
        "SAIL_RUNTIME__TEMPORARY_FILES__PATHS": json.dumps([str(spill)]),
        "RUST_LOG": "warn",
    }


def answers(url: str) -> bool:
    """Whether something listens at `url` (sc://host:port); a query is the doctor's business."""
    address = urlsplit(url)
    try:
        with socket.create_connection((address.hostname or "127.0.0.1", address.port or 15002), timeout=2):
            return True
    except OSError:
        return False
