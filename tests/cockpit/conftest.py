"""The sample city in a running stack, and a browser that talks to its cockpit alone."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from govlake.ledger import Ledger
from govlake.settings import PROJECT, settings

# Whole weeks of tickets and taps, so that a page has something to compare, and of the calls that the newest week of
# responses answers; of everything else the newest delivery.
WEEK = ("--days", "8", "--only", "card_tap", "--only", "call")
DELIVERIES = (("--days", "14", "--only", "ticket"), WEEK, ("--days", "1"))
MARTS = PROJECT / "dbt_project" / "models" / "marts"
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def city(stack: Any) -> Iterator[Path]:
    """The stack's home with the sample city published in it; `settings()` sees that home."""
    said = ""
    if not json.loads(stack.govlake("editions", "list", "--json").stdout or "[]"):
        for asked in DELIVERIES:
            delivered = stack.govlake("sample", *asked)
            assert delivered.returncode == 0, delivered.stderr
        ran = stack.govlake("run", timeout_s=900)
        said = ran.stdout + ran.stderr
        assert ran.returncode in (0, 3), said
    with pytest.MonkeyPatch.context() as environment:
        for name in ("GOVLAKE_ENGINE_URL", "GOVLAKE_POSTGRES_URL"):
            environment.delenv(name, raising=False)
        environment.setenv("GOVLAKE_HOME", str(stack.home))
        settings.cache_clear()
        _await_all_domains(said)
        yield stack.home
    settings.cache_clear()


def _await_all_domains(said: str) -> None:
    """Wait until the edition has marts of each domain: the stack's own Airflow may have taken some deliveries first."""
    domains = {folder.name for folder in MARTS.iterdir()}
    limit = time.monotonic() + 300
    with closing(Ledger(settings().postgres())) as book:
        while missing := domains - {entry["domain"] for entry in (book.current_edition() or {"tables": ()})["tables"]}:
            assert time.monotonic() < limit, f"No marts of {sorted(missing)} were published.\n{said[-5000:]}"
            time.sleep(1)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Callable[[], Any]]:
    """Starts the system's Chromium; without one the test is skipped, or fails where all is required."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        message = "There is no Chromium; install the system's package `chromium` to run the browser test."
        if os.environ.get("GOVLAKE_TEST_REQUIRE_ALL") == "1":
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield lambda: playwright.chromium.launch(executable_path=found, args=QUIET)
