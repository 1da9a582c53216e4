"""A matrix read as rows: every column that the contract does not name becomes a row per line.

The contract's `unpivot` says under which names the parts arrive: `names` the column's header (its position from 1
where the file has no header), `values` the cell, `rows` the line's number. Columns that the contract names are kept
beside each cell. A blank cell is no row.
"""

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute

from govlake.contracts.model import Source, Table
from govlake.readers.encoding import squeeze
from govlake.readers.layout import known_names
from govlake.readers.refusals import refuse, shorten
from govlake.readers.sheet import Block, Sheet, Tally

pc = cast(Any, pyarrow.compute)  # its functions are made at import and unknown to type checkers


def unpivoted(sheet: Sheet, table: Table, source: Source) -> Sheet:
    """The matrix as a sheet with one row per cell. Raises DeliveryError where no column is left to become rows."""
    names = [squeeze(name) for name in sheet.names]
    kept, known = [], {squeeze(name) for name in known_names(table)}
    if not sheet.positional:
        kept = [index for index, name in enumerate(names) if name in known]
    melted = [index for index in range(len(names)) if index not in kept]
    if not melted:
        agreed = shorten([column.delivered[0] for column in table.delivered_columns], 6)
        raise refuse("no_known_column", file=sheet.name, row=source.header_row, header=shorten(names, 6),
                     agreed=agreed, hint_en="", hint_zh="")  # fmt: skip
    labels = [names[index] if not sheet.positional else str(place) for place, index in enumerate(melted, 1)]
    made = [source.unpivot[part] for part in ("rows", "names", "values") if part in source.unpivot]

    def blocks(tally: Tally, narrow: bool) -> Iterator[Block]:
        for block in sheet.blocks(tally, False):
            yield _melt(block, kept, melted, labels, "rows" in source.unpivot)

    return Sheet(sheet.name, (*(names[index] for index in kept), *made), sheet.encoding, blocks)


def _melt(block: Block, kept: list[int], melted: list[int], labels: list[str], with_rows: bool) -> Block:
    """The block's cells line by line. A cell is numbered by its place in the whole matrix."""
    width, size = len(melted), len(block.numbers)
    malformed = [((number - 1) * width + 1, text) for number, text in block.malformed]
    by_line = np.arange(width * size).reshape(width, size).T.ravel()
    cells = pa.concat_arrays([block.columns[index].cast(pa.string()) for index in melted]).take(pa.array(by_line))
    filled = np.flatnonzero(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(cells), ""), False).to_numpy(False))
    line, column = np.divmod(filled, width)
    beside = [block.columns[index].take(pa.array(line)) for index in kept]
    if with_rows:
        beside.append(block.numbers.take(pa.array(line)).cast(pa.string()))
    number = (np.asarray(block.numbers)[line] - 1) * width + column + 1
    return Block(
        [*beside, pa.array(labels, pa.string()).take(pa.array(column)), cells.take(pa.array(filled))],
        pa.array(number, pa.int64()),
        malformed,
    )
