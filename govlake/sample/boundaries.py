"""Where the sample city's districts end: outlines that neighbours share, drawn along the grid that its streets fill.

Like the streets they lie in the open sea and are the same for every seed and date.
"""

import math
import random
from dataclasses import dataclass

from govlake.sample.city import DISTRICTS
from govlake.sample.streets import DEGREE, SOUTH, WEST

COLUMNS, ROWS = 4, 2
# Streets keep this far from the grid's lines, so no outline bends further.
MARGIN = 0.02
PIECES = 8

Point = tuple[float, float]


@dataclass(frozen=True)
class Boundary:
    """A district's outline, a closed ring of longitude and latitude in degrees (WGS-84)."""

    code: str
    ring: tuple[Point, ...]

    @property
    def wkt(self) -> str:
        """The outline as well-known text."""
        return "POLYGON ((" + ", ".join(f"{lon:.4f} {lat:.4f}" for lon, lat in self.ring) + "))"

    @property
    def centre(self) -> Point:
        """Where a label stands: the middle of the outline's box."""
        west, south, east, north = self.box
        return round((west + east) / 2, 4), round((south + north) / 2, 4)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north, in degrees."""
        lons, lats = [lon for lon, _ in self.ring], [lat for _, lat in self.ring]
        return round(min(lons), 4), round(min(lats), 4), round(max(lons), 4), round(max(lats), 4)


def boundaries() -> list[Boundary]:
    """Every district's outline, in the order of the districts; anticlockwise."""
    return [Boundary(district.code, _ring(at % COLUMNS, at // COLUMNS)) for at, district in enumerate(DISTRICTS)]


def model() -> str:
    """The dbt model `dim_district_shape`, made from the outlines."""
    rows = []
    for boundary in boundaries():
        numbers = ", ".join(f"cast({number} as double)" for number in (*boundary.centre, *boundary.box))
        rows.append(f"    ('{boundary.code}', {numbers}, '{boundary.wkt}')")
    columns = "district_code, lon, lat, west, south, east, north, boundary"
    return (
        "{#- Made by `govlake/sample/boundaries.py`; a test keeps it true. -#}\n"
        "select *\nfrom\n    values\n" + ",\n".join(rows) + f"\n        as shapes (\n            {columns}\n        )\n"
    )


def _ring(column: int, row: int) -> tuple[Point, ...]:
    south_west, south_east = (column, row), (column + 1, row)
    north_west, north_east = (column, row + 1), (column + 1, row + 1)
    south, east = _line(south_west, south_east), _line(south_east, north_east)
    north, west = _line(north_west, north_east)[::-1], _line(south_west, north_west)[::-1]
    return (*south, *east[1:], *north[1:], *west[1:])


def _line(start: tuple[int, int], end: tuple[int, int]) -> list[Point]:
    """The border between two corners of the grid: the same points whichever neighbour asks."""
    draw = random.Random(f"{start} {end}")
    (from_lon, from_lat), (to_lon, to_lat) = _corner(start), _corner(end)
    bends = [draw.uniform(-1, 1) for _ in range(3)]
    points = []
    for step in range(PIECES + 1):
        share = step / PIECES
        waves = sum(bend * math.sin((at + 1) * math.pi * share) / (at + 1) for at, bend in enumerate(bends))
        aside = MARGIN * 0.4 * waves
        lon = from_lon + (to_lon - from_lon) * share + (aside if start[0] == end[0] else 0)
        lat = from_lat + (to_lat - from_lat) * share + (aside if start[1] == end[1] else 0)
        points.append((round(lon, 4), round(lat, 4)))
    return points


def _corner(at: tuple[int, int]) -> Point:
    draw = random.Random(f"{at}")
    return (
        WEST + at[0] * DEGREE + draw.uniform(-1, 1) * MARGIN * 0.25,
        SOUTH + at[1] * DEGREE + draw.uniform(-1, 1) * MARGIN * 0.25,
    )
