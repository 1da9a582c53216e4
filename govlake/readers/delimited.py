"""Delimited text, streamed by Arrow's CSV reader with every cell as the text it is.

The header is read here, so that names may repeat, break over lines or stand below title rows; Arrow gets the
rows after it under made-up names. Wholly blank lines are no rows. A row that does not split into the header's
number of fields is kept as raw text with its number.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from govlake.contracts.model import Source, Table
from govlake.errors import ContractError
from govlake.readers.decoding import decoded, is_byte_safe
from govlake.readers.encoding import byte_stream, encoding_of, misfit, squeeze, text_stream, utf8_stream
from govlake.readers.layout import known_names
from govlake.readers.parts import Part
from govlake.readers.refusals import refuse
from govlake.readers.sheet import Block, Sheet, Tally, numbers

BLOCK_BYTES = 8 << 20  # also the longest row that can be read
SNIFFED = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Form:
    """How one delimited file is written: encoding, marks, fields per row, and how many lines precede its rows."""

    part: Part
    encoding: str
    delimiter: str
    quote: str
    width: int
    lines_above: int

    @property
    def as_bytes(self) -> bool:
        """Whether the file is split as bytes and decoded column by column."""
        return is_byte_safe(self.encoding, self.delimiter, self.quote or ",")


def sheets(part: Part, table: Table, source: Source) -> Iterator[Sheet]:
    """The one sheet of a delimited file."""
    marks = (*SNIFFED[:-1], source.quote) if source.delimiter == "auto" else (source.delimiter, source.quote)
    encoding = encoding_of(part, source.encodings, known_names(table), lambda name: is_byte_safe(name, *marks))
    with strictly(part, source):
        delimiter = _delimiter(part, encoding, table, source)
        names, lines_above = _header(part, encoding, delimiter, source)
    form = Form(part, encoding, delimiter, source.quote, len(names), lines_above)

    def blocks(tally: Tally, narrow: bool) -> Iterator[Block]:
        with strictly(part, source):
            yield from (_blocks_of_bytes(form) if form.as_bytes else _blocks(form, narrow))

    yield Sheet(part.name, tuple(names), encoding, blocks, positional=source.header_row == 0)


@contextmanager
def strictly(part: Part, source: Source) -> Iterator[None]:
    """A byte that does not decode while the file is read is refused like one that was found before."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise misfit(part, source.encodings) from error


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
    """The header's cells, and how many lines of the file precede the first data row.

    Without a header: one empty name per field of the first row.
    """
    consumed = 0

    def lines(stream: io.TextIOWrapper) -> Iterator[str]:
        nonlocal consumed
        for line in stream:
            consumed += 1
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


def _blocks(form: Form, narrow: bool) -> Iterator[Block]:
    """Good rows and malformed ones in order of their numbers, which count every row after the header."""
    with utf8_stream(form.part, form.encoding) as stream:
        _skip_lines(stream, form.lines_above)
        yield from _split(stream, form, narrow)


def _blocks_of_bytes(form: Form) -> Iterator[Block]:
    """The same, split as bytes up to the first malformed row; from there on as text, which alone can tell its text."""
    done = 0
    with byte_stream(form.part) as stream:
        _skip_lines(stream, form.lines_above)
        try:
            for batch in _open(stream, form, pa.binary(), False, None) if stream.peek(1) else ():
                yield Block([decoded(column, form.encoding) for column in batch.columns], numbers(done + 1, len(batch)))
                done += len(batch)
            return
        except pa.ArrowInvalid as error:
            if "columns, got" not in str(error):
                raise refuse("broken_quotes", file=form.part.name, row=done + 1) from error
    yield from (_after(block, done) for block in _blocks(form, False))


def _after(block: Block, done: int) -> Block:
    """The rows of `block` whose number is beyond `done`."""
    malformed = [entry for entry in block.malformed if entry[0] > done]
    keep = pa.array(np.asarray(block.numbers) > done)
    return Block([column.filter(keep) for column in block.columns], block.numbers.filter(keep), malformed)


def _skip_lines(stream: io.BufferedReader, lines: int) -> None:
    """Move past the first lines, ended by LF, CR or CR LF as the header reader saw them."""
    for _ in range(lines):
        while True:
            ahead = stream.peek(1)
            ends = [end for end in (ahead.find(b"\n"), ahead.find(b"\r")) if end >= 0]
            if not ahead or ends:
                break
            stream.read(len(ahead))
        if not ahead:
            return
        end = stream.read(min(ends) + 1)
        if end.endswith(b"\r") and stream.peek(1)[:1] == b"\n":
            stream.read(1)


def _split(stream: io.BufferedReader, form: Form, narrow: bool) -> Iterator[Block]:
    invalid: list[tuple[int, str]] = []
    position = 1
    if not stream.peek(1):
        return
    try:
        for batch in _open(stream, form, pa.string(), narrow, invalid):
            block, position = _number(batch, position, invalid)
            yield block
    except pa.ArrowInvalid as error:
        raise refuse("broken_quotes", file=form.part.name, row=position) from error
    if invalid:
        yield Block([pa.array([], pa.string())] * form.width, numbers(position, 0), invalid)


def _open(
    stream: io.BufferedReader, form: Form, kind: pa.DataType, narrow: bool, invalid: list[tuple[int, str]] | None
) -> arrow_csv.CSVStreamingReader:
    """Arrow's reader. Rows that do not split are put into `invalid`, or end the reading where that is None."""
    names = [f"c{index}" for index in range(form.width)]

    def set_aside(row: arrow_csv.InvalidRow) -> str:
        cast(list[tuple[int, str]], invalid).append((row.number, row.text))
        return "skip"

    return arrow_csv.open_csv(
        stream,
        # One thread, because only then Arrow knows the numbers of the rows it sets aside.
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, column_names=names),
        parse_options=arrow_csv.ParseOptions(
            delimiter=form.delimiter,
            quote_char=form.quote or False,
            newlines_in_values=bool(form.quote),
            invalid_row_handler=set_aside if invalid is not None else None,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: kind for name in names},
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
