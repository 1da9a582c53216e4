"""Homes of these tests' own, whatever stores the rest of the session uses."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from govlake.settings import settings
from govlake.stack import down

Enter = Callable[[str], Path]


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Enter]:
    """A function that makes `settings()` see the home of the given name; all of them are down afterwards."""
    for name in ("GOVLAKE_ENGINE_URL", "GOVLAKE_POSTGRES_URL"):
        monkeypatch.delenv(name, raising=False)
    entered: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="govlake-") as folder:

        def switch(name: str) -> Path:
            entered.add(name)
            monkeypatch.setenv("GOVLAKE_HOME", str(Path(folder) / name))
            settings.cache_clear()
            return settings().home

        yield switch
        for name in entered:
            switch(name)
            down()
    settings.cache_clear()
