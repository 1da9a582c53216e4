"""Blocks of a file laid out as the contract has it: agreed columns by name, the rest kept beside them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute

from govlake.contracts.model import Source, Table
from govlake.errors import ContractError
from govlake.readers.layout import Layout
from govlake.readers.sheet import Block, Sheet, Tally

pc = cast(Any, pyarrow.compute)  # its functions are made at import and unknown to type checkers
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"
ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))


def batch_schema(table: Table) -> pa.Schema:
    """What `read` yields: delivered columns as text, then where each row came from and what did not fit."""
    return pa.schema(
        [
            *((column.name, pa.string()) for column in table.delivered_columns),
            ("_source_file", pa.string()),
            ("_row_number", pa.int64()),
            ("_extra", pa.string()),
            ("_malformed", pa.string()),
        ]
    )


def batches(sheet: Sheet, layout: Layout, table: Table, source: Source, tally: Tally) -> Iterator[pa.RecordBatch]:
    """The rows of `sheet` under contract names; counts them into `tally`."""
    schema = batch_schema(table)
    for block in sheet.blocks(tally, False):
        block = _without_footnotes(block, source, table, tally)
        tally.rows += len(block.numbers) + len(block.malformed)
        tally.malformed += len(block.malformed)
        if len(block.numbers):
            yield _good(block, layout, table, sheet.name, schema)
        if block.malformed:
            yield _malformed(block, sheet.name, schema)


def count(sheet: Sheet, table: Table, source: Source, tally: Tally) -> None:
    """Count the rows of `sheet` as `batches` does, reading no more than that takes."""
    for block in sheet.blocks(tally, not source.skip_rows_matching):
        block = _without_footnotes(block, source, table, tally)
        tally.rows += len(block.numbers) + len(block.malformed)
        tally.malformed += len(block.malformed)


def _good(block: Block, layout: Layout, table: Table, file: str, schema: pa.Schema) -> pa.RecordBatch:
    size = len(block.numbers)
    nothing = pa.nulls(size, pa.string())
    columns = [
        block.columns[layout.positions[column.name]] if column.name in layout.positions else nothing
        for column in table.delivered_columns
    ]
    extra = _as_json(block, layout.unknown) if layout.unknown else nothing
    return pa.RecordBatch.from_arrays(
        [*columns, pa.repeat(pa.scalar(file), size), block.numbers, extra, nothing], schema=schema
    )


def _malformed(block: Block, file: str, schema: pa.Schema) -> pa.RecordBatch:
    size = len(block.malformed)
    content: dict[str, pa.Array] = {
        "_source_file": pa.repeat(pa.scalar(file), size),
        "_row_number": pa.array([number for number, _ in block.malformed], pa.int64()),
        "_malformed": pa.array([text for _, text in block.malformed], pa.string()),
    }
    nothing = pa.nulls(size, pa.string())
    return pa.RecordBatch.from_arrays([content.get(name, nothing) for name in schema.names], schema=schema)


def _as_json(block: Block, unknown: Mapping[str, int]) -> pa.Array:
    """One JSON object per row, built column by column."""
    pieces: list[pa.Array | pa.Scalar] = []
    for number, (name, index) in enumerate(unknown.items()):
        opening = ("{" if number == 0 else ", ") + json.dumps(name, ensure_ascii=False) + ": "
        pieces += [pa.scalar(opening), _quoted(block.columns[index])]
    return pc.binary_join_element_wise(*pieces, pa.scalar("}"), pa.scalar(""))


def _quoted(values: pa.Array) -> pa.Array:
    """Texts as JSON strings, nulls as null."""
    if pc.any(pc.match_substring_regex(values, CONTROL)).as_py():
        return pa.array([json.dumps(value, ensure_ascii=False) for value in values.to_pylist()], pa.string())
    for plain, escaped in ESCAPES:
        values = pc.replace_substring(values, plain, escaped)
    quote = pa.scalar('"')
    return pc.fill_null(pc.binary_join_element_wise(quote, values, quote, pa.scalar("")), "null")


def _without_footnotes(block: Block, source: Source, table: Table, tally: Tally) -> Block:
    """Drop the rows that the contract calls footnotes or totals, and count them."""
    pattern = source.skip_rows_matching
    if not pattern:
        return block
    malformed = [(number, text) for number, text in block.malformed if not re.search(pattern, text)]
    keep = None
    if len(block.numbers):
        cells = [pc.fill_null(column, "") for column in block.columns]
        joined = pc.binary_join_element_wise(*cells, pa.scalar(source.delimiter)) if cells else None
        try:
            keep = pc.invert(pc.match_substring_regex(joined, pattern)) if joined is not None else None
        except pa.ArrowInvalid as error:
            raise ContractError(
                f"skipRowsMatching of {table.key} is '{pattern}', which is not a regular expression: {error}.",
                "Correct the pattern; look-around and back-references are not available.",
            ) from error
    tally.rows_skipped += len(block.malformed) - len(malformed)
    if keep is None or pc.all(keep).as_py():
        return Block(block.columns, block.numbers, malformed)
    tally.rows_skipped += pc.sum(pc.invert(keep)).as_py()
    columns = [column.filter(keep) for column in block.columns]
    return Block(columns, block.numbers.filter(keep), malformed)
