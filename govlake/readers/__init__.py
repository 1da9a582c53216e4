"""Delivered files, whatever their format, as Arrow batches of text under the contract's column names.

A delivered cell is decoded and never altered. Everything streams, except workbooks and single JSON documents.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from govlake.contracts.model import Source, Table
from govlake.readers.layout import Header, Layout, lay_out, merge_headers
from govlake.readers.parts import parts_of, reading
from govlake.readers.sheet import Sheet, Tally

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Header", "Tally", "header", "read", "survey"]

MODULES = {
    "csv": "delimited",
    "tsv": "delimited",
    "xlsx": "workbook",
    "xls": "workbook",
    "ods": "workbook",
    "json": "documents",
    "jsonl": "documents",
    "xml": "documents",
    "parquet": "columnar",
}


def read(files: Sequence[Path], table: Table, source: Source, tally: Tally | None = None) -> "Iterator[pa.RecordBatch]":
    """The rows of `table` in a delivery, in batches of some ten thousand, in the order of the files.

    Columns: every delivered column of the contract as text (null where the file has no such column),
    `_source_file`, `_row_number` (1-based among the rows below the header), `_extra` (JSON of columns that the
    contract does not know) and `_malformed` (the raw text of a row that cannot be split; its columns are null).
    What is counted on the way goes to `tally`. Raises DeliveryError where the delivery cannot be read.
    """
    from govlake.readers.assemble import batches

    tally = tally if tally is not None else Tally()
    for sheet, layout in _sheets(files, table, source):
        with reading(sheet.name):
            yield from batches(sheet, layout, table, source, tally)


def header(files: Sequence[Path], table: Table, source: Source) -> Header:
    """Which columns of `table` the delivery has, lacks and adds. Raises DeliveryError as `read` does."""
    sheets = list(_sheets(files, table, source))
    return _header(table, sheets)


def survey(files: Sequence[Path], table: Table, source: Source) -> tuple[Header, Tally]:
    """The header of `table` and the number of its rows, counted without building any."""
    from govlake.readers.assemble import count

    tally = Tally()
    sheets = list(_sheets(files, table, source))
    for sheet, _ in sheets:
        with reading(sheet.name):
            count(sheet, table, source, tally)
    return _header(table, sheets), tally


def _header(table: Table, sheets: list[tuple[Sheet, Layout]]) -> Header:
    if not sheets:
        return Header(present=False)
    return merge_headers(
        table,
        [layout for _, layout in sheets],
        [sheet.encoding for sheet, _ in sheets],
        [sheet.name for sheet, _ in sheets],
    )


def _sheets(files: Sequence[Path], table: Table, source: Source) -> Iterator[tuple[Sheet, Layout]]:
    from govlake.readers.unpivot import unpivoted

    module = import_module(f"govlake.readers.{MODULES[source.format]}")
    for part in parts_of(files, table, source):
        with reading(part.name):
            for sheet in module.sheets(part, table, source):
                if source.unpivot:
                    sheet = unpivoted(sheet, table, source)
                yield sheet, lay_out(sheet.name, sheet.names, table, source, sheet.positional)
