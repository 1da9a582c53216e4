"""Encodings: strictly, in the contract's order, UTF-8 where it is listed and fits."""

from pathlib import Path

import pytest

from govlake.errors import DeliveryError
from govlake.readers import header
from govlake.readers.encoding import guess_encoding
from tests.readers.deliveries import cells_of, source_of, table_of, write

CRIME = table_of("編號", "發生地點")
TEXT = "編號,發生地點\n1,臺北市中正區廈門街\n"


@pytest.mark.parametrize(
    ("written", "listed", "expected"),
    [
        pytest.param("utf-8", ("big5", "utf-8-sig"), "utf-8", id="UTF-8 wins although listed last"),
        pytest.param("utf-8-sig", ("utf-8-sig",), "utf-8", id="UTF-8 with BOM"),
        pytest.param("big5", ("utf-8-sig", "big5"), "cp950", id="Big5"),
        pytest.param("cp950", ("gb18030", "cp950"), "cp950", id="GB18030 fits by luck, the header does not"),
        pytest.param("gb18030", ("cp950", "gb18030"), "gb18030", id="GB18030"),
        pytest.param("utf-16", ("utf-8-sig", "utf-16"), "utf-16", id="UTF-16"),
        pytest.param("utf-16-le", ("utf-16-le",), "utf-16-le", id="UTF-16 without BOM"),
    ],
)
def test_the_encoding_that_fits(tmp_path: Path, written: str, listed: tuple[str, ...], expected: str) -> None:
    file = write(tmp_path, TEXT, encoding=written)
    source = source_of(encodings=listed)
    assert header([file], CRIME, source).encoding == expected
    assert cells_of(file, CRIME, source) == [("1", "臺北市中正區廈門街")]


def test_vendor_characters_in_a_file_said_to_be_big5(tmp_path: Path) -> None:
    file = write(tmp_path, TEXT.replace("街", "碁銹10﹑12號"), encoding="cp950")
    source = source_of(encodings=("big5",))
    assert header([file], CRIME, source).encoding == "cp950"
    assert cells_of(file, CRIME, source) == [("1", "臺北市中正區廈門碁銹10﹑12號")]


def test_the_dash_of_a_file_said_to_be_gb2312(tmp_path: Path) -> None:
    file = write(tmp_path, TEXT.replace("街", "—·"), encoding="gbk")
    assert cells_of(file, CRIME, source_of(encodings=("gb2312",)))[0][1] == "臺北市中正區廈門—·"


def test_a_multi_byte_character_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govlake.readers.encoding.CHUNK", 7)
    for encoding in ("gb18030", "utf-8"):
        file = write(tmp_path, TEXT * 3, encoding=encoding, name=f"{encoding}.csv")
        assert len(cells_of(file, CRIME, source_of(encodings=("utf-8-sig", "gb18030")))) == 5


@pytest.mark.parametrize(
    ("content", "encodings", "offset", "guess"),
    [
        pytest.param(TEXT.encode("gb18030"), ("utf-8-sig",), 0, "GBK/GB18030", id="GB18030 for UTF-8"),
        pytest.param(TEXT.encode("cp950"), ("utf-8-sig",), 0, "Big5", id="Big5 for UTF-8"),
        pytest.param(
            TEXT.encode() + b"1,\xff\n", ("utf-8-sig", "big5"), 52, "damaged characters", id="one bad byte at the end"
        ),
    ],
)
def test_nothing_fits(tmp_path: Path, content: bytes, encodings: tuple[str, ...], offset: int, guess: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        cells_of(write(tmp_path, content), CRIME, source_of(encodings=encodings))
    assert "rows.csv cannot be read as utf-8" in caught.value.message
    assert f"byte {offset} " in caught.value.message
    assert guess in caught.value.message
    assert "编码" in caught.value.message_zh


@pytest.mark.parametrize(
    ("encoding", "guess"), [("utf-16", "UTF-16"), ("gb18030", "GBK/GB18030"), ("cp950", "Big5"), ("utf-8", "UTF-8")]
)
def test_guess(encoding: str, guess: str) -> None:
    text = "编号,地点\n1,深圳市福田区的地铁站\n" if encoding == "gb18030" else TEXT
    assert guess_encoding((text * 5).encode(encoding)) == guess
