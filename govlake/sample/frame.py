"""Columns of a clean table, in the types and names that its contract agrees on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache, wraps

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

EPOCH = date(1970, 1, 1)
DAY_S = 86_400
SMALL = 20.0  # the scale up to which days are kept in memory
NEVER = np.iinfo(np.int64).min  # the second at which something never happens


@dataclass(frozen=True)
class Order:
    """What is asked of a table: its rows of `first` to `day`, the logical date, at this scale, of this city history."""

    day: date
    first: date
    scale: float
    seed: int

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=age) for age in range((self.day - self.first).days + 1)]

    def rng(self, *salt: int) -> np.random.Generator:
        """Chance that depends on the date and `salt` alone."""
        return np.random.default_rng([self.seed, self.day.toordinal(), *salt])


def midnight(day: date) -> int:
    """The second at which `day` begins in local time."""
    return (day - EPOCH).days * DAY_S


def moments(seconds: np.ndarray) -> pa.Array:
    """Local times; NEVER is null."""
    return pa.array(seconds, pa.int64(), mask=seconds == NEVER).cast(pa.timestamp("s"))


def dates(numbers: np.ndarray) -> pa.Array:
    """Dates from days since 1970."""
    return pa.array(numbers.astype(np.int32), pa.int32()).cast(pa.date32())


def one_date(day: date, count: int) -> pa.Array:
    return dates(np.full(count, (day - EPOCH).days))


def money(cents: np.ndarray) -> pa.Array:
    """Hundredths as exact decimals."""
    whole = pa.array(cents.astype(np.int64)).cast(pa.decimal128(19, 0))
    return pc.call_function("multiply", [whole, pa.scalar(Decimal("0.01"))])


def picked(values: Sequence[str | None], picks: np.ndarray) -> pa.Array:
    """values[picks]."""
    return pa.array(values, pa.utf8()).take(pa.array(picks))


def where(mask: np.ndarray, values: pa.Array) -> pa.Array:
    """The values where `mask` holds, null elsewhere."""
    return pc.call_function("if_else", [pa.array(mask), values, pa.scalar(None, values.type)])


def seconds(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Seconds of a column of times; null is NEVER."""
    return column.cast(pa.int64()).fill_null(NEVER).to_numpy(zero_copy_only=False)


def known(column: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Where the column has a value."""
    return column.is_valid().to_numpy(zero_copy_only=False)


def joined(*parts: pa.Array | str) -> pa.Array:
    """The texts of each row one behind the other; null where one of them is."""
    texts = [pa.scalar(part) if isinstance(part, str) else part for part in parts]
    return pc.call_function("binary_join_element_wise", [*texts, pa.scalar("")])


def is_in(column: pa.Array | pa.ChunkedArray, *values: str) -> np.ndarray:
    """Where a text is one of `values`; null is not."""
    options = pc.SetLookupOptions(pa.array(values))
    return pc.call_function("is_in", [column], options).to_numpy(zero_copy_only=False)


Cohort = Callable[[date, float, int], pa.Table]


def remembered(make: Cohort) -> Cohort:
    """Rows of a day that are asked for again and again, kept while they are small; large ones are made anew."""
    kept = lru_cache(maxsize=80)(make)

    @wraps(make)
    def rows(day: date, scale: float, seed: int) -> pa.Table:
        return (kept if scale <= SMALL else make)(day, scale, seed)

    return rows


def changed(cohort: Cohort, order: Order, life_d: int, events: Sequence[str]) -> pa.Table:
    """What changed on the order's day among the rows that `cohort` opened in the last `life_d` days.

    A row changes when one of its `events` happens. It is given as it stood at the end of the day: events still to
    come are null.
    """
    start, end = midnight(order.day), midnight(order.day) + DAY_S
    parts = []
    for age in range(life_d, -1, -1):
        rows = cohort(order.day - timedelta(days=age), order.scale, order.seed)
        times = {name: seconds(rows[name]) for name in events}
        mask = np.any([(when >= start) & (when < end) for when in times.values()], axis=0)
        rows = rows.filter(pa.array(mask))
        for name, when in times.items():
            seen = when[mask]
            column = moments(np.where(seen >= end, NEVER, seen))
            rows = rows.set_column(rows.column_names.index(name), name, column)
        parts.append(rows)
    return pa.concat_tables(parts).combine_chunks()
