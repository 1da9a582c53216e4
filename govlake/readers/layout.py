"""How the columns of a delivered file answer to the columns of the contract.

Columns are found by name, never by position, unless the contract says that the file has no header. Names are
compared without white space, line breaks and BOM; where that fails, also regardless of case and of full-width
forms, which counts as renamed.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from govlake.contracts.model import Source, Table
from govlake.readers.encoding import squeeze
from govlake.readers.refusals import refuse, shorten


@dataclass(frozen=True)
class Header:
    """What the header of a delivery says about one table.

    `found`, `missing` (without those that may be absent) and the keys of `renamed` are contract names;
    `unknown` and the values of `renamed` are names as delivered (an alias as the contract spells it). `present` is
    False where an optional table is not part of the delivery.
    """

    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    files: tuple[str, ...] = ()
    present: bool = True


@dataclass(frozen=True)
class Layout:
    """Positions in one file: of each contract column that it has, and of the columns nobody knows."""

    positions: Mapping[str, int]
    unknown: Mapping[str, int]
    renamed: Mapping[str, str]


def known_names(table: Table) -> tuple[str, ...]:
    """Every header name under which a column of the table may arrive."""
    return tuple(name for column in table.delivered_columns for name in column.delivered)


def lay_out(file: str, names: Sequence[str], table: Table, source: Source, positional: bool) -> Layout:
    """Match the delivered header `names` of `file` with the contract.

    Raises DeliveryError where no agreed column is there at all, or where one is there twice.
    """
    if positional:
        return _by_position(names, table)
    squeezed = [squeeze(name) for name in names]
    positions: dict[str, int] = {}
    renamed: dict[str, str] = {}
    for column in table.delivered_columns:
        agreed = [squeeze(name) for name in column.delivered]
        found = next((name for name in agreed if name in squeezed), None)
        if found is None:
            continue
        if squeezed.count(found) > 1:
            raise refuse("duplicate_column", file=file, column=found, times=squeezed.count(found))
        positions[column.name] = squeezed.index(found)
        if found != agreed[0]:
            renamed[column.name] = column.delivered[agreed.index(found)]
    _match_folded(names, squeezed, table, positions, renamed)
    if not positions:
        raise _nothing_known(file, names, table, source)
    taken = set(positions.values())
    return Layout(positions, _label([(i, n) for i, n in enumerate(squeezed) if i not in taken]), renamed)


def _by_position(names: Sequence[str], table: Table) -> Layout:
    columns = table.delivered_columns
    positions = {column.name: index for index, column in enumerate(columns[: len(names)])}
    return Layout(positions, _label([(i, "") for i in range(len(columns), len(names))]), {})


def _match_folded(
    names: Sequence[str],
    squeezed: Sequence[str],
    table: Table,
    positions: dict[str, int],
    renamed: dict[str, str],
) -> None:
    taken = set(positions.values())
    free = {_fold(name): index for index, name in enumerate(squeezed) if index not in taken and name}
    for column in table.delivered_columns:
        for name in () if column.name in positions else column.delivered:
            index = free.pop(_fold(squeeze(name)), None)
            if index is not None:
                positions[column.name] = index
                renamed[column.name] = names[index].strip()
                break


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _label(unknown: Sequence[tuple[int, str]]) -> dict[str, int]:
    """Unknown columns by name; unnamed and repeated ones carry their position."""
    times = Counter(name for _, name in unknown)
    return {name if name and times[name] == 1 else f"{name}#{index + 1}": index for index, name in unknown}


def _nothing_known(file: str, names: Sequence[str], table: Table, source: Source) -> Exception:
    hint_en = hint_zh = ""
    if len(names) == 1:
        other = next((mark for mark in ";\t|," if mark != source.delimiter and mark in names[0]), "")
        if other:
            shown = "tab" if other == "\t" else other
            hint_en = f" The delimiter looks like '{shown}', agreed is '{source.delimiter}'."
            hint_zh = f"分隔符似为“{shown}”,约定为“{source.delimiter}”。"
    return refuse(
        "no_known_column",
        file=file,
        row=source.header_row,
        header=shorten([squeeze(name) for name in names], 6),
        agreed=shorten([column.delivered[0] for column in table.delivered_columns], 6),
        hint_en=hint_en,
        hint_zh=hint_zh,
    )


def merge_headers(table: Table, layouts: Sequence[Layout], encodings: Sequence[str], files: Sequence[str]) -> Header:
    """One header for a table that arrived in several files: missing in one of them is missing."""
    names = [column.name for column in table.delivered_columns]
    found = tuple(name for name in names if all(name in layout.positions for layout in layouts))
    optional = {column.name for column in table.delivered_columns if column.optional_in_file}
    return Header(
        found=found,
        missing=tuple(name for name in names if name not in found and name not in optional),
        unknown=tuple(dict.fromkeys(name for layout in layouts for name in layout.unknown)),
        renamed={name: told for layout in layouts for name, told in layout.renamed.items()},
        encoding=", ".join(dict.fromkeys(encoding for encoding in encodings if encoding)),
        files=tuple(files),
    )
