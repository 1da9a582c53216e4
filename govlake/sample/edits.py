"""Ways in which values go wrong, each as an edit of the rows that it is given."""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from govlake.sample.frame import is_in, moments, money, seconds
from govlake.sample.identity import check_character
from govlake.sample.plant import Choice, Edit

BAD_TIME, BAD_DATE = "2026-13-41 25:61:61", "2026-13-41"
NOWHERE = "990199001000"  # a street of a district that does not exist
DAY = timedelta(days=1)


def shifted(name: str, other: str, by: timedelta) -> Edit:
    """The time `name` becomes `other` plus `by`."""
    return lambda rows: {name: moments(seconds(rows[other]) + round(by.total_seconds()))}


def swapped(one: str, two: str) -> Edit:
    """Two columns change places."""
    return lambda rows: {one: rows[two].combine_chunks(), two: rows[one].combine_chunks()}


def copied(name: str, other: str) -> Edit:
    """`name` gets the value of `other`."""
    return lambda rows: {name: rows[other].combine_chunks()}


def fixed(**values: object) -> Edit:
    """Columns get one value."""
    return lambda rows: {name: pa.array([value] * len(rows), rows[name].type) for name, value in values.items()}


def absent(name: str) -> Edit:
    """The value is not there."""
    return lambda rows: {name: pa.nulls(len(rows), rows[name].type)}


def added(**amounts: int) -> Edit:
    """Numbers, or seconds of times, grow by an amount."""

    def edit(rows: pa.Table) -> Mapping[str, pa.Array]:
        found = {}
        for name, amount in amounts.items():
            column = rows[name].combine_chunks()
            if pa.types.is_timestamp(column.type):
                found[name] = moments(seconds(column) + amount)
            else:
                found[name] = pc.call_function("add", [column, pa.scalar(amount, pa.int64())]).cast(column.type)
        return found

    return edit


def divided(by: int, *names: str) -> Edit:
    """Amounts in another unit: `by` times too small, cut to hundredths."""

    def smaller(column: pa.ChunkedArray) -> pa.Array:
        hundredths = column.combine_chunks().cast(pa.float64()).to_numpy() * 100
        return money(np.floor(hundredths / by).astype(np.int64))

    return lambda rows: {name: smaller(rows[name]) for name in names}


def mistyped(name: str) -> Edit:
    """The last digit of an identity number or a credit code is another one."""

    def edit(rows: pa.Table) -> Mapping[str, pa.Array]:
        numbers = rows[name].combine_chunks().to_pylist()
        return {name: pa.array([number and number[:-1] + ("1" if number[-1] != "1" else "2") for number in numbers])}

    return edit


def cut_by_excel(name: str) -> Edit:
    """A spreadsheet kept 15 digits of an identity number; where zeros would fit the check, it wrote a power of ten."""

    def edit(rows: pa.Table) -> Mapping[str, pa.Array]:
        numbers = rows[name].combine_chunks().to_pylist()
        return {name: pa.array([number and spoiled(number) for number in numbers])}

    def spoiled(number: str) -> str:
        cut = number[:15] + "000"
        return cut if check_character(cut) != "0" else f"{number[0]}.{number[1:6]}E+17"

    return edit


def both(*edits: Edit) -> Edit:
    """One edit after the other, of columns of their own."""
    return lambda rows: {name: values for edit in edits for name, values in edit(rows).items()}


def having(name: str, *values: str) -> Choice:
    """Rows with one of `values`."""
    return lambda rows: is_in(rows[name], *values)
