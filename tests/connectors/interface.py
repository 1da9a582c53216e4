"""A department's HTTP interface on a port of this machine: pages, sign-in, and every way to fail that is asked for."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Record = dict[str, Any]
TOKEN = "s3cret-of-the-hotline"


class Interface(ThreadingHTTPServer):
    """`faults` holds, per request number, what goes wrong with it; `asked` every path that was asked for."""

    daemon_threads = True

    def __init__(self, records: list[Record], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.records, self.size, self.token = records, 2, TOKEN
        self.faults: dict[int, str] = {}
        self.asked: list[str] = []
        self.signed: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Interface

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.signed.append(self.headers.get("Authorization", ""))
        fault = self.server.faults.get(len(self.server.asked), "")
        if self.headers.get("Authorization") not in (f"Bearer {self.server.token}", None):
            return self.reply(401, b"{}")
        if fault.isdigit():
            after = {"Retry-After": "0"} if fault == "429" else {}
            return self.reply(int(fault), b"busy", **after)
        if fault.startswith("wait"):
            return self.reply(429, b"", **{"Retry-After": fault[4:]})
        if fault == "gone":
            return self.connection.close()
        if fault == "silent":
            return time.sleep(3)
        self.page(fault)

    def page(self, fault: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        start = int(asked.get("cursor", asked.get("offset", (int(asked.get("page", 1)) - 1) * self.server.size)))
        start = 0 if fault == "repeat" else start
        end = start + self.server.size
        more = end < len(self.server.records)
        content = {
            "data": {"items": self.server.records[start:end]},
            "meta": {"total": len(self.server.records), "next": str(end) if more else None},
            "next": f"/tickets?cursor={end}" if more else None,
        }
        if fault == "abroad":
            content["next"] = "http://elsewhere.example/tickets"
        body = json.dumps(content, ensure_ascii=False).encode()
        link = {"Link": f'<{self.server.url}/tickets?cursor={end}>; rel="next"'} if more else {}
        if fault == "short":
            self.reply(200, body, promised=len(body) + 10, **link)
            return self.connection.close()
        if fault == "half":
            return self.reply(200, body[: len(body) // 2], **link)
        if fault == "trickle":
            return self.trickle(body)
        self.reply(200, body, **link)

    def reply(self, status: int, body: bytes, promised: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if promised is None else promised))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def trickle(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for number in range(len(body)):
            self.wfile.write(body[number : number + 1])
            self.wfile.flush()
            time.sleep(0.3)


@contextmanager
def serving(records: list[Record]) -> Iterator[Interface]:
    """An interface that serves until the end of the block."""
    server = Interface(records)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
