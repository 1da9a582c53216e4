"""Columns of text made without a Python loop over rows.

pyarrow writes CSV as UTF-8 only. Bytes of another encoding pass through it untouched when they are labelled as
text without being decoded, which is what `words` does.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def words(values: Sequence[str], picks: np.ndarray, encoding: str) -> pa.Array:
    """values[picks], encoded."""
    return label(values, encoding).take(pa.array(picks))


def label(values: Sequence[str], encoding: str) -> pa.Array:
    """Encoded bytes, labelled as text."""
    return pa.array([value.encode(encoding) for value in values], pa.binary()).view(pa.utf8())


def digits(numbers: np.ndarray, width: int, prefix: str = "") -> pa.Array:
    """Each number with leading zeros behind `prefix`."""
    letters = np.empty((len(numbers), len(prefix) + width), np.uint8)
    letters[:, : len(prefix)] = np.frombuffer(prefix.encode("ascii"), np.uint8)
    _fill(letters, len(prefix), width, numbers)
    return _texts(letters)


def dates(day: date, days: np.ndarray) -> pa.Array:
    """Dates so many days after `day`, as 2026-09-01."""
    return _texts(_calendar(day, days))


def moments(day: date, seconds: np.ndarray) -> pa.Array:
    """Times so many seconds after the midnight that starts `day`, as 2026-09-01 07:45:00."""
    days, second = np.divmod(seconds, 86_400)
    letters = np.full((len(seconds), 19), ord(":"), np.uint8)
    letters[:, :10] = _calendar(day, days)
    letters[:, 10] = ord(" ")
    for at, part in ((11, second // 3600), (14, second // 60 % 60), (17, second % 60)):
        _fill(letters, at, 2, part)
    return _texts(letters)


def put(texts: pa.Array, picks: np.ndarray, value: str, encoding: str) -> pa.Array:
    """The column with `value`, encoded, at the positions `picks`."""
    if not len(picks):
        return texts
    chosen = np.zeros(len(texts), bool)
    chosen[picks] = True
    return pc.call_function("if_else", [pa.array(chosen), label([value], encoding)[0], texts])


def _calendar(day: date, days: np.ndarray) -> np.ndarray:
    first, last = int(days.min(initial=0)), int(days.max(initial=0))
    names = [f"{day + timedelta(days=offset):%Y-%m-%d}".encode() for offset in range(first, last + 1)]
    return np.frombuffer(b"".join(names), np.uint8).reshape(-1, 10)[days - first]


def _fill(letters: np.ndarray, start: int, width: int, numbers: np.ndarray) -> None:
    rest = numbers.astype(np.int64)
    for at in range(start + width - 1, start - 1, -1):
        rest, digit = np.divmod(rest, 10)
        letters[:, at] = digit + 48


def _texts(letters: np.ndarray) -> pa.Array:
    count, width = letters.shape
    offsets = np.arange(count + 1, dtype=np.int32) * width
    return pa.Array.from_buffers(
        pa.utf8(), count, [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters))]
    )
