"""What a leader sees: sign in, open every page, wait until each chart shows data, and keep a picture of it."""

import json
import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cockpit.publish import address, publish
from govlake.ledger import Ledger
from govlake.sample.city import DISTRICTS
from govlake.settings import settings

# Empty is good news for these.
MAY_BE_EMPTY = {"incident_list", "quarantine_reasons", "failed_checks", "to_decide", "tasks_by_department"}
DOMAINS = ["transit", "safety", "services", "health", "hotline"]
CHINESE = ["city-overview", *DOMAINS, "indicators", "delivery-quality"]
PAGES = [*CHINESE, "city-overview-en", "hotline-en", "indicators-en", "delivery-quality-en"]
TALL = 4000
ACTIVE = """
SELECT pid, usename, state, wait_event_type, now() - query_start AS since, left(query, 200) AS query
FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid()
"""

STATE = """
() => [...document.querySelectorAll('[data-test="chart-grid-component"]')].map(chart => ({
  name: chart.previousElementSibling?.id.replace('CHART-', '') || chart.dataset.testChartName,
  loading: !!chart.querySelector('.loading, [data-test="loading-indicator"]'),
  empty: !!chart.querySelector('.ant-empty'),
  error: chart.querySelector('.ant-alert-error, [data-test="error-message"], .ant-result-error')?.innerText || '',
  broken: [...chart.querySelectorAll('td img')].some(image => image.complete && !image.naturalWidth),
  drawn: !!chart.querySelector('canvas, tbody tr, .header-line'),
}))
"""


class Screen:
    """A signed-in page, who answered it, and what it waits for.

    A browser that shows nothing in time is replaced once: a stuck browser is not the cockpit's fault, and a stuck
    cockpit shows nothing to the next one either.
    """

    def __init__(self, launch: Callable[[], Any]) -> None:
        self.launch = launch
        self.answered: set[str] = set()
        self.patience_s = 60.0
        self._start()

    def _start(self) -> None:
        self.browser = self.launch()
        self.page = self.browser.new_page(viewport={"width": 1600, "height": 1000})
        self.waiting: set[Any] = set()
        self.said: list[str] = []
        self.page.on("request", lambda request: self.waiting.add(request))
        self.page.on("requestfinished", lambda request: self.waiting.discard(request))
        self.page.on("requestfailed", lambda request: self.waiting.discard(request))
        self.page.on("response", lambda response: self.answered.add(urlsplit(response.url).hostname or ""))
        self.page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        sign_in(self.page)

    def close(self) -> None:
        """Close the browser, if it still answers."""
        with suppress(Exception):
            self.browser.close()

    def show(self, slug: str) -> list[dict[str, Any]]:
        """Open a page; its charts, each drawn, empty or failed. Fails with what was still awaited."""
        for again in (True, False):
            self.page.set_viewport_size({"width": 1600, "height": 1000})
            self.page.goto(f"{address()}/superset/dashboard/{slug}/")
            charts = self._settled()
            if charts is not None:
                return charts
            awaited = self._awaited(slug)
            if again:
                warnings.warn(awaited, stacklevel=1)
                self.close()
                self._start()
        self.patience_s = 10  # the other pages will not do better, and CI must end in time
        pytest.fail(awaited)

    def _settled(self) -> list[dict[str, Any]] | None:
        limit = time.monotonic() + self.patience_s
        while time.monotonic() < limit:
            charts = self.page.evaluate(STATE)
            if charts and not any(unsettled(chart) for chart in charts):
                return charts
            self.page.wait_for_timeout(500)
        return None

    def _awaited(self, slug: str) -> str:
        charts = self.page.evaluate(STATE)
        with closing(Ledger(settings().postgres())) as book:
            active = book.query(ACTIVE)
        told = {
            "charts": len(charts),
            "not drawn": [chart["name"] for chart in charts if unsettled(chart)],
            "address": self.page.url,
            "requests": [request.url for request in self.waiting][:20],
            "console": self.said[-20:],
            "queries": [dict(row) for row in active],
        }
        return f"{slug} did not settle in {self.patience_s:.0f} s: {json.dumps(told, indent=1, default=str)}"


def unsettled(chart: dict[str, Any]) -> bool:
    return chart["loading"] or not (chart["drawn"] or chart["empty"] or chart["error"])


@pytest.fixture(scope="module")
def screen(city: Path, chromium: Callable[[], Any]) -> Iterator[Screen]:
    """A signed-in page of a browser."""
    publish()
    opened = Screen(chromium)
    yield opened
    opened.close()


def sign_in(page: Any) -> None:
    """Fill in the form; once more where it was not alive yet when it was filled in."""
    from playwright.sync_api import TimeoutError as TooLong

    for _ in range(3):
        page.goto(f"{address()}/login/", wait_until="networkidle")
        page.fill("#username", "admin")
        page.fill("#password", settings().secret("superset_admin", 12))
        page.keyboard.press("Enter")
        try:
            page.wait_for_url(lambda url: "/login" not in url, timeout=20_000)
            return
        except TooLong:
            continue
    pytest.fail(f"Signing in to {address()} as admin did not work.")


@pytest.mark.browser
@pytest.mark.stack
@pytest.mark.parametrize("slug", PAGES)
def test_page_shows_data_in_every_chart(screen: Screen, slug: str) -> None:
    charts = screen.show(slug)
    picture(screen.page, slug)
    assert len(charts) >= 5
    assert [chart["name"] for chart in charts if chart["broken"]] == []
    assert [(chart["name"], chart["error"]) for chart in charts if chart["error"]] == []
    assert [chart["name"] for chart in charts if chart["empty"] and chart["name"] not in MAY_BE_EMPTY] == []
    assert [chart["name"] for chart in charts if not chart["drawn"] and not chart["empty"]] == []
    words = screen.page.locator(".dashboard").inner_text()
    assert bool(re.search(r"[\u4e00-\u9fff]", words.replace("中文", ""))) != slug.endswith("-en")


@pytest.mark.browser
@pytest.mark.stack
@pytest.mark.parametrize("domain", DOMAINS)
def test_map_shows_all_districts_and_says_what_it_shows(screen: Screen, domain: str) -> None:
    screen.show(domain)
    picture_of = screen.page.locator(f"#CHART-{domain}_map + .chart-slice td img, #CHART-{domain}_map ~ * td img").first
    words = picture_of.get_attribute("alt")
    assert len(words.split("; ")) == len(DISTRICTS) and all(district.zh in words for district in DISTRICTS)
    assert picture_of.evaluate("image => image.naturalWidth") > 0


@pytest.mark.browser
@pytest.mark.stack
def test_nobody_else_answered_the_browser(screen: Screen) -> None:
    assert screen.answered == {"127.0.0.1"}


def picture(page: Any, slug: str) -> Path:
    """The whole page as `screenshots/<slug>.png` in the home."""
    folder = settings().home / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    height = page.evaluate("document.querySelector('.grid-container')?.getBoundingClientRect().bottom || 1000")
    page.set_viewport_size({"width": 1600, "height": min(int(height) + 40, TALL)})
    page.wait_for_timeout(1500)
    page.screenshot(path=folder / f"{slug}.png")
    return folder / f"{slug}.png"
