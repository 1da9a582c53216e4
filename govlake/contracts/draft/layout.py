"""Which tables a delivered file holds and how each is found in it: members, sheets, records."""

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from govlake.contracts.draft import shapes
from govlake.contracts.draft.text import HEAD, decoded, encoding_of, writing_of
from govlake.contracts.model import Source, Table
from govlake.errors import ContractError
from govlake.readers.parts import SUFFIXES, Part, parts_of

MAGIC = {b"PAR1": "parquet", b"\xd0\xcf\x11\xe0": "xls"}
PREVIEW = 60
DEEP = 6
SHEETS = {"xlsx", "xls", "ods"}


@dataclass(frozen=True)
class Found:
    """One table of a delivery: the headers as delivered, how to read it, what a person should know."""

    label: str
    headers: tuple[str, ...]
    source: Source
    file: str = ""
    notes: tuple[str, ...] = field(default=())


def tables_in(file: Path) -> list[Found]:
    """Every table of a delivered file, the largest first where there are sheets to choose from."""
    if not file.is_file():
        raise ContractError(f"There is no file {file}.", "Give the path of a delivered file.")
    if file.stat().st_size == 0:
        raise ContractError(f"The file {file} is empty.", "Give a file with at least a header and some rows.")
    format_name = format_of(file)
    parts = parts_of([file], _any_table(), Source(format=format_name))
    found = [table for part in parts for table in _tables_of(part, format_name)]
    if not found:
        raise ContractError(f"No table was found in {file}.", "Is it a csv, xlsx, ods, json, xml or parquet file?")
    return _merged(found) if len(parts) > 1 else found


def format_of(file: Path) -> str:
    """The format of the data: by content first, because suffixes lie; of an archive, that of most members."""
    with file.open("rb") as stream:
        start = stream.read(512)
    for magic, name in MAGIC.items():
        if start.startswith(magic):
            return name
    if start.startswith(b"PK\x03\x04"):
        return _format_of_archive(file)
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() not in (".gz", ".bz2", ".xz")]
    named = _by_suffix(suffixes[-1]) if suffixes else ""
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if named not in ("json", "jsonl", "xml") and not suffixes:
        named = "json" if text[:1] in (b"{", b"[") else "xml" if text[:1] == b"<" else "csv"
    return _json_or_lines(file) if named in ("json", "jsonl") else named if named not in SHEETS else "csv"


def _by_suffix(suffix: str) -> str:
    order = ("csv", *(name for name in SUFFIXES if name != "csv"))
    return "tsv" if suffix == ".tsv" else next((name for name in order if suffix in SUFFIXES[name]), "csv")


def _format_of_archive(file: Path) -> str:
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
    if "[Content_Types].xml" in names:
        return "xlsx"
    if "mimetype" in names:
        return "ods"
    suffixes = Counter(_by_suffix(Path(name).suffix.lower()) for name in names if Path(name).suffix)
    return suffixes.most_common(1)[0][0] if suffixes else "csv"


def _json_or_lines(file: Path) -> str:
    """JSON lines hold one whole document per line."""
    with file.open("rb") as stream:
        first = stream.readline(HEAD).strip().removesuffix(b",")
        second = stream.readline(HEAD).strip()
    try:
        json.loads(first)
        json.loads(second)
    except (ValueError, UnicodeDecodeError):
        return "json"
    return "jsonl"


def _any_table() -> Table:
    return Table("", "", "", "", "", "", (), ())


def _tables_of(part: Part, format_name: str) -> Iterator[Found]:
    label = Path(part.label).name
    file = label if part.member else ""
    readers = {"csv": _delimited, "tsv": _delimited, "parquet": _parquet, "xml": _xml}
    reader = _workbook if format_name in SHEETS else readers.get(format_name, _json)
    for found in reader(part, format_name):
        yield replace(found, label=found.label or Path(label).stem, file=file)


def _delimited(part: Part, format_name: str) -> Iterator[Found]:
    head = part.head(HEAD)
    if not head.strip():
        return
    writing = writing_of(head, _telling(part, head))
    rows, row = writing.rows, writing.header_row
    headers = rows[row - 1] if row else [f"column_{position + 1}" for position in range(_width(rows))]
    default = "\t" if format_name == "tsv" else ","
    name = "tsv" if writing.delimiter == "\t" and format_name == "tsv" else "csv"
    source = Source(
        format=name,
        encodings=(writing.encoding,),
        delimiter=writing.delimiter if name == "csv" else default,
        quote=writing.quote,
        header_row=row,
    )
    notes = [] if row else ["The file has no header: columns are taken by position, so their order is the agreement."]
    yield Found("", _without_trailing_blanks(headers), source, notes=tuple(notes))


def _telling(part: Part, head: bytes) -> bytes:
    """The first bytes that tell encodings apart: plain ASCII at a file's beginning fits all of them."""
    if len(head) < HEAD or not head.isascii():
        return head
    with part.open() as stream:
        while chunk := stream.read(HEAD):
            if not chunk.isascii():
                return chunk
    return head


def _width(rows: Sequence[Sequence[str]]) -> int:
    return Counter(len(row) for row in rows if row).most_common(1)[0][0] if rows else 1


def _without_trailing_blanks(headers: Sequence[str]) -> tuple[str, ...]:
    names = list(headers)
    while names and not names[-1].strip():
        names.pop()
    return tuple(names)


def _workbook(part: Part, format_name: str) -> Iterator[Found]:
    """Visible sheets, the one with most rows first; those with the same header are one table."""
    import python_calamine as calamine

    with part.open() as stream:
        book = calamine.load_workbook(stream)
    groups: dict[tuple[str, ...], list[tuple[str, int, int]]] = {}
    for meta in book.sheets_metadata:
        if "Hidden" in str(meta.visible):
            continue
        rows = [[_cell(cell) for cell in row] for row in book.get_sheet_by_name(meta.name).iter_rows()]
        if sum(1 for row in rows if any(row)) < 2:
            continue
        row = shapes.header_row(rows[:PREVIEW])
        headers = rows[row - 1] if row else [f"column_{position + 1}" for position in range(len(rows[0]))]
        groups.setdefault(_without_trailing_blanks(headers), []).append((meta.name, len(rows), row))
    ordered = sorted(groups.items(), key=lambda entry: -sum(size for _, size, _ in entry[1]))
    for headers, sheets in ordered:
        others = [name for other, found in ordered if other != headers for name, _, _ in found]
        note = f"Other sheets with other columns: {', '.join(others)}. Each needs a contract of its own."
        glob = common_glob([name for name, _, _ in sheets]) if len(book.sheet_names) > 1 else ""
        source = Source(format=format_name, sheet=glob, header_row=sheets[0][2])
        label = "" if len(groups) == 1 else sheets[0][0]
        yield Found(label, headers, source, notes=(note,) if others else ())


def _cell(cell: Any) -> str:
    text = str(cell)
    return text.removesuffix(".0") if isinstance(cell, float) else text


def common_glob(names: Sequence[str]) -> str:
    """A pattern for names that differ, and for a name that carries a date: digits become a star."""
    if len(names) == 1:
        return re.sub(r"\d{3,}", "*", names[0]) if re.search(r"\d{3,}", names[0]) else names[0]
    start = next((i for i, letters in enumerate(zip(*names, strict=False)) if len(set(letters)) > 1), 0)
    backwards = [name[::-1] for name in names]
    end = next((i for i, letters in enumerate(zip(*backwards, strict=False)) if len(set(letters)) > 1), 0)
    return f"{names[0][:start]}*{names[0][len(names[0]) - end :] if end else ''}"


def _json(part: Part, format_name: str) -> Iterator[Found]:
    with part.open() as stream:
        content = stream.read() if format_name == "json" else stream.read(HEAD)
    encoding = encoding_of(content[:HEAD])
    try:
        if format_name == "json":
            document = json.loads(decoded(content, encoding))
        else:
            document = [json.loads(line) for line in decoded(content, encoding).splitlines()[:-1] or [content]]
    except ValueError as error:
        raise ContractError(f"{part.name} is not valid JSON ({error}).", "Ask for a complete file.") from error
    path, records = max(_record_lists(document, ""), key=lambda entry: len(entry[1]), default=("", []))
    if not records and isinstance(document, dict):
        records = [document]
    names: dict[str, None] = {}
    for record in records[:2000]:
        names.update(dict.fromkeys(_flat_names(record, "")))
    around = _around(document, path) if format_name == "json" else []
    source = Source(format=format_name, encodings=(encoding,), record_path=path if format_name == "json" else "")
    yield Found("", (*names, *around), source)


def _record_lists(value: Any, path: str, depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """Every list of objects, or object of objects, with the path that leads to it."""
    if depth > DEEP:
        return
    if isinstance(value, list):
        if value and all(isinstance(entry, dict) for entry in value):
            yield path, value
        elif len(value) > 1 and all(isinstance(entry, list) for entry in value) and path == "":
            names = [str(name) for name in value[0]]
            yield path, [dict(zip(names, row, strict=False)) for row in value[1:]]
    elif isinstance(value, dict):
        inner = list(value.values())
        if len(inner) > 1 and all(isinstance(entry, dict) for entry in inner):
            yield path, [{"@key": key, **entry} for key, entry in value.items()]
        for key, entry in value.items():
            yield from _record_lists(entry, f"{path}.{key}".lstrip("."), depth + 1)


def _flat_names(record: dict[str, Any], prefix: str) -> Iterator[str]:
    for key, value in record.items():
        if isinstance(value, dict) and value:
            yield from _flat_names(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _around(document: Any, path: str) -> list[str]:
    """Single values beside the records, such as the time of the snapshot; the reader repeats them in each row."""
    if not path or not isinstance(document, dict):
        return []
    return [f"$.{key}" for key, value in document.items() if not isinstance(value, dict | list) and value is not None]


def _xml(part: Part, format_name: str) -> Iterator[Found]:
    """The element that repeats most, if it is not a child of the root, is named by its path's end."""
    from xml.etree import ElementTree

    from govlake.readers.documents import _fields

    with part.open() as stream:
        root = ElementTree.fromstring(stream.read())
    groups: Counter[str] = Counter()
    for parent in root.iter():
        for child in parent:
            if len(child) or child.attrib:
                groups[_local(child.tag)] += 1
    tag = groups.most_common(1)[0][0] if groups else ""
    records = [element for element in root.iter() if _local(element.tag) == tag] or list(root)
    names: dict[str, None] = {}
    for record in records[:2000]:
        names.update(dict.fromkeys(_fields(record)))
    direct = tag and all(_local(child.tag) == tag for child in root)
    yield Found("", tuple(names), Source(format="xml", record_path="" if direct else tag))


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _parquet(part: Part, format_name: str) -> Iterator[Found]:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    with part.open() as stream:
        names = parquet.ParquetFile(pa.BufferReader(stream.read())).schema_arrow.names
    yield Found("", tuple(names), Source(format=format_name))


def _merged(found: list[Found]) -> list[Found]:
    """Members with the same header are one table in several files."""
    groups: dict[tuple[str, ...], list[Found]] = {}
    for table in found:
        groups.setdefault(table.headers, []).append(table)
    merged = []
    for tables in groups.values():
        first = tables[0]
        if len(tables) > 1:
            glob = common_glob([table.file for table in tables])
            first = replace(first, file=glob, label=glob.split("*")[0].strip("_- ") or first.label)
        merged.append(first)
    return merged
