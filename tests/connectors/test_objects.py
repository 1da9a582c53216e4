"""The object connector against a real S3 server."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

from govlake import landing
from govlake.connectors import objects, remote
from govlake.contracts import Contract
from govlake.errors import ConnectorError, SettingsError
from govlake.settings import settings
from govlake.stack.testing import S3Server
from tests.connectors.conftest import Contracts, drafts

DAY = date(2026, 9, 1)
CONTENT = b"id,topic,updated_at\n1,noise,2026-09-01 08:00:00\n"


class Box:
    """A department's bucket."""

    def __init__(self, server: S3Server) -> None:
        self.server, self.name = server, f"desk-{uuid4().hex[:10]}"
        self.client: Any = boto3.client(
            "s3", endpoint_url=server.endpoint, aws_access_key_id=server.access_key,
            aws_secret_access_key=server.secret_key, region_name="us-east-1",
        )  # fmt: skip
        self.client.create_bucket(Bucket=self.name)

    def put(self, key: str, content: bytes = CONTENT) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=content)


@pytest.fixture
def box(s3: S3Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    monkeypatch.setenv("GOVLAKE_SECRET_DESK_KEY", s3.secret_key)
    settings.cache_clear()
    return Box(s3)


def contract_of(contracts: Contracts, box: Box, path: str = "out/ticket_{date:%Y%m%d}.csv", **more: Any) -> Contract:
    bucket = more.pop("bucket", box.name)
    server = {"type": "s3", "location": f"s3://{bucket}/{path}", "endpointUrl": box.server.endpoint, "format": "csv"}
    return contracts(server, **{"user": box.server.access_key, "secret": "desk_key", **more})


def test_objects_are_found_as_in_a_folder_and_land(contracts: Contracts, box: Box) -> None:
    for key in ("out/ticket_20260901.csv", "out/ticket_20260901.csv.part", "out/other.csv", "x/ticket_20260901.csv"):
        box.put(key)
    box.put("out/ticket_20260901.csv.rows", b"1")
    contract = contract_of(contracts, box)
    assert objects.dates(contract) == [DAY]
    landed = landing.land(contract, DAY)
    assert landing.landed_files(landed.batch)[0].read_bytes() == CONTENT
    assert landed.manifest.source == f"s3://{box.name}/out/ticket_20260901.csv"
    assert landed.manifest.declared == {"ticket_20260901.csv": {"rows": 1}}
    assert box.server.secret_key not in str(landing.load_manifest(landed.batch))


def test_a_folder_a_day(contracts: Contracts, box: Box) -> None:
    box.put("2026/09/01/a.csv")
    box.put("2026/09/01/deep/a.csv")
    contract = contract_of(contracts, box, "{date:%Y}/{date:%m}/{date:%d}")
    assert [file.name for file in objects.find(contract, DAY)] == ["a-2.csv", "a.csv"]


def test_an_object_replaced_during_the_fetch_is_fetched_again(
    contracts: Contracts, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put("out/ticket_20260901.csv", CONTENT * 50_000)
    chunks, done = objects.Bucket.chunks, []

    def watched(self: objects.Bucket, entry: remote.Entry, start: int) -> Iterator[bytes]:
        for chunk in chunks(self, entry, start):
            if not done:
                done.append(start)
                box.put("out/ticket_20260901.csv")
            yield chunk

    monkeypatch.setattr(objects.Bucket, "chunks", watched)
    monkeypatch.setattr(objects, "CHUNK", 1 << 16)
    (file,) = objects.find(contract_of(contracts, box), DAY)
    assert file.read_bytes() == CONTENT


def test_faults_are_sentences(contracts: Contracts, box: Box, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConnectorError, match="has no bucket nowhere-at-all"):
        objects.find(contract_of(contracts, box, bucket="nowhere-at-all"), DAY)
    with pytest.raises(ConnectorError, match="has no file like out/ticket_"):
        list(objects.probe(contract_of(contracts, box)))
    monkeypatch.setenv("GOVLAKE_SECRET_DESK_KEY", "yesterday's")
    settings.cache_clear()
    with pytest.raises(SettingsError, match=r"does not let .* read s3://") as caught:
        objects.find(contract_of(contracts, box), DAY)
    assert "GOVLAKE_SECRET_DESK_KEY" in caught.value.remedy and "yesterday" not in str(caught.value)
    assert drafts(home) == []
