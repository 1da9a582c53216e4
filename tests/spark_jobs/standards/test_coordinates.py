"""Coordinates against a reference in plain Python, written from the published code and solved by bisection."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govlake.engine import session
from spark_jobs.standards import coordinates
from tests.spark_jobs.standards.conftest import MANY, evaluated

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("engine")]
Place = tuple[float, float]
PLACES = st.tuples(st.floats(75, 134), st.floats(18, 53))
A, EE, X_PI = 6378245.0, 0.00669342162296594323, math.pi * 3000.0 / 180.0


def shift_lat(x: float, y: float) -> float:
    found = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    found += (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    found += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    return found + (160.0 * math.sin(y / 12.0 * math.pi) + 320 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0


def shift_lon(x: float, y: float) -> float:
    found = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    found += (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    found += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    return found + (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0


def to_gcj02(place: Place) -> Place:
    lon, lat = place
    d_lat, d_lon = shift_lat(lon - 105.0, lat - 35.0), shift_lon(lon - 105.0, lat - 35.0)
    magic = 1 - EE * math.sin(lat / 180.0 * math.pi) ** 2
    d_lat = (d_lat * 180.0) / ((A * (1 - EE)) / (magic * math.sqrt(magic)) * math.pi)
    d_lon = (d_lon * 180.0) / (A / math.sqrt(magic) * math.cos(lat / 180.0 * math.pi) * math.pi)
    return lon + d_lon, lat + d_lat


def to_bd09(place: Place) -> Place:
    x, y = place
    z = math.sqrt(x * x + y * y) + 0.00002 * math.sin(y * X_PI)
    theta = math.atan2(y, x) + 0.000003 * math.cos(x * X_PI)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def metres(one: Place, other: Place) -> float:
    """Great-circle distance."""
    lon, lat, lon_2, lat_2 = (math.radians(value) for value in (*one, *other))
    half = math.sin((lat_2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat_2) * math.sin((lon_2 - lon) / 2) ** 2
    return 2 * 6371008.8 * math.asin(math.sqrt(half))


def back(forward: Callable[[Place], Place], target: Place) -> Place:
    """The place that `forward` takes to `target`: bisection of each axis in turn, until both stand still."""
    lon, lat = target
    for _ in range(12):
        low, high = lon - 0.02, lon + 0.02
        for _ in range(50):
            lon = (low + high) / 2
            low, high = (lon, high) if forward((lon, lat))[0] < target[0] else (low, lon)
        low, high = lat - 0.02, lat + 0.02
        for _ in range(50):
            lat = (low + high) / 2
            low, high = (lat, high) if forward((lon, lat))[1] < target[1] else (low, lat)
    return lon, lat


def converted(places: list[Place], crs: str) -> list[Place]:
    rows = [(number, lon, lat) for number, (lon, lat) in enumerate(places)]
    frame = session().createDataFrame(rows, "n int, lon double, lat double")
    found = coordinates.to_wgs84(frame, "lon", "lat", f"'{crs}'").orderBy("n").collect()
    return [(row.lon, row.lat) for row in found]


@MANY
@given(st.lists(PLACES, min_size=200, max_size=200))
def test_the_shifts_are_those_of_the_published_code(places: list[Place]) -> None:
    for forward, reference in ((coordinates.gcj02, to_gcj02), (coordinates.bd09, to_bd09)):
        x, y = forward("x", "y")
        found = evaluated(f"array({x}, {y})", places, "x double, y double")
        worst = max(metres(tuple(one), reference(place)) for one, place in zip(found, places, strict=True))  # type: ignore[arg-type]
        assert worst < 1e-4


@MANY
@given(st.lists(PLACES, min_size=200, max_size=200))
def test_there_and_back_is_the_same_place(places: list[Place]) -> None:
    for crs, shifted in (
        ("gcj02", [to_gcj02(place) for place in places]),
        ("bd09", [to_bd09(to_gcj02(place)) for place in places]),
        ("wgs84", places),
        ("cgcs2000", places),
    ):
        worst = max(metres(one, place) for one, place in zip(converted(shifted, crs), places, strict=True))
        assert worst < 0.02, crs


@MANY
@given(st.lists(PLACES, min_size=20, max_size=20))
def test_the_way_back_agrees_with_bisection(places: list[Place]) -> None:
    for crs, forward in (("gcj02", to_gcj02), ("bd09", lambda place: to_bd09(to_gcj02(place)))):
        found = converted(places, crs)
        worst = max(metres(one, back(forward, place)) for one, place in zip(found, places, strict=True))
        assert worst < 1, crs


def test_a_shift_is_100_to_700_metres_and_none_outside_china() -> None:
    city, abroad = (116.3975, 39.9087), (139.7671, 35.6812)
    assert 100 < metres(city, to_gcj02(city)) < 700
    assert converted([abroad], "gcj02") == [pytest.approx(abroad)]


def test_names_of_systems_and_unknown_ones() -> None:
    names = ["GCJ-02", "gcj_02", "火星坐标", "BD09", "bd-09ll", "WGS 84", "EPSG:4326", "CGCS2000", "北京54", None]
    plain = ["gcj02"] * 3 + ["bd09"] * 2 + ["wgs84"] * 2 + ["cgcs2000", "北京54", None]
    assert evaluated(coordinates.system("v"), names) == plain
    assert converted([(116.0, 39.0)], "beijing54") == [(None, None)]


def test_a_box_holds_its_edges() -> None:
    box = (116.0, 39.0, 118.0, 41.0)
    places = [(116.0, 39.0), (118.0, 41.0), (115.999999, 40.0), (117.0, 41.000001), (40.0, 117.0)]
    assert evaluated(coordinates.in_box("x", "y", box), places, "x double, y double") == [
        True,
        True,
        False,
        False,
        False,
    ]
