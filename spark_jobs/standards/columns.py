"""The standards that a contract names for its columns, applied to a batch: normal forms, and faults beside them.

A personal identifier is judged and brought into its normal form before it is hashed, so that a number in the old
form, with a small x or in full width becomes the same pseudonym as the plain one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from govlake.contracts.model import Column, Coordinates, Table
from spark_jobs.standards import area, coordinates, credit_code, resident_id
from spark_jobs.standards.frames import with_columns

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

PLAIN: Mapping[str, Callable[[str], str]] = {
    "resident_id": resident_id.code,
    "credit_code": credit_code.code,
    "organisation_code": credit_code.code,
    "area_code": area.code,
}
NORMAL: Mapping[str, Callable[[str], str]] = {
    "resident_id": resident_id.normal,
    "organisation_code": credit_code.organisation_code,
}
FAULT: Mapping[str, Callable[[str], str]] = {
    "resident_id": resident_id.fault,
    "credit_code": credit_code.fault,
    "organisation_code": credit_code.organisation_fault,
}


def faults(table: Table) -> list[str]:
    """The columns of faults that the texts of a batch already have."""
    return [f"_fault_{column.name}" for column in table.columns if column.standard]


def conformed(texts: DataFrame, table: Table) -> DataFrame:
    """Cleaned texts with the values of standards in their normal form, and `_fault_<column>` for each."""
    named = {column.name: column for column in table.columns if column.standard}
    if not named:
        return texts
    plain = with_columns(texts, {name: _plain(column) for name, column in named.items()})
    normal = {name: _normal(column) for name, column in named.items() if column.standard in NORMAL}
    return with_columns(plain, {**normal, **{f"_fault_{name}": _fault(column) for name, column in named.items()}})


def dated(values: DataFrame, table: Table) -> DataFrame:
    """Typed values, where codes that were not valid on the day of their row are faults too."""
    late = {
        f"_fault_{column.name}": area.abolished(f"`{column.name}`", column.areas, f"`{column.valid_on}`")
        for column in table.columns
        if column.areas and column.valid_on
    }
    return (
        with_columns(values, {name: f"coalesce({name}, {fault})" for name, fault in late.items()}) if late else values
    )


def places(values: DataFrame, table: Table) -> DataFrame:
    """Typed values with every place in WGS-84, and what is wrong with it in `_fault_<longitude>`."""
    for place in table.coordinates:
        values = _place(values, place)
    return values


def _place(values: DataFrame, place: Coordinates) -> DataFrame:
    x, y = f"`{place.longitude}`", f"`{place.latitude}`"
    crs = coordinates.system(f"`{place.crs_column}`") if place.crs_column else f"'{place.crs}'"
    given = f"{x} IS NOT NULL AND {y} IS NOT NULL"
    frame = with_columns(values, {"_given_place": given})
    frame = coordinates.to_wgs84(frame, place.longitude, place.latitude, crs)
    cases = f"WHEN NOT _given_place THEN NULL WHEN {x} IS NULL THEN 'crs' "
    if place.box:
        swapped, inside = coordinates.in_box(y, x, place.box), coordinates.in_box(x, y, place.box)
        cases += f"WHEN {inside} THEN NULL WHEN {swapped} THEN 'swapped' ELSE 'outside' "
    return with_columns(frame, {f"_fault_{place.longitude}": f"CASE {cases}END"}).drop("_given_place")


def _plain(column: Column) -> str:
    plain = PLAIN[column.standard](f"`{column.name}`")
    return area.successor(plain, column.areas) if column.replace_abolished else plain


def _normal(column: Column) -> str:
    name = f"`{column.name}`"
    return NORMAL[column.standard](name) if column.standard in NORMAL else name


def _fault(column: Column) -> str:
    name = f"`{column.name}`"
    if column.standard == "area_code":
        return area.fault(name, column.levels, column.areas)
    return FAULT[column.standard](name)
