"""One person's identifier, in clear and as it stands in silver, and whether a text holds it."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from govlake.errors import LakeError
from govlake.settings import settings

if TYPE_CHECKING:
    import pyarrow as pa

SHORTEST = 6  # a shorter text is no person's alone
HASH_START = 32  # statistics in logs and files keep only the beginning of a long text
ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be")


@dataclass(frozen=True)
class Person:
    """The identifier and its keyed hashes: as written, in capitals and in small letters."""

    identifier: str

    def __repr__(self) -> str:
        return "Person(...)"

    @property
    def hashes(self) -> tuple[str, ...]:
        key = bytes.fromhex(settings().pseudonym_key())
        forms = dict.fromkeys((self.identifier, self.identifier.upper(), self.identifier.lower()))
        return tuple(hmac.new(key, form.encode(), hashlib.sha256).hexdigest() for form in forms)

    @property
    def pattern(self) -> str:
        """Regular expression, whatever the case: the identifier as a word of its own, or the start of a hash."""
        hashes = "|".join(found[:HASH_START] for found in self.hashes)
        return f"(^|[^0-9A-Za-z]){re.escape(self.identifier)}([^0-9A-Za-z]|$)|{hashes}"

    def is_in_text(self, text: str) -> bool:
        return re.search(self.pattern, text, re.IGNORECASE) is not None

    def is_in_bytes(self, content: bytes) -> bool:
        """Whether bytes of any text file hold it, in the encodings that departments use."""
        if any(found[:HASH_START].encode() in content for found in self.hashes):
            return True
        for encoding in ENCODINGS:
            word = re.escape(self.identifier.encode(encoding, errors="ignore"))
            bounded = b"(?<![0-9A-Za-z])" + word + b"(?![0-9A-Za-z])"
            if word and re.search(word if "16" in encoding else bounded, content, re.IGNORECASE):
                return True
        return False

    def rows(self, part: pa.RecordBatch | pa.Table) -> pa.Array:
        """For each row, whether any of its texts (or whole numbers) holds it. The file's name does not count."""
        import pyarrow as pa
        import pyarrow.compute

        pc: Any = pyarrow.compute

        found: Any = pa.array([False] * part.num_rows, pa.bool_())
        for name in part.schema.names:
            column: Any = part.column(name)
            kind = column.type
            if pa.types.is_dictionary(kind):
                column, kind = column.cast(kind.value_type), kind.value_type
            if name == "_source_file":
                continue
            if pa.types.is_integer(kind) and self.identifier.isdigit():
                column, kind = column.cast(pa.string()), pa.string()
            if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
                hits = pc.match_substring_regex(column.cast(pa.string()), self.pattern, ignore_case=True)
                found = pc.or_(found, pc.fill_null(hits, False))
        return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def person(identifier: str) -> Person:
    """The person that a typed identifier names. Raises LakeError where it is too short to name one."""
    text = identifier.strip()
    if len(text) < SHORTEST:
        raise LakeError(
            f"An identifier of {len(text)} characters does not name one person.",
            f"Give the whole identifier, at least {SHORTEST} characters.",
        )
    return Person(text)
