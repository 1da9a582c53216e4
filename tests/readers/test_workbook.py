"""Spreadsheets: cells as a person sees them, phantom rows gone and counted, hidden sheets left alone."""

from pathlib import Path

import pytest

from govlake.errors import DeliveryError
from govlake.readers import survey
from tests.readers.deliveries import cells_of, rows_of, source_of, table_of, write, write_zip
from tests.readers.workbooks import DATE_STYLE, TIME_STYLE, Cell, write_ods, write_xlsx

XLSX = source_of(format="xlsx")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param(24, "24", id="whole number"),
        pytest.param(24.0, "24", id="whole float"),
        pytest.param(0.7809999999999999, "0.781", id="float noise"),
        pytest.param(123456789012345678.0, "123456789012345680", id="long number"),
        pytest.param("007 ", "007 ", id="text stays"),
        pytest.param("\n\t留言", "\n\t留言", id="padding stays"),
        pytest.param(True, "TRUE", id="yes"),
        pytest.param((43700, DATE_STYLE), "2019-08-23", id="date"),
        pytest.param((43700.5, TIME_STYLE), "2019-08-23 12:00:00", id="date and time"),
    ],
)
def test_cells_read_as_a_person_would(tmp_path: Path, cell: Cell, text: str) -> None:
    file = write_xlsx(tmp_path / "a.xlsx", {"S": [["a", "b"], [cell, "x"]]})
    assert cells_of(file, table_of("a", "b"), XLSX) == [(text, "x")]


def test_phantom_rows_are_dropped_and_counted_but_blank_rows_between_stay(tmp_path: Path) -> None:
    rows = [["a", "b"], ["1", "2"], [None, None], ["3", "4"], [None, None]]
    file = write_xlsx(tmp_path / "a.xlsx", {"S": rows}, phantom_rows=64)
    table = table_of("a", "b")
    assert cells_of(file, table, XLSX) == [("1", "2"), ("", ""), ("3", "4")]
    assert survey([file], table, XLSX)[1].blank_rows_dropped == 65


def test_header_below_titles_and_beside_blank_columns(tmp_path: Path) -> None:
    rows = [["Title"], ["n\nx", "d", None], [1, 2, None]]
    file = write_xlsx(tmp_path / "a.xlsx", {"S": rows}, first_row=2, first_column="B")
    assert cells_of(file, table_of("nx", "d"), source_of(format="xlsx", header_row=3)) == [("1", "2")]


def test_sheets_by_name(tmp_path: Path) -> None:
    sheets = {name: [["a"], [name]] for name in ("11410_急性", "11410_精神", "old_急性")}
    file = write_xlsx(tmp_path / "a.xlsx", sheets, hidden=["old_急性"])
    table = table_of("a")
    assert cells_of(file, table, XLSX) == [("11410_急性",)]
    assert cells_of(file, table, source_of(format="xlsx", sheet="*_急性")) == [("11410_急性",)]
    assert cells_of(file, table, source_of(format="xlsx", sheet="old_急性")) == [("old_急性",)]
    both = rows_of(file, table, source_of(format="xlsx", sheet="11410_*"))
    assert [row["_source_file"] for row in both] == ["a.xlsx!11410_急性", "a.xlsx!11410_精神"]
    with pytest.raises(DeliveryError, match="no sheet like '2020'"):
        rows_of(file, table, source_of(format="xlsx", sheet="2020"))


def test_open_document(tmp_path: Path) -> None:
    file = write_ods(tmp_path / "a.ods", {"S": [["t", ""], ["a", "b"], ["1", ""]]}, phantom_rows=1000)
    assert cells_of(file, table_of("a", "b"), source_of(format="ods", header_row=2)) == [("1", "")]


def test_a_workbook_in_an_archive(tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "a.xlsx", {"S": [["a"], ["1"]]})
    file = write_zip(tmp_path, {"in/a.xlsx": book.read_bytes()})
    assert rows_of(file, table_of("a"), XLSX)[0]["_source_file"] == "rows.zip!in/a.xlsx!S"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"PK\x03\x04 cut short", "damaged"), (b"a,b\n1,2\n", "not a workbook")],
    ids=["truncated", "a text file"],
)
def test_what_is_no_workbook(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(DeliveryError, match=sentence):
        rows_of(write(tmp_path, content, "a.xlsx"), table_of("a"), XLSX)


def test_an_empty_sheet(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="has no row 1"):
        rows_of(write_xlsx(tmp_path / "a.xlsx", {"S": []}), table_of("a"), XLSX)
