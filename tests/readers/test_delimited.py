"""Delimited text: cells survive as delivered, rows keep their numbers, columns are found by name."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govlake.contracts.model import Column
from govlake.errors import ContractError, DeliveryError
from govlake.readers import delimited, header
from tests.readers.deliveries import cells_of, rows_of, source_of, table_of, write

TWO = table_of("a", "b")
ONE_WAY = "¢£¥•‾∼☉♁､"  # Python's cp950 writes these but reads others back


def encodable(encoding: str) -> st.SearchStrategy[str]:
    """Texts with quotes, commas, line breaks and Chinese that `encoding` can write."""
    alphabet = st.characters(codec=encoding, exclude_characters="\x00\ufeff" + ONE_WAY)
    return st.text(st.one_of(alphabet, st.sampled_from('",;\n\r\t \\地站')), max_size=12)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "cp950", "utf-16"])
def test_any_text_comes_back_as_it_was_written(encoding: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp(encoding)
    alphabet = encodable("cp950" if encoding == "cp950" else "utf-8")

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(alphabet, alphabet), max_size=5))
    def check(rows: list[tuple[str, str]]) -> None:
        text = io.StringIO(newline="")
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        writer.writerows([("甲a", "b"), *rows])
        file = write(folder, text.getvalue(), encoding=encoding)
        source = source_of(encodings=("utf-8-sig", encoding))
        assert cells_of(file, table_of("甲a", "b"), source) == rows

    check()


def test_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    assert cells_of(write(tmp_path, "b,a\n1,2\n"), TWO) == [("2", "1")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("a,b\r\n1,2\r\n3,4", [("1", "2"), ("3", "4")], id="CRLF, no last newline"),
        pytest.param("a,b\n\n1,2\n\n\n3,4\n\n", [("1", "2"), ("3", "4")], id="blank lines are no rows"),
        pytest.param('a,b\n"x\ny","1""2"\n', [("x\ny", '1"2')], id="quoted newline and quote"),
        pytest.param("a,b\n,\n", [("", "")], id="empty cells are empty text"),
        pytest.param("a,b\nNULL,NA\n", [("NULL", "NA")], id="null words stay"),
        pytest.param("a,b\n007, 1 \n", [("007", " 1 ")], id="zeros and blanks stay"),
        pytest.param("a,b\nx\x00y,1\n", [("x\x00y", "1")], id="NUL"),
        pytest.param("a,b\n", [], id="header only"),
        pytest.param("a,b", [], id="header only, no newline"),
        pytest.param("a,b\n\n\n", [], id="header and blank lines"),
    ],
)
def test_cells_as_delivered(tmp_path: Path, content: str, expected: list[tuple[str, str]]) -> None:
    assert cells_of(write(tmp_path, content), TWO) == expected


def test_rows_that_do_not_split_keep_text_and_number(tmp_path: Path) -> None:
    rows = rows_of(write(tmp_path, "a,b\n1,2\n3\n4,5,6\n7,8\n"), TWO)
    assert sorted((row["_row_number"], row["a"], row["b"], row["_malformed"]) for row in rows) == [
        (1, "1", "2", None),
        (2, None, None, "3"),
        (3, None, None, "4,5,6"),
        (4, "7", "8", None),
    ]


def test_row_numbers_hold_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 64)
    lines = [f"{n}" if n % 7 == 0 or n in (50, 51, 52, 200) else f"{n},x" for n in range(1, 201)]
    rows = rows_of(write(tmp_path, "a,b\n" + "\n".join(lines)), TWO)
    assert sorted(row["_row_number"] for row in rows) == list(range(1, 201))
    assert all(str(row["_row_number"]) == (row["a"] or row["_malformed"]) for row in rows)


def test_a_file_of_malformed_rows_only(tmp_path: Path) -> None:
    rows = rows_of(write(tmp_path, "a,b\n1;2\n3;4\n"), TWO)
    assert [(row["_row_number"], row["_malformed"]) for row in rows] == [(1, "1;2"), (2, "3;4")]


def test_unknown_columns_are_kept_as_json(tmp_path: Path) -> None:
    rows = rows_of(write(tmp_path, 'a,extra,"say ""x""",\n1,"q""\\\n\tz",\x01,9\n2,,,\n'), table_of("a"))
    assert [json.loads(row["_extra"]) for row in rows] == [
        {"extra": 'q"\\\n\tz', 'say"x"': "\x01", "#4": "9"},
        {"extra": "", 'say"x"': "", "#4": ""},
    ]


def test_header_names_are_compared_without_white_space(tmp_path: Path) -> None:
    table = table_of(
        "病床數/急性一般 病床數1", "Card_No", "c", Column("d", "string", ("d",), optional_in_file=True), "e"
    )
    found = header([write(tmp_path, '"急性一般\n病床數1", CARD_NO ,c,new\n1,2,3,4\n')], table, source_of())
    assert found.found == ("病床數", "Card_No", "c")
    assert found.missing == ("e",)
    assert found.unknown == ("new",)
    assert found.renamed == {"病床數": "急性一般 病床數1", "Card_No": "CARD_NO"}
    assert found.encoding == "utf-8"


def test_a_column_that_is_not_in_the_file_is_null(tmp_path: Path) -> None:
    assert cells_of(write(tmp_path, "a\n1\n"), TWO) == [("1", None)]


def test_title_rows_above_and_footnotes_below(tmp_path: Path) -> None:
    file = write(tmp_path, "Report\n,\na,b\n1,2\n合計,9\nsource: police\n")
    source = source_of(header_row=3, skip_rows_matching="^合計|^source:")
    assert cells_of(file, TWO, source) == [("1", "2")]


def test_a_file_without_header_goes_by_position(tmp_path: Path) -> None:
    source = source_of(header_row=0)
    assert cells_of(write(tmp_path, "1,2\n3,4\n"), TWO, source) == [("1", "2"), ("3", "4")]
    wide = table_of(*[f"c{n}" for n in range(1, 1801)])
    assert cells_of(write(tmp_path, ",".join(map(str, range(1800))) + "\n"), wide, source)[0][1799] == "1799"


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_agreed_or_found(tmp_path: Path, delimiter: str) -> None:
    file = write(tmp_path, f"a{delimiter}b\n1,5{delimiter}2\n")
    assert cells_of(file, TWO, source_of(delimiter=delimiter)) == [("1,5", "2")]
    assert cells_of(file, TWO, source_of(delimiter="auto")) == [("1,5", "2")]


def test_two_files_are_one_delivery(tmp_path: Path) -> None:
    files = [write(tmp_path, "a,b\n1,2\n", "y.csv"), write(tmp_path, "b,a\n4,3\n", "x.csv")]
    rows = rows_of(files, TWO)
    assert [(row["_source_file"], row["_row_number"], row["a"]) for row in rows] == [
        ("x.csv", 1, "3"),
        ("y.csv", 1, "1"),
    ]


@pytest.mark.parametrize(
    ("content", "source", "sentence", "sentence_zh"),
    [
        pytest.param("", {}, "is empty", "为空", id="empty file"),
        pytest.param("\n\n", {}, "has no row 1", "没有第1行", id="blank file"),
        pytest.param("1,2\n3,4\n", {}, "none of the agreed columns", "没有任何约定的列", id="no header"),
        pytest.param("a;b\n1;2\n", {}, "delimiter looks like ';'", "分隔符似为“;”", id="wrong delimiter"),
        pytest.param("a,b,a\n1,2,3\n", {}, "column 'a' 2 times", "出现了2次", id="column twice"),
        pytest.param("a,b\n1,2\n", {"header_row": 9}, "has no row 9", "没有第9行", id="header below the end"),
    ],
)
def test_what_cannot_be_read_is_said_in_both_languages(
    tmp_path: Path, content: str, source: dict[str, object], sentence: str, sentence_zh: str
) -> None:
    with pytest.raises(DeliveryError) as caught:
        rows_of(write(tmp_path, content), TWO, source_of(**source))
    assert sentence in caught.value.message
    assert sentence_zh in caught.value.message_zh
    assert "rows.csv" in caught.value.message
    assert caught.value.remedy and caught.value.remedy_zh


def test_a_quote_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 256)
    content = "a,b\n" + "1,2\n" * 20 + '3,"open\n' + "4,5\n" * 500
    with pytest.raises(DeliveryError, match="a quoted value never ends"):
        rows_of(write(tmp_path, content), TWO)


def test_a_delimiter_of_two_characters_is_a_fault_of_the_contract(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="not one plain character"):
        rows_of(write(tmp_path, "a||b\n"), TWO, source_of(delimiter="||"))
