"""Area codes: forms, levels, what lies in what, and the versions of a code table."""

import pytest

from govlake.contracts.model import Area
from spark_jobs.standards import area
from tests.spark_jobs.standards.conftest import evaluated

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("engine")]
TABLE = (
    Area("990101", "East", "2000-01-01", "2009-12-31"),
    Area("990105", "New East", "2010-01-01", "2019-12-31", "990101"),
    Area("990106", "Newest East", "2020-01-01", Area.OPEN, "990105"),
    Area("990102", "West"),
    Area("990110", "South", "2000-01-01", "2009-12-31"),
    Area("990111", "South 1", "2010-01-01", Area.OPEN, "990110"),
    Area("990112", "South 2", "2010-01-01", Area.OPEN, "990110"),
)


def test_codes_have_one_form() -> None:
    delivered = [
        "990101",
        "990101000",
        "990101000000",
        "９９０１０１",
        "990101.0",
        "990101001",
        "990101001002",
        "990000",
        "9901",
    ]
    normal = [*["990101"] * 5, "990101001000", "990101001002", "990000", "9901"]
    assert evaluated(area.code("v"), delivered) == normal
    assert evaluated(area.code(f"({area.code('v')})"), delivered) == normal


def test_levels_and_what_a_code_lies_in() -> None:
    codes = ["990000", "990100", "990101", "990101001000", "990101001002", "99", None]
    levels = ["province", "city", "county", "township", "village", None, None]
    assert evaluated(area.level("v"), codes) == levels
    above = {
        "province": [*["990000"] * 5, None, None],
        "city": [None, *["990100"] * 4, None, None],
        "county": [None, None, *["990101"] * 3, None, None],
        "township": [None, None, None, *["990101001000"] * 2, None, None],
    }
    assert {name: evaluated(area.within("v", name), codes) for name in above} == above


def test_faults_without_and_with_a_table() -> None:
    codes = ["990101", "990101001000", "000101", "9901", "99010A", None, "990103"]
    assert evaluated(area.fault("v"), codes) == [None, None, "form", "form", "form", None, None]
    judged = area.fault("v", ("county",), TABLE)
    assert evaluated(judged, codes) == [None, "level", "form", "form", "form", None, "unknown"]


def test_a_code_is_good_on_the_days_on_which_it_was_valid() -> None:
    rows = [
        (code, day)
        for code in ("990101", "990105", "990102", "990103")
        for day in ("1999-12-31", "2000-01-01", "2009-12-31", "2010-01-01", "2019-12-31", "2020-01-01", None)
    ]
    spans = {"990101": ("2000-01-01", "2009-12-31"), "990105": ("2010-01-01", "2019-12-31")}
    expected = [
        "abolished" if day and code in spans and not spans[code][0] <= day <= spans[code][1] else None
        for code, day in rows
    ]
    found = evaluated(area.abolished("v", TABLE, "CAST(day AS date)"), rows, "v string, day string")
    assert found == expected and expected.count("abolished") == 8


def test_an_abolished_code_is_followed_to_the_one_that_is_valid() -> None:
    codes = ["990101", "990105", "990106", "990102", "990110", "990199", None]
    expected = ["990106", "990106", "990106", "990102", "990110", "990199", None]
    assert evaluated(area.successor("v", TABLE), codes) == expected
