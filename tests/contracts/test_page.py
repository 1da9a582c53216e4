"""Contract pages: one per contract, an index, and nothing that is fetched when they are viewed."""

import re
from pathlib import Path

from govlake.contracts.page import without_foreign, write_pages

FETCHED = re.compile(r"<(script|img|link|object|iframe)\b[^>]*(src|href|data)=\"https?://|import [^;]*https?://")


def test_pages_fetch_nothing(written, tmp_path: Path) -> None:
    written()
    files = write_pages(tmp_path, tmp_path / "out")
    assert [file.relative_to(tmp_path / "out").as_posix() for file in files] == ["transport/taps.html", "index.html"]
    for file in files:
        assert FETCHED.search(file.read_text(encoding="utf-8")) is None
    page = files[0].read_text(encoding="utf-8")
    assert "刷卡时间" in page or "tapped_at" in page
    assert 'href="transport/taps.html"' in files[1].read_text(encoding="utf-8")


def test_scripts_of_other_sites_go_and_own_ones_stay() -> None:
    page = '<script src="https://a.example/x.js"></script><script>show()</script><a href="https://b.example">b</a>'
    assert without_foreign(page) == '<script>show()</script><a href="https://b.example">b</a>'
