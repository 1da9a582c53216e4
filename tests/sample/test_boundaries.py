"""The districts' outlines: neighbours share their borders, streets lie inside, and the model is made from them."""

from itertools import pairwise

from govlake.sample.boundaries import Point, boundaries, model
from govlake.sample.city import DISTRICTS
from govlake.sample.streets import streets
from govlake.settings import PROJECT


def inside(point: Point, ring: tuple[Point, ...]) -> bool:
    """Whether a ray from the point crosses the ring an odd number of times."""
    crossed = 0
    for (x, y), (next_x, next_y) in pairwise(ring):
        if (y > point[1]) != (next_y > point[1]):
            crossed += point[0] < (next_x - x) * (point[1] - y) / (next_y - y) + x
    return crossed % 2 == 1


def test_every_street_lies_in_its_own_district_alone() -> None:
    known, outlines = streets(), boundaries()
    assert len(known) == 60 and [outline.code for outline in outlines] == [district.code for district in DISTRICTS]
    for at in range(len(known)):
        place = (float(known.lon[at]), float(known.lat[at]))
        assert [inside(place, outline.ring) for outline in outlines].index(True) == known.district[at]
        assert sum(inside(place, outline.ring) for outline in outlines) == 1


def test_neighbours_share_their_border() -> None:
    west, east, *_ = boundaries()
    assert len(set(west.ring) & set(east.ring)) == 9
    assert west.ring[0] == west.ring[-1]


def test_the_model_is_what_the_outlines_say() -> None:
    stored = PROJECT / "dbt_project" / "models" / "marts" / "city" / "dim_district_shape.sql"
    assert stored.read_text(encoding="utf-8") == model()
