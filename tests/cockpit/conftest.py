"""The sample city in a running stack, and a browser that talks to its cockpit alone."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from govlake.settings import settings

# Whole weeks of tickets and taps, so that a page has something to compare, and of the calls that the newest week of
# responses answers; of everything else the newest delivery.
WEEK = ("--days", "8", "--only", "card_tap", "--only", "call")
DELIVERIES = (("--days", "14", "--only", "ticket"), WEEK, ("--days", "1"))
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
    if not json.loads(stack.govlake("editions", "list", "--json").stdout or "[]"):
        for asked in DELIVERIES:
            delivered = stack.govlake("sample", *asked)
            assert delivered.returncode == 0, delivered.stderr
        ran = stack.govlake("run", timeout_s=900)
        assert ran.returncode in (0, 3), ran.stdout + ran.stderr
    with pytest.MonkeyPatch.context() as environment:
        for name in ("GOVLAKE_ENGINE_URL", "GOVLAKE_POSTGRES_URL"):
            environment.delenv(name, raising=False)
        environment.setenv("GOVLAKE_HOME", str(stack.home))
        settings.cache_clear()
        yield stack.home
    settings.cache_clear()


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
