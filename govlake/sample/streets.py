"""The sample city's streets: where they are, what kind of place they are, how many people live there.

They are the same for every seed and date. Coordinates lie in the open sea, so that no point of the city is a place.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from govlake.sample.city import DISTRICTS

# Streets per district, in the districts' order: 60 in all.
COUNTS = (10, 9, 8, 8, 7, 7, 6, 5)
NAMES = ("东门", "西桥", "南塘", "北苑", "新华", "和平", "建设", "长乐", "文昌", "望江")
WEST, SOUTH, DEGREE = 125.2, 28.2, 0.2  # the district grid: four columns, two rows
# A segment of its own: old housing and many seniors. Policies for lifts work here and nowhere else.
OLD_HOUSING, SENIORS = 55.0, 27.0
# Little is heard from these two, and need is high in both: a district (see city.SILENT) and one street elsewhere.
SILENT_STREET = "990106003000"


@dataclass(frozen=True)
class Streets:
    """Columns, one value per street; `district` is the place of its district in city.DISTRICTS."""

    code: tuple[str, ...]
    name: tuple[str, ...]
    district: np.ndarray
    urban_rural_class: tuple[str, ...]
    area_km2: np.ndarray
    households: np.ndarray
    residents: np.ndarray
    old_housing_pct: np.ndarray
    senior_pct: np.ndarray
    lon: np.ndarray
    lat: np.ndarray

    @property
    def in_segment(self) -> np.ndarray:
        """Streets with old housing and many seniors."""
        return (self.old_housing_pct >= OLD_HOUSING) & (self.senior_pct >= SENIORS)

    def __len__(self) -> int:
        return len(self.code)


@cache
def streets() -> Streets:
    """All streets of the city, in order of their codes."""
    rng = np.random.default_rng(99)
    district = np.repeat(np.arange(len(DISTRICTS)), COUNTS)
    order = np.concatenate([np.arange(count) for count in COUNTS])
    count = len(district)
    weight = np.array([place.ride for place in DISTRICTS])[district]
    households = np.round(9_000 + 7_000 * weight * rng.uniform(0.7, 1.3, count)).astype(np.int64)
    old = np.clip(20 + 22 * weight + rng.normal(0, 14, count), 3, 92)
    places = list(zip([DISTRICTS[at] for at in district], order, strict=True))
    names = [f"{place.zh.removesuffix('区')}{NAMES[at]}街道" for place, at in places]
    return Streets(
        code=tuple(f"{place.code}{at + 1:03d}000" for place, at in places),
        name=tuple(names),
        district=district,
        urban_rural_class=tuple("111" if value > 1.0 else "112" if value > 0.6 else "121" for value in weight),
        area_km2=np.round(rng.uniform(2, 9, count) / weight, 2),
        households=households,
        residents=np.round(households * rng.uniform(2.3, 2.7, count)).astype(np.int64),
        old_housing_pct=np.round(old, 1),
        senior_pct=np.round(np.clip(12 + old / 4 + rng.normal(0, 3, count), 6, 45), 1),
        lon=np.round(WEST + (district % 4) * DEGREE + rng.uniform(0.02, 0.18, count), 6),
        lat=np.round(SOUTH + (district // 4) * DEGREE + rng.uniform(0.02, 0.18, count), 6),
    )


@cache
def by_district(weights: tuple[float, ...]) -> np.ndarray:
    """Each street's weight where `weights` are those of the districts, shared out by residents."""
    known = streets()
    inside = np.bincount(known.district, known.residents)[known.district]
    return np.array(weights)[known.district] * known.residents / inside


def heard(weights: np.ndarray) -> np.ndarray:
    """The weights as they reach the hotline: next to nothing from the silent street."""
    factors = np.where(np.array(streets().code) == SILENT_STREET, 0.15, 1.0)
    return weights * factors


def needing(weights: np.ndarray) -> np.ndarray:
    """The weights as need has it: half as much again in the silent district and the silent street."""
    known = streets()
    silent = np.array([place.call < 0.2 for place in DISTRICTS])[known.district]
    return weights * np.where(silent | (np.array(known.code) == SILENT_STREET), 1.5, 1.0)
