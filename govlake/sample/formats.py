"""A delivery's texts as the bytes of a file: delimited text in the department's encoding, JSON lines, workbooks.

The same texts make the same bytes. Memory is bounded by one piece beside the table itself.
"""

import gzip
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from govlake.contracts.model import Source
from govlake.sample.frame import joined

PIECE = 200_000
STAMP = (2000, 1, 1, 0, 0, 0)
MARK = b"\xef\xbb\xbf"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def write(path: Path, texts: pa.Table, source: Source, title: str, below: Sequence[str] = ()) -> None:
    """Write the texts to `path` in the form that `source` agrees on.

    `title` stands above the header where that is not in the first row, and names the member of an archive; `below`
    is a last row that is none of the data.
    """
    if source.format == "xlsx":
        path.write_bytes(workbook(texts, source, title, below))
        return
    pieces = json_lines(texts) if source.format == "jsonl" else _delimited(texts, source)
    if path.suffix == ".zip":
        path.write_bytes(archive({f"{title}.{source.format}": b"".join(pieces)}))
    elif path.suffix == ".gz":
        with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
            packed.writelines(pieces)
    else:
        with path.open("wb") as file:
            file.writelines(pieces)


def archive(members: dict[str, bytes]) -> bytes:
    """A zip of these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name, STAMP), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _delimited(texts: pa.Table, source: Source) -> Iterator[bytes]:
    encoding = source.encodings[0]
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    if encoding == "utf-8":
        yield MARK
    yield (source.delimiter.join(texts.column_names) + "\n").encode(encoding)
    options = arrow_csv.WriteOptions(include_header=False, delimiter=source.delimiter, quoting_style="none")
    for start in range(0, len(texts), PIECE):
        piece = io.BytesIO()
        arrow_csv.write_csv(texts.slice(start, PIECE), piece, options)
        written = piece.getvalue()
        yield written if encoding == "utf-8" else written.decode("utf-8").encode(encoding)


def json_lines(texts: pa.Table) -> Iterator[bytes]:
    """One object per row; an empty text is null. The city's texts hold nothing that JSON would escape."""
    for start in range(0, len(texts), PIECE):
        piece = texts.slice(start, PIECE)
        values = []
        for number, name in enumerate(piece.column_names):
            column = piece[name].combine_chunks()
            is_empty = pc.call_function("equal", [column, pa.scalar("")])
            quoted = pc.call_function("if_else", [is_empty, pa.scalar("null"), joined('"', column, '"')])
            values += ["{" if not number else ", ", f'"{name}": ', quoted]
        yield "".join(joined(*values, "}\n").to_pylist()).encode("utf-8")


def workbook(texts: pa.Table, source: Source, title: str, below: Sequence[str]) -> bytes:
    """A workbook with one sheet; above its header stand the title and a note, as offices like it."""
    above = [[title], ["填报单位: 样例城市", "单位见表头"]][: source.header_row - 1]
    rows = [*above, texts.column_names, *zip(*(column.to_pylist() for column in texts.columns), strict=True)]
    rows += [list(below)] if below else []
    lines = "".join(
        f'<row r="{number}">{"".join(_cell(number, place, text) for place, text in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    )
    extent = f'<dimension ref="A1:{_letter(len(texts.column_names) - 1)}{len(rows)}"/>'
    name = source.sheet or "Sheet1"
    listed = f'<sheets><sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets>'
    kinds = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{SHEETS}.{kind}+xml"/>'
        for part, kind in (("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"))
    )
    return archive(
        {
            "[Content_Types].xml": (
                '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
                f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{kinds}</Types>'
            ).encode(),
            "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{listed}</workbook>'.encode(),
            "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
            "xl/worksheets/sheet1.xml": (
                f'<worksheet xmlns="{MAIN}">{extent}<sheetData>{lines}</sheetData></worksheet>'
            ).encode(),
        }
    )


def _cell(row: int, place: int, text: str) -> str:
    if not text:
        return ""
    return f'<c r="{_letter(place)}{row}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _letter(place: int) -> str:
    return chr(65 + place) if place < 26 else chr(64 + place // 26) + chr(65 + place % 26)


def _relation(kind: str, target: str) -> bytes:
    entry = f'<Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PACKAGE}">{entry}</Relationships>'.encode()
