"""`python -m govlake.sample.systems.interface PORT`: the hotline's interface, with pages, a token and a limit.

`GET /v1/<dataset>?date=2026-09-01&limit=500&cursor=...` gives the records released on a day. A caller who asks too
fast gets 429 and how long to wait.
"""

import hmac
import json
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from govlake.sample.systems import LOOPBACK, folder
from govlake.settings import SAMPLE, settings

if TYPE_CHECKING:
    from govlake.contracts import Contract
    from govlake.sample.plant import Planted

DEPARTMENT = "hotline"
SECRET = f"{SAMPLE}{DEPARTMENT}"
ASKED = re.compile(r"/v1/([a-z_]+)")
MOST_RECORDS = 500  # on a page
MOST_CALLS, WINDOW_S = 20, 1.0
JSON = "application/json; charset=utf-8"


def file_of(home: Path, dataset: str, day: date) -> Path:
    """The records that were released on `day`, one a line."""
    return home / "systems" / DEPARTMENT / dataset / f"{day:%Y%m%d}.jsonl"


def put(contract: "Contract", day: date, planted: "Planted") -> Path:
    """Release a delivery, whole or not at all; the same again changes nothing."""
    from govlake.sample import formats

    file = file_of(settings().home, contract.name, day)
    settings().private("systems", DEPARTMENT, contract.name)
    content = b"".join(formats.json_lines(planted.texts))
    if not file.exists() or file.read_bytes() != content:
        draft = file.with_suffix(".part")
        draft.write_bytes(content)
        draft.replace(file)
    return file


@lru_cache(maxsize=64)
def _records(file: Path, _changed_ns: int) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)


class Interface(ThreadingHTTPServer):
    """The server. `calls` are the moments of the newest requests that were answered."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__((LOOPBACK, port), Handler)
        self.token, self.lock = settings().secret(SECRET), threading.Lock()
        self.calls: deque[float] = deque(maxlen=MOST_CALLS)

    def wait_s(self) -> float:
        """0 where a request may be answered now, and counts; else how long to wait."""
        with self.lock:
            now = time.monotonic()
            wait = self.calls[0] + WINDOW_S - now if len(self.calls) == MOST_CALLS else 0.0
            if wait <= 0:
                self.calls.append(now)
            return max(wait, 0.0)


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Interface
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """One line for each answer, without the token."""
        print(format % args, flush=True)

    def do_GET(self) -> None:
        """Judge the request, then give the page."""
        asked = urlsplit(self.path)
        if asked.path == "/health":
            return self.reply(200, {"status": "up"})
        shown = self.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(shown, f"Bearer {self.server.token}".encode()):
            return self.reply(401, {"error": "the token is missing or wrong"})
        wait = self.server.wait_s()
        if wait:
            return self.reply(429, {"error": "too many requests"}, **{"Retry-After": str(int(wait) + 1)})
        dataset = ASKED.fullmatch(asked.path)
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        if dataset is None or not (folder(DEPARTMENT) / dataset.group(1)).is_dir():
            return self.reply(404, {"error": "there is no such dataset"})
        try:
            day = date.fromisoformat(query["date"])
            start, limit = int(query.get("cursor", 0)), int(query.get("limit", MOST_RECORDS))
        except (KeyError, ValueError):
            return self.reply(400, {"error": "date, cursor or limit cannot be read"})
        self.page(file_of(settings().home, dataset.group(1), day), max(start, 0), min(max(limit, 1), MOST_RECORDS))

    def page(self, file: Path, start: int, limit: int) -> None:
        """The records from byte `start` on. A cursor is such a byte."""
        if not file.exists():
            return self.reply(200, {"data": {"items": []}, "meta": {"total": 0, "next": None}})
        total = _records(file, file.stat().st_mtime_ns)
        with file.open("rb") as lines:
            lines.seek(start)
            items = list(_some(lines, limit))
            following = lines.tell() if lines.tell() < file.stat().st_size else None
        meta = json.dumps({"total": total, "next": None if following is None else str(following)})
        self.send(200, b'{"data": {"items": [%s]}, "meta": %s}' % (b",".join(items), meta.encode()))

    def reply(self, status: int, content: dict[str, Any], **headers: str) -> None:
        """A small answer."""
        self.send(status, json.dumps(content).encode(), **headers)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        """An answer of this body."""
        self.send_response(status)
        for name, value in {"Content-Type": JSON, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _some(lines: Any, limit: int) -> Iterator[bytes]:
    for _ in range(limit):
        line = lines.readline()
        if not line:
            return
        yield line.rstrip(b"\n")


if __name__ == "__main__":
    Interface(int(sys.argv[1])).serve_forever()
