"""A server that does not keep its promises is found out before anything is kept there."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from govlake import store
from govlake.errors import StoreError
from govlake.settings import settings
from govlake.stack import testing
from govlake.stack.doctor import examine
from govlake.store import probe
from govlake.store.choice import configured

pytestmark = pytest.mark.cluster


@contextmanager
def liar(server: testing.S3Server, lie: str) -> Iterator[str]:
    """Address of a proxy in front of a real server that lies in one way.

    `if-none-match` and `if-match` drop that header on the way; `listing` and `reading` answer with what was first said.
    """
    pool = urllib3.PoolManager()
    remembered: dict[str, Any] = {}

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = pool.request(self.command, f"{server.endpoint}{self.path}", body=body, headers=self.signed(body))
            is_listing = (
                self.command == "GET" and "list-type=2" in self.path and "/listed/" in self.path.replace("%2F", "/")
            )
            is_reading = self.command == "GET" and "/listed/" in self.path and "list-type" not in self.path
            if (lie == "listing" and is_listing) or (lie == "reading" and is_reading):
                answer = remembered.setdefault(self.path, answer)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)

        def signed(self, body: bytes) -> dict[str, str]:
            """The request's own headers without the one that is dropped, signed again."""
            own = ("host", "authorization", "x-amz-date", "x-amz-content-sha256", "content-length", lie)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in own}
            request = AWSRequest(self.command, f"{server.endpoint}{self.path}", data=body, headers=headers)
            S3SigV4Auth(Credentials(server.access_key, server.secret_key), "s3", "us-east-1").add_auth(request)
            return dict(request.headers.items())

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}"
        finally:
            proxy.shutdown()


@pytest.mark.parametrize(
    ("lie", "promise"),
    [
        ("none", ""),
        ("if-none-match", r"created one object at once were told that they won"),
        ("if-match", r"replaced one object at once were told that they won"),
        ("listing", r"a listing did not show an object that was just written"),
        ("reading", r"was not read back as it was written|just deleted was still read"),
    ],
)
def test_a_server_that_lies_is_refused_with_the_promise_it_breaks(
    remote_home: Path, s3: testing.S3Server, monkeypatch: pytest.MonkeyPatch, lie: str, promise: str
) -> None:
    with liar(s3, lie) as address:
        monkeypatch.setenv("GOVLAKE_S3_ENDPOINT", address)
        settings.cache_clear()
        if lie == "none":
            assert store.store().read("lake/x") is None
            return
        with pytest.raises(probe.BrokenPromise, match=promise) as refused:
            store.store()
        assert address in refused.value.message
        with pytest.raises(probe.BrokenPromise):  # and it is asked again, not remembered as good
            store.options()
        assert not list(configured().list(""))


def test_a_server_is_asked_once_per_home(remote_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.store().create("lake/x", b"")
    monkeypatch.setattr(probe, "_known", set())  # as in another process
    monkeypatch.setattr(probe, "PROMISES", (lambda place, folder: pytest.fail("asked again"),))
    assert [entry.key for entry in store.store().list("")] == ["lake/x"]
    assert [*json.loads((remote_home / "run" / "store.json").read_text())][-1].endswith("/a-city/one")


@pytest.mark.usefixtures("remote_home")
def test_a_bucket_that_is_made_keeps_old_versions() -> None:
    place = store.store()
    client, bucket = place.client, place.bucket  # type: ignore[attr-defined]
    assert client.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    rules = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rules[0]["NoncurrentVersionExpiration"]["NoncurrentDays"] == probe.KEEP_OLD_DAYS


@pytest.mark.usefixtures("remote_home")
def test_the_doctor_asks_anew_and_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {finding.check: finding for finding in examine()}
    assert (found["store"].ok, "keeps every promise" in found["store"].says) == (True, True)
    monkeypatch.setenv("GOVLAKE_S3_SECRET_KEY", "not-the-secret-key")
    settings.cache_clear()
    found = {finding.check: finding for finding in examine()}
    assert not found["store"].ok
    assert "refuses the secret key" in found["store"].says and "s3_secret_key" in found["store"].remedy


REFUSED = [
    ("S3_ACCESS_KEY", "nobody-knows", "does not know the access key"),
    ("S3_SECRET_KEY", "wrong-secret-key", "refuses the secret key"),
    ("S3_ENDPOINT", "http://127.0.0.1:9", "does not answer"),
    ("S3_ENDPOINT", "127.0.0.1:9", "The setting s3_endpoint is '127.0.0.1:9'"),
    ("S3_ACCESS_KEY", "", "s3_access_key is empty"),
    ("S3_SECRET_KEY", "two words", "s3_secret_key holds a space"),
    ("S3_CA", "/nowhere/ca.crt", "s3_ca names /nowhere/ca.crt"),
    ("STORE", "s3:/bucket", "The setting store is 's3:/bucket'"),
]


@pytest.mark.usefixtures("remote_home")
@pytest.mark.parametrize(("name", "value", "sentence"), REFUSED, ids=[said for _, _, said in REFUSED])
def test_what_is_wrong_is_said_in_one_sentence_without_a_secret(
    monkeypatch: pytest.MonkeyPatch, s3: testing.S3Server, name: str, value: str, sentence: str
) -> None:
    from govlake.errors import GovlakeError

    monkeypatch.setenv(f"GOVLAKE_{name}", value)
    settings.cache_clear()
    with pytest.raises(GovlakeError) as refused:
        store.store()
    words = str(refused.value)
    assert sentence in words and "\n" not in words
    assert s3.secret_key not in words and "wrong-secret-key" not in words


@pytest.mark.usefixtures("remote_home")
def test_a_bucket_that_is_gone_is_said() -> None:
    place = configured()
    with pytest.raises(StoreError, match=r"There is no bucket test-"):
        place.create("lake/x", b"")
    with pytest.raises(StoreError, match=r"There is no bucket test-"):
        place.read("lake/x")
    with pytest.raises(StoreError, match=r"There is no bucket test-"):
        list(place.list("lake/"))


@pytest.mark.usefixtures("remote_home")
def test_a_clock_that_is_wrong_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime as clock

    import botocore.auth
    import botocore.compat

    place = store.store()
    late = clock.datetime.now(clock.UTC) - clock.timedelta(hours=2)
    for module in (botocore.auth, botocore.compat):
        if hasattr(module, "get_current_datetime"):
            monkeypatch.setattr(module, "get_current_datetime", lambda *_a, **_o: late.replace(tzinfo=None))
    with pytest.raises(StoreError, match="clock and that of"):
        place.create("lake/x", b"")
