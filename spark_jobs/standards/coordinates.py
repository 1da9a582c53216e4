"""Places in the coordinate systems that are in use, and as WGS-84.

Maps of China are drawn in GCJ-02, which shifts a place by 100 to 700 m, or in BD-09, which shifts it once more;
CGCS2000 and WGS-84 agree within a few centimetres. The shifts are published as formulas of one direction only, so
the way back is a fixed point: p becomes p + (target - F(p)). F moves by less than 2 % of what p moves, so three
rounds leave under a millimetre.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from spark_jobs.standards.frames import with_columns
from spark_jobs.standards.text import quote

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SYSTEMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
AXIS_M, ECCENTRICITY = 6378245.0, 0.00669342162296594323  # of the Krassowsky ellipsoid, as the formula has it
CHINA = (72.004, 0.8293, 137.8347, 55.8271)  # outside this box GCJ-02 shifts nothing
BD_TURN = math.pi * 3000 / 180
ROUNDS = 3
DECIMALS = 7  # a centimetre; the last bits differ between engines


def gcj02(x: str, y: str) -> tuple[str, str]:
    """GCJ-02 of a place in WGS-84."""
    east, north = f"({x} - 105.0D)", f"({y} - 35.0D)"
    waves = f"(20.0D * {_sin(east, 6)} + 20.0D * {_sin(east, 2)})"
    metres_north = (
        f"-100.0D + 2.0D * {east} + 3.0D * {north} + 0.2D * {north} * {north} + 0.1D * {east} * {north} "
        f"+ 0.2D * sqrt(abs({east})) + ({waves} + 20.0D * {_sin(north, 1)} + 40.0D * {_sin(north, 1 / 3)} "
        f"+ 160.0D * {_sin(north, 1 / 12)} + 320.0D * {_sin(north, 1 / 30)}) * 2.0D / 3.0D"
    )
    metres_east = (
        f"300.0D + {east} + 2.0D * {north} + 0.1D * {east} * {east} + 0.1D * {east} * {north} "
        f"+ 0.1D * sqrt(abs({east})) + ({waves} + 20.0D * {_sin(east, 1)} + 40.0D * {_sin(east, 1 / 3)} "
        f"+ 150.0D * {_sin(east, 1 / 12)} + 300.0D * {_sin(east, 1 / 30)}) * 2.0D / 3.0D"
    )
    flat = f"(1.0D - {ECCENTRICITY}D * sin(radians({y})) * sin(radians({y})))"
    meridian = f"({AXIS_M * (1 - ECCENTRICITY)}D / ({flat} * sqrt({flat})))"
    parallel = f"({AXIS_M}D / sqrt({flat}) * cos(radians({y})))"
    return f"{x} + degrees(({metres_east}) / {parallel})", f"{y} + degrees(({metres_north}) / {meridian})"


def bd09(x: str, y: str) -> tuple[str, str]:
    """BD-09 of a place in GCJ-02."""
    length = f"(sqrt({x} * {x} + {y} * {y}) + 0.00002D * sin({y} * {BD_TURN}D))"
    angle = f"(atan2({y}, {x}) + 0.000003D * cos({x} * {BD_TURN}D))"
    return f"{length} * cos({angle}) + 0.0065D", f"{length} * sin({angle}) + 0.006D"


def in_box(x: str, y: str, box: tuple[float, float, float, float]) -> str:
    """Whether a place lies in west, south, east, north (degrees)."""
    west, south, east, north = box
    return f"{x} BETWEEN {west}D AND {east}D AND {y} BETWEEN {south}D AND {north}D"


def system(text: str) -> str:
    """The name of a coordinate system in its plain form: GCJ-02, gcj_02 and 火星坐标 are gcj02."""
    plain = f"regexp_replace(lower({text}), '[^0-9a-z\u4e00-\u9fff]', '')"
    names = {"火星坐标": "gcj02", "百度坐标": "bd09", "bd09ll": "bd09", "epsg4326": "wgs84", "epsg4490": "cgcs2000"}
    cases = " ".join(f"WHEN {quote(old)} THEN {quote(new)}" for old, new in names.items())
    return f"CASE {plain} {cases} ELSE {plain} END"


def to_wgs84(places: DataFrame, longitude: str, latitude: str, crs: str) -> DataFrame:
    """The frame with its two columns (degrees) in WGS-84, to 7 decimals. `crs` is SQL that names each row's system.

    The error is under a millimetre before rounding. A place of an unknown system is null.
    """
    frame = with_columns(places, {"_x": f"`{longitude}`", "_y": f"`{latitude}`", "_crs": crs})
    frame = with_columns(frame, {"_to_x": "_x", "_to_y": "_y"})
    shifts = ((bd09, "_crs = 'bd09'"), (gcj02, f"_crs IN ('bd09', 'gcj02') AND {in_box('_to_x', '_to_y', CHINA)}"))
    for forward, applies in shifts[_first_shift(crs) :]:
        for _ in range(ROUNDS):
            x, y = forward("_x", "_y")
            moved = {"_x": f"_x + (_to_x - ({x}))", "_y": f"_y + (_to_y - ({y}))"}
            frame = with_columns(frame, {name: _when(applies, value, name) for name, value in moved.items()})
        frame = with_columns(frame, {"_to_x": "_x", "_to_y": "_y"})
    known = f"_crs IN ({', '.join(map(quote, SYSTEMS))})"
    kept = {longitude: _when(known, f"round(_x, {DECIMALS})"), latitude: _when(known, f"round(_y, {DECIMALS})")}
    return with_columns(frame, kept).drop("_x", "_y", "_crs", "_to_x", "_to_y")


def _first_shift(crs: str) -> int:
    """Which of the two shifts a place may have: all of one named system need no look at what others need."""
    return {"'bd09'": 0, "'gcj02'": 1, "'wgs84'": 2, "'cgcs2000'": 2}.get(crs, 0)


def _sin(angle: str, factor: float) -> str:
    return f"sin({angle} * {factor * math.pi}D)"


def _when(condition: str, value: str, otherwise: str = "NULL") -> str:
    return f"CASE WHEN {condition} THEN {value} ELSE {otherwise} END"
