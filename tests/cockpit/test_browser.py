"""What a leader sees: sign in, open every page, wait until each chart shows data, and keep a picture of it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cockpit.publish import address, publish
from govlake.sample.city import DISTRICTS
from govlake.settings import settings

# Empty is good news for these.
MAY_BE_EMPTY = {"incident_list", "quarantine_reasons", "failed_checks", "to_decide", "tasks_by_department"}
DOMAINS = ["transit", "safety", "services", "health", "hotline"]
CHINESE = ["city-overview", *DOMAINS, "indicators", "delivery-quality"]
PAGES = [*CHINESE, "city-overview-en", "hotline-en", "indicators-en", "delivery-quality-en"]
TALL = 4000

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


@pytest.fixture(scope="module")
def screen(city: Path, chromium: Any) -> Iterator[tuple[Any, list[str]]]:
    """A signed-in page, and the hosts that answered it."""
    publish()
    page = chromium.new_page(viewport={"width": 1600, "height": 1000})
    answered: list[str] = []
    page.on("response", lambda response: answered.append(urlsplit(response.url).hostname or ""))
    sign_in(page)
    yield page, answered
    page.close()


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


def settled(page: Any, seconds: int = 120) -> list[dict[str, Any]]:
    """The page's charts once each is drawn, empty or failed; whatever they are after `seconds`."""
    charts: list[dict[str, Any]] = []
    for _ in range(seconds * 2):
        charts = page.evaluate(STATE)
        if charts and all(not c["loading"] and (c["drawn"] or c["empty"] or c["error"]) for c in charts):
            break
        page.wait_for_timeout(500)
    return charts


@pytest.mark.browser
@pytest.mark.stack
@pytest.mark.parametrize("slug", PAGES)
def test_page_shows_data_in_every_chart(screen: tuple[Any, list[str]], slug: str) -> None:
    page, _ = screen
    page.set_viewport_size({"width": 1600, "height": 1000})
    page.goto(f"{address()}/superset/dashboard/{slug}/")
    charts = settled(page)
    picture(page, slug)
    assert len(charts) >= 5
    assert [chart["name"] for chart in charts if chart["broken"]] == []
    assert [(chart["name"], chart["error"]) for chart in charts if chart["error"]] == []
    assert [chart["name"] for chart in charts if chart["empty"] and chart["name"] not in MAY_BE_EMPTY] == []
    assert [chart["name"] for chart in charts if not chart["drawn"] and not chart["empty"]] == []
    words = page.locator(".dashboard").inner_text()
    assert bool(re.search(r"[\u4e00-\u9fff]", words.replace("中文", ""))) != slug.endswith("-en")


@pytest.mark.browser
@pytest.mark.stack
@pytest.mark.parametrize("domain", DOMAINS)
def test_map_shows_all_districts_and_says_what_it_shows(screen: tuple[Any, list[str]], domain: str) -> None:
    page, _ = screen
    page.goto(f"{address()}/superset/dashboard/{domain}/")
    settled(page)
    picture_of = page.locator(f"#CHART-{domain}_map + .chart-slice td img, #CHART-{domain}_map ~ * td img").first
    words = picture_of.get_attribute("alt")
    assert len(words.split("; ")) == len(DISTRICTS) and all(district.zh in words for district in DISTRICTS)
    assert picture_of.evaluate("image => image.naturalWidth") > 0


@pytest.mark.browser
@pytest.mark.stack
def test_nobody_else_answered_the_browser(screen: tuple[Any, list[str]]) -> None:
    _, answered = screen
    assert answered and set(answered) <= {"127.0.0.1"}


def picture(page: Any, slug: str) -> Path:
    """The whole page as `screenshots/<slug>.png` in the home."""
    folder = settings().home / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    height = page.evaluate("document.querySelector('.grid-container')?.getBoundingClientRect().bottom || 1000")
    page.set_viewport_size({"width": 1600, "height": min(int(height) + 40, TALL)})
    page.wait_for_timeout(1500)
    page.screenshot(path=folder / f"{slug}.png")
    return folder / f"{slug}.png"
