"""A real S3 server for the session, and homes that keep everything there."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from govlake.settings import settings
from govlake.stack import testing


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[testing.S3Server]:
    """An S3 server of this session."""
    with testing.s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def remote_home(home: Path, s3: testing.S3Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose lake and landing are in a bucket of its own, which is not there yet."""
    for name, value in s3.settings(f"s3://test-{uuid4().hex[:12]}/a-city/one").items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    return home
