"""Delimited text, streamed by Arrow's CSV reader with every cell as the text it is.

The header is read here, so that names may repeat, break over lines or stand below title rows; Arrow gets the
rows after it under made-up names. Wholly blank lines are no rows. A row that does not split into the header's
number of fields is kept as raw text with its number.
"""

import csv
import io
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from govlake.contracts.model import Source, Table
from govlake.errors import ContractError
from govlake.readers.encoding import encoding_of, squeeze, text_stream, utf8_stream
from govlake.readers.layout import known_names
from govlake.readers.parts import Part
from govlake.readers.refusals import refuse
from govlake.readers.sheet import Block, Sheet, Tally, numbers

BLOCK_BYTES = 8 << 20  # also the longest row that can be read
SNIFFED = (",", ";", "\t", "|")


def sheets(part: Part, table: Table, source: Source) -> Iterator[Sheet]:
    """The one sheet of a delimited file."""
    encoding = encoding_of(part, source.encodings, known_names(table))
    delimiter = _delimiter(part, encoding, table, source)
    names, skip = _header(part, encoding, delimiter, source)

    def blocks(tally: Tally, narrow: bool) -> Iterator[Block]:
        return _blocks(part, encoding, delimiter, source.quote, len(names), skip, narrow)

    yield Sheet(part.name, tuple(names), encoding, blocks, positional=source.header_row == 0)


def _delimiter(part: Part, encoding: str, table: Table, source: Source) -> str:
    delimiter = source.delimiter
    if delimiter != "auto":
        if len(delimiter.encode()) != 1:
            raise ContractError(
                f"The delimiter '{delimiter}' of {table.key} is not one plain character.",
                "Use one such as ',' or ';', or the word auto.",
            )
        return delimiter
    wanted = {squeeze(name) for name in known_names(table)}

    def fitting(mark: str) -> tuple[int, int]:
        names, _ = _header(part, encoding, mark, source)
        return sum(squeeze(name) in wanted for name in names), len(names)

    return max(SNIFFED, key=fitting)


def _header(part: Part, encoding: str, delimiter: str, source: Source) -> tuple[list[str], int]:
    """The header's cells, and how many bytes of UTF-8 precede the first data row.

    Without a header: one empty name per field of the first row.
    """
    consumed = 0

    def lines(stream: io.TextIOWrapper) -> Iterator[str]:
        nonlocal consumed
        for line in stream:
            consumed += len(line.encode())
            yield line

    row: list[str] | None = []
    with text_stream(part, encoding) as stream:
        rows = csv.reader(
            lines(stream),
            delimiter=delimiter,
            quotechar=source.quote or None,
            quoting=csv.QUOTE_MINIMAL if source.quote else csv.QUOTE_NONE,
        )
        try:
            for _ in range(max(source.header_row, 1)):
                row = next(rows, None)
            while row == []:
                row = next(rows, None)
        except csv.Error as error:
            raise refuse("broken_quotes", file=part.name, row=rows.line_num) from error
    if row is None:
        raise refuse("no_header", file=part.name, row=source.header_row or 1)
    if source.header_row == 0:
        return [""] * len(row), 0
    return row, consumed


def _blocks(
    part: Part, encoding: str, delimiter: str, quote: str, width: int, skip: int, narrow: bool
) -> Iterator[Block]:
    """Good rows and malformed ones in order of their numbers, which count every row after the header."""
    invalid: list[tuple[int, str]] = []
    position = 1
    with utf8_stream(part, encoding, skip) as stream:
        if not stream.peek(1):
            return
        try:
            for batch in _open(stream, delimiter, quote, width, narrow, invalid):
                block, position = _number(batch, position, invalid)
                yield block
        except pa.ArrowInvalid as error:
            raise refuse("broken_quotes", file=part.name, row=position) from error
    if invalid:
        yield Block([pa.array([], pa.string())] * width, numbers(position, 0), invalid)


def _open(
    stream: io.BufferedReader,
    delimiter: str,
    quote: str,
    width: int,
    narrow: bool,
    invalid: list[tuple[int, str]],
) -> arrow_csv.CSVStreamingReader:
    names = [f"c{index}" for index in range(width)]

    def set_aside(row: arrow_csv.InvalidRow) -> str:
        invalid.append((row.number, row.text))
        return "skip"

    return arrow_csv.open_csv(
        stream,
        # One thread, because only then Arrow knows the numbers of the rows it sets aside.
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=names),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter,
            quote_char=quote or False,
            newlines_in_values=bool(quote),
            invalid_row_handler=set_aside,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in names},
            include_columns=names[:1] if narrow else names,
            strings_can_be_null=False,
            quoted_strings_can_be_null=False,
            check_utf8=False,  # the whole stream was decoded before
        ),
    )


def _number(batch: pa.RecordBatch, position: int, invalid: list[tuple[int, str]]) -> tuple[Block, int]:
    """Give the batch's rows their numbers, passing over those of the rows set aside among them."""
    last = position + batch.num_rows - 1
    aside = 0
    while aside < len(invalid) and invalid[aside][0] <= last + 1:
        aside += 1
        last += 1
    malformed, invalid[:aside] = invalid[:aside], []
    if not malformed:
        return Block(batch.columns, numbers(position, batch.num_rows)), last + 1
    gaps = np.array([number - position for number, _ in malformed])
    kept = np.delete(np.arange(position, last + 1), gaps)
    return Block(batch.columns, pa.array(kept, pa.int64()), malformed), last + 1
