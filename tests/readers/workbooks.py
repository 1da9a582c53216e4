"""Minimal spreadsheets written by hand, so that tests decide about every byte."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns"
DATE_STYLE, TIME_STYLE = 1, 2

Cell = str | int | float | bool | None | tuple[float, int]  # (number, style) is a date or a time


def write_xlsx(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[Cell]]],
    hidden: Sequence[str] = (),
    phantom_rows: int = 0,
    first_row: int = 1,
    first_column: str = "A",
) -> Path:
    """A workbook with `sheets`; each sheet claims and holds `phantom_rows` empty rows at its end."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", _content_types(len(sheets)))
        book.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"'
            + (' state="hidden"' if name in hidden else "")
            + "/>"
            for number, name in enumerate(sheets, 1)
        )
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        )
        targets = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
        book.writestr("xl/_rels/workbook.xml.rels", _relations([*targets, ("styles", "styles.xml")]))
        book.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{MAIN}"><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/>'
            '<xf numFmtId="22"/></cellXfs></styleSheet>',
        )
        for number, rows in enumerate(sheets.values(), 1):
            xml = _sheet(rows, phantom_rows, first_row, first_column)
            book.writestr(f"xl/worksheets/sheet{number}.xml", xml)
    return path


def _sheet(rows: Sequence[Sequence[Cell]], phantom_rows: int, first_row: int, first_column: str) -> str:
    width = max((len(row) for row in rows), default=1)
    start = ord(first_column)
    last = first_row + len(rows) - 1 + phantom_rows
    lines = []
    for number, row in enumerate(rows, first_row):
        cells = "".join(_cell(f"{chr(start + index)}{number}", value) for index, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    lines += [f'<row r="{number}"/>' for number in range(last - phantom_rows + 1, last + 1)]
    span = f"{first_column}{first_row}:{chr(start + width - 1)}{max(last, first_row)}"
    return f'<worksheet xmlns="{MAIN}"><dimension ref="{span}"/><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(reference: str, value: Cell) -> str:
    if value is None:
        return f'<c r="{reference}" s="1"/>'
    if isinstance(value, tuple):
        return f'<c r="{reference}" s="{value[1]}"><v>{value[0]}</v></c>'
    if isinstance(value, bool):
        return f'<c r="{reference}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{reference}"><v>{value}</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def _content_types(count: int) -> str:
    base = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{base}.worksheet+xml"/>'
        for number in range(1, count + 1)
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{base}.sheet.main+xml"/>{sheets}'
        f'<Override PartName="/xl/styles.xml" ContentType="{base}.styles+xml"/></Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}">{listed}</Relationships>'


def write_ods(path: Path, sheets: Mapping[str, Sequence[Sequence[str]]], phantom_rows: int = 0) -> Path:
    """An OpenDocument spreadsheet of text cells; empty rows at its end are one repeated row, as offices write."""
    tables = []
    for name, rows in sheets.items():
        lines = [
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
                if cell
                else "<table:table-cell/>"
                for cell in row
            )
            + "</table:table-row>"
            for row in rows
        ]
        if phantom_rows:
            lines.append(
                f'<table:table-row table:number-rows-repeated="{phantom_rows}"><table:table-cell/></table:table-row>'
            )
        tables.append(f'<table:table table:name="{escape(name)}">{"".join(lines)}</table:table>')
    content = (
        f'<office:document-content xmlns:office="{OPEN_DOCUMENT}:office:1.0" '
        f'xmlns:table="{OPEN_DOCUMENT}:table:1.0" xmlns:text="{OPEN_DOCUMENT}:text:1.0">'
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest/>")
        book.writestr("content.xml", content)
    return path
