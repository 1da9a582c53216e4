"""The files inside a delivery: plain ones, members of zip archives, compressed streams.

Nothing is ever unpacked to disk: members are streams, so a member's path cannot point outside a folder.
"""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO, cast

from govlake.contracts.model import Source, Table
from govlake.readers.refusals import refuse, shorten

SUFFIXES = {
    "csv": (".csv", ".txt", ".tsv", ".dat"),
    "tsv": (".tsv", ".txt", ".csv", ".tab"),
    "xlsx": (".xlsx", ".xlsm", ".xlsb"),
    "xls": (".xls",),
    "ods": (".ods",),
    "json": (".json", ".geojson"),
    "jsonl": (".jsonl", ".ndjson", ".json"),
    "xml": (".xml",),
    "parquet": (".parquet",),
}
STREAMS = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
FOREIGN = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!": "rar"}
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, lzma.LZMAError, gzip.BadGzipFile)
# deflate cannot exceed about 1,032 to 1; tables of mostly empty rows reach a few hundred, text about 20.
BOMB_RATIO, BOMB_BYTES, MOST_BYTES = 400, 2 << 30, 64 << 30
WORKBOOK_MARKS = ("[Content_Types].xml", "mimetype")


@dataclass(frozen=True)
class Part:
    """One readable file of a delivery. `name` is what `_source_file` shows, `label` the file's own name."""

    name: str
    label: str
    path: Path
    member: str = ""
    size: int = 0
    stamp: int = 0

    def open(self) -> BinaryIO:
        """A fresh stream over the file's bytes, decompressed."""
        if self.member:
            return cast(BinaryIO, zipfile.ZipFile(self.path).open(self.member))
        with self.path.open("rb") as file:
            start = file.read(8)
        for magic, opener in STREAMS.items():
            if start.startswith(magic):
                return cast(BinaryIO, opener(self.path, "rb"))
        return cast(BinaryIO, self.path.open("rb", buffering=0))

    def head(self, size: int = 65536) -> bytes:
        with reading(self.name), self.open() as stream:
            return stream.read(size)


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Translate what a damaged file raises into a sentence."""
    try:
        yield
    except BROKEN as error:
        raise refuse("broken_archive", file=name, why=str(error) or "it ends too early") from error
    except RuntimeError as error:
        if "password" in str(error) or "encrypted" in str(error):
            raise refuse("encrypted", file=name) from error
        raise
    except OSError as error:
        raise refuse("gone", file=name, why=error.strerror or str(error)) from error


def parts_of(files: Sequence[Path], table: Table, source: Source) -> list[Part]:
    """The parts that hold `table`, in a stable order. None where the table is optional and absent."""
    every = [part for file in sorted(files) for part in _parts(file, source)]
    pattern = table.file
    chosen = [part for part in every if pattern and _fits(part.label, pattern)]
    if not chosen and (not pattern or (len(every) == 1 and not table.optional)):
        chosen = _of_format(every, source.format)
    if not chosen and not table.optional:
        names = shorten([part.label for part in every])
        if len(files) == 1 and every and every[0].member:
            raise refuse("no_member", file=files[0].name, pattern=pattern or "*", members=names)
        raise refuse("no_file", pattern=pattern or "*", members=names)
    for part in chosen:
        if part.size == 0:
            raise refuse("empty", file=part.name)
    return chosen


def _parts(file: Path, source: Source) -> list[Part]:
    with reading(file.name):
        stat = file.stat()
        with file.open("rb") as stream:
            start = stream.read(8)
    for magic, kind in FOREIGN.items():
        if start.startswith(magic):
            raise refuse("archive_kind", file=file.name, kind=kind)
    if not _is_archive(file, start, source):
        label = file.name
        for suffix in (".gz", ".bz2", ".xz"):
            label = label.removesuffix(suffix)
        return [Part(file.name, label, file, size=stat.st_size, stamp=stat.st_mtime_ns)]
    with reading(file.name), zipfile.ZipFile(file) as archive:
        members = [(info, _true_name(info)) for info in archive.infolist() if not info.is_dir()]
    members = [(info, label) for info, label in members if not _is_litter(label)]
    if source.member:
        kept = [(info, label) for info, label in members if _fits(label, source.member)]
        if not kept:
            names = shorten([label for _, label in members])
            raise refuse("no_member", file=file.name, pattern=source.member, members=names)
        members = kept
    _check_archive(file, [info for info, _ in members])
    return [
        Part(f"{file.name}!{label}", label, file, info.filename, info.file_size, stat.st_mtime_ns)
        for info, label in sorted(members, key=lambda entry: entry[1])
    ]


def _is_archive(file: Path, start: bytes, source: Source) -> bool:
    if file.suffix.lower() == ".zip":
        return True
    if not start.startswith(b"PK\x03\x04"):
        return False
    if source.format not in ("xlsx", "xls", "ods"):
        return source.format != "parquet"
    with reading(file.name), zipfile.ZipFile(file) as archive:
        return not any(mark in archive.namelist() for mark in WORKBOOK_MARKS)


def _check_archive(file: Path, members: Sequence[zipfile.ZipInfo]) -> None:
    if any(member.flag_bits & 0x1 for member in members):
        raise refuse("encrypted", file=file.name)
    unpacked, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if unpacked > MOST_BYTES or (unpacked > BOMB_BYTES and unpacked > BOMB_RATIO * max(packed, 1)):
        raise refuse("bomb", file=file.name, unpacked=unpacked >> 20, packed=packed >> 20)


def _true_name(member: zipfile.ZipInfo) -> str:
    """The member's name as typed: old Windows tools write Chinese names without saying in which encoding."""
    name = member.filename
    if not member.flag_bits & 0x800 and not name.isascii():
        raw = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "gb18030", "cp950"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
    return name


def _is_litter(label: str) -> bool:
    last = label.rsplit("/", 1)[-1]
    return label.startswith("__MACOSX/") or last.startswith((".", "~$")) or last == "Thumbs.db"


def _fits(label: str, pattern: str) -> bool:
    """Whether a name, its last part, or that without its ending is like the glob `pattern`, whatever its case."""
    last = label.rsplit("/", 1)[-1].lower()
    names, pattern = (label.lower(), last, last.rpartition(".")[0]), pattern.lower()
    return any(fnmatchcase(name, pattern) or name == pattern for name in names)


def _of_format(parts: list[Part], format_name: str) -> list[Part]:
    fitting = [part for part in parts if part.label.lower().endswith(SUFFIXES[format_name])]
    return fitting if fitting and any(part.member for part in parts) else parts
