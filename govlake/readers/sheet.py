"""What every format is read into before the contract is laid over it: a header and blocks of text columns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

ROWS = 65_536  # rows per block where the reader decides


@dataclass
class Tally:
    """What was counted while reading. `rows` is what becomes bronze: good rows plus malformed ones."""

    rows: int = 0
    malformed: int = 0
    blank_rows_dropped: int = 0
    rows_skipped: int = 0

    def add(self, other: "Tally") -> None:
        self.rows += other.rows
        self.malformed += other.malformed
        self.blank_rows_dropped += other.blank_rows_dropped
        self.rows_skipped += other.rows_skipped


@dataclass(frozen=True)
class Block:
    """Some consecutive rows: one text array per column of the file, the rows' numbers, what could not be split."""

    columns: Sequence[pa.Array]
    numbers: pa.Array
    malformed: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True)
class Sheet:
    """One table-shaped part of a delivery: a text file, a sheet of a workbook, the records of a document.

    `names` are the header cells as delivered. `blocks(tally, narrow)` streams the rows once; with `narrow` the
    blocks need only hold the first column, which is enough to count. It counts what it drops into the tally.
    """

    name: str
    names: tuple[str, ...]
    encoding: str
    blocks: Callable[[Tally, bool], Iterator[Block]]
    positional: bool = False


def numbers(first: int, count: int) -> pa.Array:
    """Row numbers first, first + 1, ... as an Arrow array."""
    return pa.arange(first, first + count) if count else pa.array([], pa.int64())
