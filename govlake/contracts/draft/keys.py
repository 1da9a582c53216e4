"""Which columns could be the key of a table, and which day could partition it. Found in the rows, never known."""

import re
from collections.abc import Sequence
from itertools import combinations

from govlake.contracts.draft.values import IDENTIFIER, Values

# Whole numbers that place a row, unlike those that measure it.
PLACING = re.compile(
    r"year|month|day|week|quarter|hour|seq|rank|level|order|index|period|[年月日周季]|序|[顺順]位", re.I
)
MOST_COLUMNS = 12  # columns that a composite key is searched among
MOST_PARTS = 3
LONGEST_KEY = 60
ROWS_PER_DAY = 2_000  # below this a partition per day only makes small files


def key_of(names: Sequence[str], values: Sequence[Values], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The shortest set of columns that tells the rows apart and is always there; none where there is no such set.

    A column that only numbers the rows is never a key: the next delivery numbers them anew.
    """
    usable = [i for i, value in enumerate(values) if _usable(names[i], value)]
    ordered = sorted(usable, key=lambda i: (not IDENTIFIER.search(names[i]), i))
    for position in ordered:
        if values[position].unique:
            return (names[position],)
    likely = sorted(ordered, key=lambda i: (_rank(names[i], values[i]), i))[:MOST_COLUMNS]
    for size in range(2, MOST_PARTS + 1):
        for chosen in combinations(likely, size):
            if _tells_apart(chosen, values, rows):
                return tuple(names[i] for i in sorted(chosen))
    return ()


def _usable(name: str, value: Values) -> bool:
    """Measures, long texts and row numbers are no keys."""
    if not value.required or value.is_row_number or value.longest > LONGEST_KEY:
        return False
    return value.type in ("string", "date", "timestamp", "time") or (
        value.type == "integer" and bool(PLACING.search(name) or value.unique)
    )


def _rank(name: str, value: Values) -> int:
    if IDENTIFIER.search(name):
        return 0
    return 1 if value.type in ("date", "timestamp") else 3 if value.type == "integer" else 2


def _tells_apart(chosen: Sequence[int], values: Sequence[Values], rows: Sequence[Sequence[str]]) -> bool:
    most = 1
    for position in chosen:
        most *= max(values[position].distinct, 1)
    if most < len(rows):
        return False
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        found = tuple(row[position] for position in chosen)
        if found in seen:
            return False
        seen.add(found)
    return len(rows) > 1


def moment_of(names: Sequence[str], values: Sequence[Values], key: Sequence[str]) -> tuple[str, ...]:
    """The time of a snapshot, nearly the same in all rows. Without it in the key the next file overwrites this one.

    None where the key has a time already, or where the times are those of events.
    """
    found = dict(zip(names, values, strict=True))
    if any(found[name].type in ("date", "timestamp") for name in key):
        return ()
    for name, value in found.items():
        few = value.days == 1 and value.distinct <= max(1, value.rows // 10)
        if value.required and few and value.type in ("date", "timestamp"):
            return (name,)
    return ()


def partition_of(names: Sequence[str], values: Sequence[Values], key: Sequence[str]) -> str:
    """The date or time whose day could partition the table; "" where the table is too small to need it."""
    for wanted in (lambda name: name in key, lambda name: True):
        for name, value in zip(names, values, strict=True):
            dated = value.type in ("date", "timestamp") and value.required and wanted(name)
            if dated and value.rows >= ROWS_PER_DAY * value.days and not value.person:
                return name
    return ""
