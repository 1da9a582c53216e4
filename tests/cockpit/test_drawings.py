"""The pictures that PostgreSQL draws: what stands where, in which colour, and what is said in words."""

import base64
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import psycopg
import pytest

from cockpit.drawings import AREAS, DOTS, UNSURE, district_map, intervals
from cockpit.pages import Language

pytestmark = pytest.mark.postgres

COLUMNS = """
    area_code text, area_zh text, area_en text, period text, period_start date, period_end date, obs_status text,
    value float, low float, high float, unit_zh text, unit_en text, decimals int, direction text, target_green
    float, target_red float, light text, light_reason text, caveat_zh text, caveat_en text, place int, places int,
    axis_low float, axis_high float, boundary text, lon float, lat float, map_west float, map_south float,
    map_east float, map_north float
"""
EAST, WEST = "POLYGON ((1 0, 2 0, 2 1, 1 1, 1 0))", "POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))"
SHARED = ("month", "2026-09-01", "2026-09-30", "P")
MAP = (0.0, 0.0, 2.0, 1.0)


@pytest.fixture
def districts(postgres: str) -> Iterator[psycopg.Connection]:
    """A red district, one that chance may explain, and one of which nothing is known."""
    percent, axis = ("%", "%", 1, "up", 90.0, 85.0), (3, 78.0, 98.0)
    seen = [
        ("1", "甲&区", "A & B", 80.0, 78.0, 82.0, "red", "judged", "留意", "Mind <this>", 1, WEST, 0.5, 0.5),
        ("2", "乙区", "Second", 90.5, 88.0, 92.0, "none", "not_distinguishable", "", "", 2, EAST, 1.5, 0.5),
        ("3", "丙区", "Third", None, None, None, "grey", "held", "", "", 3, None, None, None),
    ]
    rows = [(*row[:3], *SHARED, *row[3:6], *percent, *row[6:11], *axis, *row[11:], *MAP) for row in seen]
    with psycopg.connect(postgres) as connection:
        connection.execute(f"create temp table shown ({COLUMNS})".encode())
        marks = ", ".join(["%s"] * len(rows[0]))
        with connection.cursor() as cursor:
            cursor.executemany(f"insert into shown values ({marks})".encode(), rows)
        yield connection


def drawn(connection: psycopg.Connection, expression: str) -> tuple[str, str, ElementTree.Element]:
    """The image's words, the words below it, and its drawing."""
    row = connection.execute(f"select {expression} from shown order by area_code limit 1".encode()).fetchone()
    assert row is not None
    found = re.fullmatch(r'<img alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]*)"><p>(.*)</p>', row[0])
    assert found is not None
    return found[1], found[3], ElementTree.fromstring(base64.b64decode(found[2]))


def values(svg: ElementTree.Element, tag: str, key: str) -> list[str]:
    return [item.attrib[key] for item in svg.iter(f"{{http://www.w3.org/2000/svg}}{tag}") if key in item.attrib]


def test_map_fills_by_light_and_leaves_out_what_has_no_outline(districts: psycopg.Connection) -> None:
    words, below, svg = drawn(districts, district_map("en"))
    assert words == "A &amp; B 80% (78–82); Second 90.5% (88–92); Third —"
    assert below == "Mind &lt;this&gt;"
    assert values(svg, "polygon", "fill") == [AREAS["red"], UNSURE]
    assert values(svg, "polygon", "points")[0].strip() == "0 0, 1 0, 1 1, 0 1, 0 0"
    texts = "".join(svg.itertext())
    assert "2026-09 (provisional)" in texts and "no judgement" in texts and "A & B" in texts


def test_intervals_stand_in_the_order_of_codes_with_the_target(districts: psycopg.Connection) -> None:
    _, _, svg = drawn(districts, intervals("zh"))
    assert values(svg, "circle", "fill") == [DOTS["red"], UNSURE]
    first, second = (float(x) for x in values(svg, "circle", "cx"))
    assert first < second
    lows, highs = values(svg, "line", "x1"), values(svg, "line", "x2")
    assert any(float(low) < first < float(high) for low, high in zip(lows, highs, strict=True))
    texts = [text for text in svg.itertext() if text.strip()]
    assert {"目标 90", "警戒 85"} <= set(texts)
    assert texts.index("甲&区") < texts.index("乙区") < texts.index("丙区")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_watched_figures_have_neither_light_nor_target(districts: psycopg.Connection, language: Language) -> None:
    districts.execute(
        "update shown set light = 'none', light_reason = 'no_target', target_green = null, target_red = null"
    )
    for draw, colours in ((district_map, AREAS), (intervals, DOTS)):
        _, _, svg = drawn(districts, draw(language))
        judged = {colour for light, colour in colours.items() if light in ("green", "amber", "red")}
        assert judged.isdisjoint(part for item in svg.iter() for part in item.attrib.values())
