"""The rows of a draft's table, as the reader will deliver them, and what stands below them that is no row."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from govlake import readers
from govlake.contracts.draft import shapes, words
from govlake.contracts.draft.layout import Found
from govlake.contracts.draft.values import ENOUGH, Values, profile
from govlake.contracts.model import Column, Source, Table
from govlake.readers.encoding import squeeze

MOST_ROWS = 100_000
TAIL = 15
TOTALS = re.compile(r"[合总總小]?[计計]|[总總][数數]|全[体體]|(sub)?totals?|sum", re.I)
NOTE = re.compile(r"[\"']?(备注|備註|注|註|说明|說明|资料|資料)")


@dataclass(frozen=True)
class Sample:
    """A table's columns with their profiles and its rows, cleaned. `rows` holds no empty, malformed or footing row."""

    headers: tuple[str, ...]
    names: tuple[str, ...]
    values: tuple[Values, ...]
    rows: tuple[tuple[str, ...], ...]
    source: Source
    is_whole: bool
    empty: int = 0
    malformed: int = 0
    repeated: int = 0
    totals: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def sample_of(file: Path, found: Found, most: int = MOST_ROWS) -> Sample:
    """Up to `most` rows of a table, read by govlake's own reader."""
    headers, dropped = _usable(found.headers)
    names = words.column_names(headers)
    table = _table(headers, names, found)
    rows, malformed, is_whole = _rows(file, table, found.source, most)
    filled = [row for row in rows if any(row)]
    footing = _footing(filled, malformed) if is_whole else []
    source = replace(found.source, skip_rows_matching=_pattern(footing)) if footing else found.source
    kept = [row for row in filled if not _is_footing(row, source)]
    return Sample(
        headers=tuple(headers),
        names=tuple(names),
        values=tuple(_profiles(headers, names, kept)),
        rows=tuple(kept),
        source=source,
        is_whole=is_whole,
        empty=len(rows) - len(filled),
        malformed=sum(1 for text in malformed if not _matches(text, source)),
        repeated=len(kept) - len(set(kept)),
        totals=_totals(kept),
        dropped=tuple(dropped),
    )


def _usable(headers: Sequence[str]) -> tuple[list[str], list[str]]:
    """Headers that can be agreed on: blank and repeated ones are kept by the reader, but nobody can name them."""
    squeezed = Counter(squeeze(header) for header in headers)
    usable = [header for header in headers if squeeze(header) and squeezed[squeeze(header)] == 1]
    return usable, [header for header in headers if header not in usable]


def _table(headers: Sequence[str], names: Sequence[str], found: Found) -> Table:
    columns = tuple(Column(name, "string", (header,)) for name, header in zip(names, headers, strict=True))
    return Table("draft", "draft", "", "", "", found.file, columns, ())


def _rows(file: Path, table: Table, source: Source, most: int) -> tuple[list[tuple[str, ...]], list[str], bool]:
    """Cleaned rows, the text of malformed ones, and whether that is all."""
    names = [column.name for column in table.columns]
    rows: list[tuple[str, ...]] = []
    malformed: list[str] = []
    for batch in readers.read([file], table, source):
        malformed += [text for text in batch.column("_malformed").to_pylist() if text]
        good = batch.filter(batch.column("_malformed").is_null())
        cells = [[shapes.clean(cell or "") for cell in good.column(name).to_pylist()] for name in names]
        rows += zip(*cells, strict=True)
        if len(rows) >= most:
            return rows[:most], malformed, False
    return rows, malformed, True


def _footing(rows: Sequence[tuple[str, ...]], malformed: Sequence[str]) -> list[str]:
    """First cells of the last rows that hold a note and no record."""
    usual = Counter(sum(1 for cell in row if cell) for row in rows).most_common(1)
    notes = []
    for row in reversed(rows[-TAIL:]):
        filled = [cell for cell in row if cell]
        if not usual or usual[0][0] < 3 or len(filled) > max(1, usual[0][0] // 4) or not row[0]:
            break
        notes.append(row[0])
    return notes + [
        text for text in malformed[-TAIL:] if re.match(r"[\"']?(备注|備註|注|註|说明|說明|资料|資料)", text)
    ]


def _pattern(notes: Sequence[str]) -> str:
    """A regular expression for notes: their words up to a colon, or the numbers that they are counted by."""
    starts: dict[str, None] = {}
    for note in reversed(notes):
        numbered = re.match(r"[0-9]+([.、．])", note)
        if numbered:
            starts[r"[0-9]+[.、．] ?[^0-9]"] = None
        else:
            starts[plain_pattern(re.split(r"[:：,，(（0-9]", note.strip('"'))[0][:12])] = None
    return f'^"?({"|".join(start for start in starts if start)})'


def plain_pattern(text: str) -> str:
    """A regular expression for just this text; the engine's knows no escaped letters or blanks."""
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", text)


def _is_footing(row: Sequence[str], source: Source) -> bool:
    return _matches(source.delimiter.join(row), source)


def _matches(text: str, source: Source) -> bool:
    return bool(source.skip_rows_matching and re.search(source.skip_rows_matching, text))


def _totals(rows: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Words that mark rows which sum up others."""
    found = Counter(cell for row in rows for cell in row[:4] if TOTALS.fullmatch(squeeze(cell)))
    return tuple(found)


def _profiles(headers: Sequence[str], names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> list[Values]:
    columns = list(zip(*rows, strict=True)) if rows else []
    profiles = []
    for header, name, cells in zip_longest(headers, names, columns, fillvalue=()):
        profiles.append(profile(str(header), str(name), Counter(cells), len(cells), _numbers_rows(cells)))
    return profiles


def _numbers_rows(cells: Sequence[str]) -> bool:
    """Whether a column counts 1, 2, 3, ... with few gaps."""
    in_order = sum(cell == str(number) for number, cell in enumerate(cells, 1))
    return len(cells) > 2 and in_order >= ENOUGH * len(cells)
