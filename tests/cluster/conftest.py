"""The reference on which nothing is killed: the embedded engine."""

from collections.abc import Iterator

import pytest

from govlake.stack import testing


@pytest.fixture(scope="session")
def sail(project_read: None) -> Iterator[str]:
    """Address of an embedded engine."""
    with testing.engine() as address:
        yield address
