"""Archives and compressed files: the right member, nothing unpacked, damage said plainly."""

import gzip
import struct
import zipfile
from pathlib import Path

import pytest

from govlake.errors import DeliveryError
from govlake.readers import header, parts
from tests.readers.deliveries import cells_of, rows_of, source_of, table_of, write, write_zip

ONE = table_of("a")
CSV = b"a\n1\n"


def test_the_only_table_in_an_archive_among_litter(tmp_path: Path) -> None:
    file = write_zip(tmp_path, {"__MACOSX/._x.csv": b"junk", "in/.DS_Store": b"x", "in/x.csv": CSV, "read.me": b"hi"})
    assert [row["_source_file"] for row in rows_of(file, ONE)] == ["rows.zip!in/x.csv"]


def test_members_by_glob_whatever_their_case(tmp_path: Path) -> None:
    file = write_zip(tmp_path, {"feed/Stops.TXT": b"a\nstop\n", "feed/trips.txt": b"a\ntrip\n"})
    assert cells_of(file, table_of("a", file="stops.txt")) == [("stop",)]
    assert cells_of(file, ONE, source_of(member="feed/tr*")) == [("trip",)]


def test_a_member_path_cannot_leave_the_archive(tmp_path: Path) -> None:
    file = write_zip(tmp_path, {"../../evil.csv": CSV})
    assert cells_of(file, ONE) == [("1",)]
    assert not (tmp_path.parent.parent / "evil.csv").exists()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_chinese_member_names_of_old_tools(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "rows.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("XXXX" if encoding == "gb18030" else "XXXXXX", CSV)
    raw = path.read_bytes().replace(b"XXXXXX" if encoding == "utf-8" else b"XXXX", "刷卡".encode(encoding))
    path.write_bytes(raw)
    assert rows_of(path, table_of("a", file="刷卡*"))[0]["_source_file"] == "rows.zip!刷卡"


def test_compressed_streams(tmp_path: Path) -> None:
    assert cells_of(write(tmp_path, gzip.compress(CSV), "rows.csv.gz"), ONE) == [("1",)]


def test_an_optional_table_may_be_absent(tmp_path: Path) -> None:
    file = write_zip(tmp_path, {"stops.txt": CSV})
    absent = table_of("a", file="frequencies.txt", optional=True)
    assert rows_of(file, absent) == []
    assert not header([file], absent, source_of()).present
    with pytest.raises(DeliveryError, match=r"no file like 'frequencies.txt'. It has: stops.txt|holds no file"):
        rows_of(write_zip(tmp_path, {"a.txt": CSV, "b.txt": CSV}), table_of("a", file="frequencies.txt"))


def test_tables_of_a_delivery_of_plain_files(tmp_path: Path) -> None:
    files = [write(tmp_path, "a\ntap\n", "taps_01.csv"), write(tmp_path, "a\nline\n", "lines_01.csv")]
    assert cells_of(files, table_of("a", file="taps*")) == [("tap",)]
    assert cells_of(files[:1], table_of("a", file="taps")) == [("tap",)]


def spoiled(path: Path, kind: str) -> Path:
    raw = bytearray(path.read_bytes())
    if kind == "truncated":
        return write(path.parent, bytes(raw[: len(raw) // 2]), path.name)
    if kind == "encrypted":
        struct.pack_into("<H", raw, raw.rindex(b"PK\x01\x02") + 8, 1)
    if kind == "damaged":
        raw[60] ^= 0xFF
    return write(path.parent, bytes(raw), path.name)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [("truncated", "damaged or incomplete"), ("encrypted", "protected by a password"), ("damaged", "damaged")],
)
def test_spoiled_archives(tmp_path: Path, kind: str, sentence: str) -> None:
    file = spoiled(write_zip(tmp_path, {"rows.csv": CSV + bytes(range(48, 122)) * 50 + b"\n"}), kind)
    with pytest.raises(DeliveryError, match=sentence):
        rows_of(file, ONE)


def test_a_truncated_gz(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="damaged or incomplete"):
        rows_of(write(tmp_path, gzip.compress(CSV * 5000)[:60], "rows.csv.gz"), ONE)


def test_foreign_archives_and_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeliveryError, match="is a 7z archive"):
        rows_of(write(tmp_path, b"7z\xbc\xaf\x27\x1c....", "rows.7z"), ONE)
    monkeypatch.setattr(parts, "BOMB_BYTES", 1 << 20)
    with pytest.raises(DeliveryError, match="would unpack to 8 MB"):
        rows_of(write_zip(tmp_path, {"rows.csv": b"a\n" + bytes(8 << 20)}), ONE)
