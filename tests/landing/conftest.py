"""Landing is asked for the same in a home's own folder and on an S3 server."""

from pathlib import Path

import pytest


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.cluster)])
def home(request: pytest.FixtureRequest, home: Path) -> Path:
    """A home of this test's own that keeps its deliveries in either."""
    return home if request.param == "folder" else request.getfixturevalue("remote_home")
