"""xlsx, xls and ods: the text of each cell as a person sees it.

Whole numbers have no `.0`, other numbers the 15 digits that a spreadsheet knows, dates and times are ISO text
with a blank between them, yes and no are TRUE and FALSE. Hidden sheets are read only where the contract spells
out their name. Wholly blank rows at the end, which spreadsheets keep after deleting, are dropped and counted.
"""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from fnmatch import fnmatchcase
from io import BytesIO
from itertools import islice
from typing import Any

import pyarrow as pa

from govlake.contracts.model import Source, Table
from govlake.readers.parts import Part
from govlake.readers.refusals import refuse, shorten
from govlake.readers.sheet import ROWS, Block, Sheet, Tally, numbers


def sheets(part: Part, table: Table, source: Source) -> Iterator[Sheet]:
    """The sheets whose name is like `source.sheet`; the first visible one where it names none."""
    import python_calamine as calamine

    with part.open() as stream:
        content = BytesIO(stream.read())
    try:
        book = calamine.load_workbook(content)
    except calamine.PasswordError as error:
        raise refuse("encrypted", file=part.name) from error
    except (calamine.CalamineError, zipfile.BadZipFile, OSError) as error:
        raise refuse("workbook", file=part.name, why=str(error) or "it is damaged") from error
    for name in _chosen(part, book, source.sheet):
        try:
            grid = book.get_sheet_by_name(name)
        except calamine.CalamineError as error:
            raise refuse("workbook", file=f"{part.name}!{name}", why=str(error)) from error
        yield _sheet(part, name, grid, _declared_rows(content, book, name), source)


def _chosen(part: Part, book: Any, pattern: str) -> list[str]:
    visible = [sheet.name for sheet in book.sheets_metadata if "Hidden" not in str(sheet.visible)]
    if not pattern:
        return visible[:1] or book.sheet_names[:1]
    if pattern in book.sheet_names:
        return [pattern]
    chosen = [name for name in visible if fnmatchcase(name, pattern)]
    if not chosen:
        raise refuse("no_sheet", file=part.name, pattern=pattern, members=shorten(book.sheet_names))
    return chosen


def _sheet(part: Part, name: str, grid: Any, declared: int, source: Source) -> Sheet:
    label = f"{part.name}!{name}"
    above = source.header_row
    head = list(islice(_rows(grid), above))
    if above and (len(head) < above or not any(_text(cell).strip() for cell in head[-1])):
        raise refuse("no_header", file=label, row=above)
    names = [_text(cell) for cell in head[-1]] if above else [""] * (grid.width if grid.start else 0)
    while above and not names[-1].strip():
        names.pop()

    def blocks(tally: Tally, narrow: bool) -> Iterator[Block]:
        return _blocks(islice(_rows(grid), above, None), len(names), declared - above, tally)

    return Sheet(label, tuple(names), "", blocks, positional=not above)


def _rows(grid: Any) -> Iterator[list[Any]]:
    """Rows from the top of the sheet, columns from the first one in use; none in an empty sheet."""
    return grid.iter_rows() if grid.start else iter(())


def _blocks(rows: Iterator[list[Any]], width: int, declared: int, tally: Tally) -> Iterator[Block]:
    """Rows as text columns. Blank rows wait until a row with content follows; at the end they are dropped."""
    position, last = 1, 0
    kept: list[list[str]] = []
    waiting = 0
    for row in rows:
        last += 1
        cells = [_text(cell) for cell in row[:width]] + [""] * (width - len(row))
        if not any(cells):
            waiting += 1
            continue
        kept += [[""] * width] * waiting
        waiting = 0
        kept.append(cells)
        if len(kept) >= ROWS:
            yield _block(kept, width, position)
            position += len(kept)
            kept = []
    if kept:
        yield _block(kept, width, position)
    tally.blank_rows_dropped += waiting + max(declared - last, 0)


def _block(rows: list[list[str]], width: int, position: int) -> Block:
    columns = [pa.array([row[index] for row in rows], pa.string()) for index in range(width)]
    return Block(columns, numbers(position, len(rows)))


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(cell, ".15g")
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "microseconds" if cell.microsecond else "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
    return str(cell)


def _declared_rows(content: BytesIO, book: Any, name: str) -> int:
    """How many rows an xlsx sheet says it has, phantom ones included; 0 where it does not say."""
    try:
        with zipfile.ZipFile(content) as archive:
            number = book.sheet_names.index(name) + 1
            with archive.open(f"xl/worksheets/sheet{number}.xml") as sheet:
                head = sheet.read(4096)
    except (KeyError, zipfile.BadZipFile):
        return 0
    found = re.search(rb"<(?:\w+:)?dimension ref=\"[A-Z]+\d+:[A-Z]+(\d+)\"", head)
    return int(found.group(1)) if found else 0
