"""Files split as bytes read the same as files decoded first."""

from pathlib import Path

import pyarrow as pa
import pytest

from govlake.errors import DeliveryError
from govlake.readers import delimited
from govlake.readers.decoding import decoded, is_byte_safe
from tests.readers.deliveries import cells_of, rows_of, source_of, table_of, write

TWO = table_of("站点", "数量")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(["a", "", "b,c"], id="ASCII"),
        pytest.param(["福田"] * 9 + ["a"], id="few distinct"),
        pytest.param([f"福田{n}" for n in range(50)], id="many distinct"),
        pytest.param([f"福田\x1e\x1f{n}" for n in range(9)], id="holding the separator"),
        pytest.param([], id="none"),
    ],
)
def test_columns(values: list[str]) -> None:
    raw = pa.array([value.encode("gb18030") for value in values], pa.binary())
    assert decoded(raw, "gb18030").to_pylist() == values


@pytest.mark.parametrize("count", [1, 50])
def test_a_value_that_does_not_decode(count: int) -> None:
    raw = pa.array([b"\xb8\xa3%d" % n for n in range(count)] + [b"\xff"], pa.binary())
    with pytest.raises(UnicodeDecodeError):
        decoded(raw, "gb18030")


@pytest.mark.parametrize(
    ("encoding", "marks", "safe"),
    [("gb18030", (",", '"'), True), ("cp950", ("|",), False), ("utf-16", (",",), False), ("big5", ("\t", "'"), True)],
)
def test_where_bytes_split_like_text(encoding: str, marks: tuple[str, ...], safe: bool) -> None:
    assert is_byte_safe(encoding, *marks) is safe


def test_malformed_rows_keep_their_text(tmp_path: Path) -> None:
    file = write(tmp_path, "站点,数量\n福田,1\n罗湖\n布吉,2\n,,长龙\n", encoding="gb18030")
    rows = rows_of(file, TWO, source_of(encodings=("gb18030",)))
    assert sorted((row["_row_number"], row["站点"], row["_malformed"]) for row in rows) == [
        (1, "福田", None),
        (2, None, "罗湖"),
        (3, "布吉", None),
        (4, None, ",,长龙"),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_lines_above_the_rows_are_passed_over(tmp_path: Path, end: str) -> None:
    lines = ["深圳通 刷卡记录", "", '"站点","数\n量"', "福田,1"]
    file = write(tmp_path, end.join(lines) + end, encoding="gb18030")
    table = table_of("站点", "数量")
    assert cells_of(file, table, source_of(encodings=("gb18030",), header_row=3)) == [("福田", "1")]


def test_a_delimiter_that_may_be_half_a_character(tmp_path: Path) -> None:
    table = table_of("站点/站點", "数量/數量")
    file = write(tmp_path, "站點|數量\n功許|1\n", encoding="cp950")
    assert cells_of(file, table, source_of(encodings=("big5",), delimiter="|")) == [("功許", "1")]


def test_a_bad_byte_behind_the_first_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 64)
    content = ("站点,数量\n" + "福田,1\n" * 50).encode("gb18030")
    with pytest.raises(DeliveryError, match=f"rows.csv cannot be read as gb18030: byte {len(content)} does not fit"):
        rows_of(write(tmp_path, content + b"\xff\xff,1\n"), TWO, source_of(encodings=("gb18030",)))


def test_malformed_rows_behind_the_first_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 64)
    lines = [f"站{n}" if n in (40, 41, 77, 200) else f"站{n},x" for n in range(1, 201)]
    file = write(tmp_path, "站点,数量\n" + "\n".join(lines), encoding="gb18030")
    rows = rows_of(file, TWO, source_of(encodings=("gb18030",)))
    assert sorted(row["_row_number"] for row in rows) == list(range(1, 201))
    assert all(f"站{row['_row_number']}" == (row["站点"] or row["_malformed"]) for row in rows)
