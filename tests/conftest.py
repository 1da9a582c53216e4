"""Shared fixtures: real services, started once for the session and gone with it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from govlake.ledger import Ledger
from govlake.settings import settings
from govlake.stack import testing

EMPTY = """
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT nspname FROM pg_namespace
        WHERE nspname IN ('ledger', 'ledger_public', 'marts') OR nspname ~ '^edition_[0-9]+$'
    LOOP EXECUTE format('DROP SCHEMA %I CASCADE', name); END LOOP;
END $$
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of this test's own; `settings()` sees it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("GOVLAKE_HOME", str(folder))
    settings.cache_clear()
    yield folder
    settings.cache_clear()


@pytest.fixture(scope="session")
def engine() -> Iterator[str]:
    """Address of an embedded engine; `settings().engine()` gives it too."""
    with testing.engine() as address, pytest.MonkeyPatch.context() as environment:
        environment.setenv("GOVLAKE_ENGINE_URL", address)
        settings.cache_clear()
        yield address
        settings.cache_clear()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of database `govlake` on a PostgreSQL with all roles; `settings().postgres()` gives it too."""
    # Not pytest's own folder: under root the server's user must reach it, and pytest closes its root again.
    with (
        tempfile.TemporaryDirectory(prefix="govlake-") as folder,
        testing.postgres(Path(folder) / "data") as url,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("GOVLAKE_POSTGRES_URL", url)
        settings.cache_clear()
        yield url
        settings.cache_clear()


@pytest.fixture
def ledger(postgres: str) -> Iterator[Ledger]:
    """A migrated, empty ledger without editions; `govlake.ledger.ledger()` sees the same database."""
    book = Ledger(settings().postgres())
    book.query("SET client_min_messages = warning")
    book.query(EMPTY)
    book.migrate()
    yield book
    book.close()
