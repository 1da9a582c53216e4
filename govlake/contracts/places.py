"""Pairs of columns that are a place, from a table's property `coordinates`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from govlake.contracts.model import Column, Coordinates, Rule
from govlake.contracts.reading import Reading

SYSTEMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
KNOWN = ("longitude", "latitude", "crs", "crsColumn", "box")
WORLD = (-180.0, -90.0, 180.0, 90.0)


def read_places(
    reading: Reading, where: str, entries: Sequence[Mapping[str, Any]], columns: Sequence[Column]
) -> tuple[Coordinates, ...]:
    """The places that a table's property names; one that cannot be read is refused and left out."""
    named = {column.name: column for column in columns}
    places = [_place(reading, f"{where}.coordinates", entry, named) for entry in entries]
    used = [name for place in places if place for name in (place.longitude, place.latitude)]
    for name in sorted({name for name in used if used.count(name) > 1}):
        reading.refuse(f"{where}.coordinates", f"names {name} twice", "Each column belongs to one place.")
    return tuple(place for place in places if place)


def _place(reading: Reading, where: str, entry: Mapping[str, Any], named: Mapping[str, Column]) -> Coordinates | None:
    unknown = sorted(set(entry) - set(KNOWN))
    if unknown:
        reading.refuse(where, f"has {', '.join(unknown)}", f"It takes {', '.join(KNOWN)}.")
    pair = [str(entry.get(name) or "") for name in ("longitude", "latitude")]
    before = len(reading.errors)
    for field, name in zip(("longitude", "latitude"), pair, strict=True):
        column = named.get(name)
        if column is None or column.type != "number" or column.expression:
            remedy = "Name a delivered column with logicalType: number."
            reading.refuse(f"{where}.{field}", f"is '{name}'" if name else "is missing", remedy)
    crs_column = str(entry.get("crsColumn") or "")
    if crs_column and (crs_column not in named or named[crs_column].type != "string"):
        remedy = "Name a column with logicalType: string that holds wgs84, cgcs2000, gcj02 or bd09."
        reading.refuse(f"{where}.crsColumn", f"is '{crs_column}'", remedy)
    crs = reading.one_of(f"{where}.crs", str(entry.get("crs") or "wgs84"), SYSTEMS, "wgs84")
    box = _box(reading, f"{where}.box", entry.get("box"))
    return Coordinates(pair[0], pair[1], crs, crs_column, box) if len(reading.errors) == before else None


def _box(reading: Reading, where: str, value: object) -> tuple[float, float, float, float] | None:
    if value is None:
        return None
    numbers = value if isinstance(value, list) and len(value) == 4 else []
    if numbers and all(isinstance(number, int | float) and not isinstance(number, bool) for number in numbers):
        west, south, east, north = (float(number) for number in numbers)
        if WORLD[0] <= west < east <= WORLD[2] and WORLD[1] <= south < north <= WORLD[3]:
            return west, south, east, north
    reading.refuse(where, f"is {value}", "Write [west, south, east, north] in degrees of WGS-84.")
    return None


def place_rules(place: Coordinates, columns: Sequence[Column]) -> Iterator[Rule]:
    """What can be wrong with a place as a whole."""
    named = {column.name: column for column in columns}
    x, y = named[place.longitude], named[place.latitude]
    pair_en, pair_zh = f"The place ({x.title_en}, {y.title_en})", f"位置（{x.title_zh}、{y.title_zh}）"
    faults = []
    if place.crs_column:
        told_zh = "、".join(SYSTEMS)
        faults.append(
            ("crs", f"is in no known system of coordinates: {', '.join(SYSTEMS)}", f"坐标系不明，应为{told_zh}", "0105")
        )
    if place.box:
        faults += [
            ("swapped", "has longitude and latitude swapped", "经纬度写反", "040202"),
            (
                "outside",
                "lies outside the agreed area: wrong or in another system",
                "不在约定范围内，坐标有误或坐标系不符",
                "0301",
            ),
        ]
    for fault, said_en, said_zh, dimension in faults:
        yield Rule(
            f"{x.name}.place_{fault}",
            "quarantine",
            f"{pair_en} {said_en}",
            f"{pair_zh}{said_zh}",
            f"_fault_{x.name} <> '{fault}'",
            column=x.name,
            kind="standard",
            dimension=dimension,
            arguments={"fault": fault},
        )
