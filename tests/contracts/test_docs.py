"""The reference names every field and property that govlake acts on, and the drafts' promise is kept."""

import re
from pathlib import Path

import pytest

from govlake.contracts import known
from govlake.contracts.quality import METRICS, SEVERITIES
from govlake.contracts.source import FORMATS

REFERENCE = (Path(__file__).parents[2] / "docs" / "contracts.md").read_text(encoding="utf-8")
LEVELS = ("TABLE", "CONTRACT", "COLUMN", "SERVER", "QUALITY", "TEAM")


@pytest.mark.parametrize("level", LEVELS)
def test_reference_names_every_property(level: str) -> None:
    properties = getattr(known, level)
    assert properties
    assert [name for name in properties if f"`{name}`" not in REFERENCE] == []


def test_reference_names_formats_metrics_and_severities() -> None:
    words = set(re.findall(r"[A-Za-z]+", REFERENCE))
    assert set(FORMATS) | set(METRICS) | set(SEVERITIES) <= words
