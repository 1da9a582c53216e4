"""What the files of a Delta table can hold, by the statistics in its log: known without a pass over the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from govlake import lake, seen
from govlake.contracts.model import Table

End = Any  # of a range: text, number or date


def may_hold(address: str, column: str, text: str) -> bool:
    """Whether a row may have this text in `column`; False is certain. A file without statistics may hold anything."""
    return any(may for _, may in _between(address, {column: (text, text)}))


def rows_between(address: str, ranges: Mapping[str, Sequence[End]]) -> int:
    """At most so many rows have in every named column a value of its range, both ends included."""
    return sum(rows for rows, may in _between(address, ranges) if may)


def held_partitions(address: str, table: Table, values: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Those of the partition `values` that the Delta log lists for the table at `address`."""
    files = _files(address, *(f"partition.{name}" for name in table.partition_columns))
    if not files:
        return []
    if any(c.type not in ("string", "integer", "date") for c in table.columns if c.partition):
        return list(values)  # the log may write them in another form
    columns = [files[f"partition.{name}"] for name in table.partition_columns]
    known = {tuple(str(value) for value in row) for row in zip(*columns, strict=True)}
    return [value for value in values if tuple(str(part) for part in value) in known]


def _between(address: str, ranges: Mapping[str, Sequence[End]]) -> list[tuple[int, bool]]:
    """Of each data file how many rows it has, and whether it may hold any in all the ranges."""
    ends = [f"{end}.{column}" for column in ranges for end in ("partition", "min", "max")]
    files = _files(address, "num_records", *ends)
    if not files:
        return []
    may = [True] * len(files["num_records"])
    for column, (low, high) in ranges.items():
        least, most = _ends(files, column)
        may = [known and _meets(*span, low, high) for known, *span in zip(may, least, most, strict=True)]
    return list(zip(files["num_records"], may, strict=True))


def _files(address: str, *columns: str) -> dict[str, list[Any]]:
    """One entry per data file in every column; nothing where there is no table."""
    found = lake.look(address)
    return seen.files_of(found, *columns) if found else {}


def _ends(files: Mapping[str, list[Any]], column: str) -> tuple[list[Any], list[Any]]:
    """Least and greatest value per file; None where they are not known."""
    if f"partition.{column}" in files:
        return files[f"partition.{column}"], files[f"partition.{column}"]
    unknown = [None] * len(files["num_records"])
    return files.get(f"min.{column}", unknown), files.get(f"max.{column}", unknown)


def _meets(least: End, most: End, low: End, high: End) -> bool:
    if least is None or most is None:
        return True
    # A long text is cut off in the statistics.
    start = low[: len(most)] if isinstance(most, str) else low
    return bool(least <= high and start <= most)
