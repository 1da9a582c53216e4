"""Which encoding a delivered text file is written in, and the file as a UTF-8 stream.

The contract lists encodings in order. UTF-8 wins where it is listed and every byte fits, because nothing else
is valid UTF-8 by luck. GB18030 on the other hand accepts nearly every Big5 byte: among the encodings under
which the header shows the agreed column names, the contract's order decides. An encoding counts only if the
whole file decodes strictly; a file is streamed twice rather than held in memory.

`big5` means cp950 or big5hkscs, `gb2312` means gbk or gb18030, `latin-1` means cp1252 where that fits: files said to
be one usually hold characters of the other.
"""

import codecs
import io
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import BinaryIO

from govlake.errors import DeliveryError
from govlake.readers.parts import Part, reading
from govlake.readers.refusals import refuse

CHUNK = 1 << 20
UTF8 = ("utf-8", "utf8", "utf-8-sig", "utf_8", "utf_8_sig")
# What the names mean in files of this world, as browsers have it: the vendors' supersets. Python's own `big5` and
# `gb2312` read a few punctuation marks as other characters than everybody else.
FAMILIES = {
    "big5": ("cp950", "big5hkscs", "big5"),
    "gb2312": ("gbk", "gb18030"),
    "gbk": ("gbk", "gb18030"),
    "shift-jis": ("cp932", "shift_jis"),
    "latin-1": ("cp1252", "latin-1"),
    "iso-8859-1": ("cp1252", "latin-1"),
}
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Lead bytes of the frequent characters: level 1 of GB 2312 and of Big5. They tell the two apart.
FREQUENT = {"gb18030": (0xB0, 0xD7), "cp950": (0xA4, 0xC6)}


def squeeze(name: str) -> str:
    """A header name without BOM, line breaks and any other white space."""
    return re.sub(r"[\s\ufeff\u200b]+", "", name)


def encoding_of(
    part: Part, encodings: Sequence[str], names: Sequence[str], unchecked: Callable[[str], bool] | None = None
) -> str:
    """The first encoding, in the order described above, that decodes the whole of `part`.

    `names` are header names that may occur. The last encoding left is not tried where `unchecked` says so of it: its
    reader is as strict itself. Raises DeliveryError where no encoding fits.
    """
    tried = _ranked(part.head(), tuple(encodings), tuple(names))
    trusted = tried[-1] if unchecked and unchecked(tried[-1]) else ""
    for encoding in tried:
        if encoding == trusted or _offset(part, encoding) is None:
            return encoding
    raise misfit(part, encodings)


def misfit(part: Part, encodings: Sequence[str]) -> DeliveryError:
    """The refusal of a file that fits none of its encodings, with the furthest byte that any of them reached."""
    head = part.head()
    offsets = {encoding: _offset(part, encoding) or 0 for encoding in _ranked(head, tuple(encodings), ())}
    guess_en, guess_zh = _guess(head, "utf-8" in offsets)
    return refuse(
        "encoding",
        file=part.name,
        tried=", ".join(dict.fromkeys("utf-8" if e.lower() in UTF8 else e for e in encodings)),
        offset=max(offsets.values(), default=0),
        guess_en=guess_en,
        guess_zh=guess_zh,
    )


def _guess(head: bytes, not_utf8: bool) -> tuple[str, str]:
    text = head.decode("utf-8", errors="replace")
    damaged = text[:-1].count("\ufffd")
    if not_utf8 and sum(ord(character) > 127 for character in text) > 10 * damaged:
        return "It looks like UTF-8 with a few damaged characters.", "疑似个别字符已损坏的UTF-8文件。"
    guess = guess_encoding(head)
    return f"It looks like {guess}.", f"疑似{guess}编码。"


def _ranked(head: bytes, encodings: tuple[str, ...], names: tuple[str, ...]) -> list[str]:
    listed: dict[str, None] = {}
    for encoding in encodings:
        plain = encoding.lower().replace("_", "-")
        for member in FAMILIES.get(plain, ("utf-8",) if plain in UTF8 else (plain,)):
            listed[member] = None
    boms = {encoding for bom, encoding in BOMS if head.startswith(bom)}
    wanted = {squeeze(name) for name in names}

    def rank(encoding: str) -> tuple[bool, bool, int]:
        return encoding not in boms, encoding != "utf-8", -_matches(head, encoding, wanted)

    return sorted(listed, key=rank)


def _matches(head: bytes, encoding: str, wanted: set[str]) -> int:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except (UnicodeDecodeError, LookupError):
        return 0
    start = squeeze(text[:8192])
    return sum(name in start for name in wanted)


@lru_cache(maxsize=256)
def _offset(part: Part, encoding: str) -> int | None:
    """Offset of the first byte that does not decode, or None where the whole file does."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        return 0
    fed = 0
    with reading(part.name), part.open() as stream:
        while True:
            chunk = stream.read(CHUNK)
            fed += len(chunk)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return fed - len(error.object) + error.start
            if not chunk:
                return None


def guess_encoding(head: bytes) -> str:
    """What the bytes look like, for the sentence that goes back to the department."""
    for bom, encoding in BOMS:
        if head.startswith(bom):
            return encoding.upper()
    if head[1:200:2].count(0) > 60 or head[0:200:2].count(0) > 60:
        return "UTF-16"
    fitting = [encoding for encoding in ("utf-8", "gb18030", "cp950", "shift_jis") if _fits(head, encoding)]
    if "utf-8" in fitting:
        return "UTF-8"
    if "gb18030" in fitting and "cp950" in fitting:
        fitting = [max(FREQUENT, key=lambda encoding: _frequent_share(head, *FREQUENT[encoding]))]
    shown = {"gb18030": "GBK/GB18030", "cp950": "Big5", "shift_jis": "Shift JIS"}
    return shown[fitting[0]] if fitting else "Latin-1 (Western European)"


def _fits(head: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _frequent_share(head: bytes, low: int, high: int) -> float:
    pairs = re.findall(rb"[\x81-\xfe][\x30-\xfe]", head)
    return sum(low <= pair[0] <= high for pair in pairs) / max(len(pairs), 1)


def byte_stream(part: Part) -> io.BufferedReader:
    """`part` as it is."""
    raw = part.open()
    return io.BufferedReader(_Source(iter(lambda: raw.read(CHUNK), b""), raw), CHUNK)


def utf8_stream(part: Part, encoding: str) -> io.BufferedReader:
    """`part` as UTF-8 without its BOM."""
    raw = part.open()
    chunks = _plain(raw) if encoding == "utf-8" else _transcoded(raw, encoding)
    return io.BufferedReader(_Source(chunks, raw), CHUNK)


def text_stream(part: Part, encoding: str) -> io.TextIOWrapper:
    """`part` as text whose line endings are left alone."""
    return io.TextIOWrapper(utf8_stream(part, encoding), encoding="utf-8", newline="")


def _plain(raw: BinaryIO) -> Iterator[bytes]:
    first = raw.read(CHUNK)
    yield first.removeprefix(codecs.BOM_UTF8)
    while chunk := raw.read(CHUNK):
        yield chunk


def _transcoded(raw: BinaryIO, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    first = True
    while chunk := raw.read(CHUNK):
        text = decoder.decode(chunk)
        yield (text.removeprefix("\ufeff") if first and text else text).encode("utf-8")
        first = first and not text
    yield decoder.decode(b"", final=True).encode("utf-8")


class _Source(io.RawIOBase):
    """Chunks of bytes as a raw stream that closes the file below it."""

    def __init__(self, chunks: Iterator[bytes], below: BinaryIO) -> None:
        self.chunks, self.below, self.rest = chunks, below, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self.rest:
            chunk = next(self.chunks, None)
            if chunk is None:
                return 0
            self.rest = memoryview(chunk)
        size = min(len(buffer), len(self.rest))
        buffer[:size] = self.rest[:size]
        self.rest = self.rest[size:]
        return size

    def close(self) -> None:
        if not self.closed:
            self.below.close()
        super().close()
