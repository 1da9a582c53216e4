"""How fast the cockpit's charts answer: every chart's own query, asked again through Superset's interface.

    .venv/platform/bin/python -m benchmarks.charts [--rounds 10] [--limit-ms 300]

A browser opens every page once, so that the questions are those that pages ask. Each is then put `--rounds` times with
`force`, past the cache. Prints p50, p95 and the slowest per page in milliseconds; fails where p95 of all is above the
limit.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import time
from typing import Any

from cockpit.pages import load_pages
from cockpit.publish import address, signed_in
from cockpit.superset import Superset
from govlake.settings import settings

Question = tuple[str, dict[str, Any]]
CHART, PATIENCE_S = "[data-test='chart-grid-component']", 60


def main() -> int:
    """Ask and print; 0 where p95 of all charts is within the limit."""
    options = _options()
    asked = {page: found for page, found in questions(pages()).items() if found}
    with signed_in() as superset:
        taken = {page: _ask(superset, found, options.rounds) for page, found in asked.items()}
    every = [value for values in taken.values() for value in values]
    if not every:
        sys.exit("No page asked anything: is the cockpit filled? Run `govlake day` first.")
    _print(taken, {page: len(found) for page, found in asked.items()})
    return 0 if percentile(every, 0.95) <= options.limit_ms else 1


def pages() -> list[str]:
    """The Chinese pages that are published here; the English ones ask the same."""
    with signed_in() as superset:
        known = {page["slug"] for page in superset.every("dashboard", ["id", "slug"])}
    return [page.slug for page in load_pages(settings().timezone) if page.slug in known]


def questions(slugs: list[str]) -> dict[str, list[Question]]:
    """What each page's charts ask, as path and body, seen in a browser that opens the page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--headless", "--no-sandbox"]
        )
        session = browser.new_context(viewport={"width": 1600, "height": 6000})
        _sign_in(session)
        found = {slug: _asked_by(session, slug) for slug in slugs}
        browser.close()
    return found


def _asked_by(session: Any, slug: str) -> list[Question]:
    page = session.new_page()
    asked: list[Question] = []

    def note(request: Any) -> None:
        if request.method == "POST" and "/api/v1/chart/data" in request.url:
            asked.append((request.url.partition("/api/v1/")[2], request.post_data_json))

    page.on("request", note)
    page.goto(f"{address()}/superset/dashboard/{slug}/")
    page.wait_for_selector(CHART)
    for _ in range(PATIENCE_S):
        page.wait_for_timeout(1000)
        if asked and not page.locator(f"{CHART} [data-test='loading-indicator']").count():
            break
    page.close()
    return asked


def _sign_in(session: Any) -> None:
    page = session.new_page()
    page.goto(f"{address()}/login/", wait_until="networkidle")
    page.fill("#username", "admin")
    page.fill("#password", settings().secret("superset_admin", 12))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    page.close()


def _ask(superset: Superset, asked: list[Question], rounds: int) -> list[float]:
    """Milliseconds of every answer, past the cache; a chart that is refused ends the run with its reason."""
    taken = []
    for _ in range(rounds):
        for path, body in asked:
            started = time.perf_counter()
            superset.post(path, {**body, "force": True})
            taken.append((time.perf_counter() - started) * 1000)
    return taken


def _print(taken: dict[str, list[float]], charts: dict[str, int]) -> None:
    print("| page | charts | p50 ms | p95 ms | slowest ms |")
    print("|---|---:|---:|---:|---:|")
    every = [value for values in taken.values() for value in values]
    for name, values in (*taken.items(), ("**all**", every)):
        figures = (percentile(values, 0.5), percentile(values, 0.95), max(values))
        print(
            f"| {name} | {charts.get(name, sum(charts.values()))} | " + " | ".join(f"{x:.0f}" for x in figures) + " |"
        )


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--limit-ms", type=float, default=300.0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
