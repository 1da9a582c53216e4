"""Columns of bytes as text, without transcoding the whole file first.

Most cells of a table are plain ASCII or come from a short list. A file in one of the encodings below can be split into
rows and columns as bytes, because no part of a wide character looks like a line break, a quote or a delimiter; then
only distinct wide values are decoded. Twice as fast as decoding everything, and as strict.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute

BYTE_SAFE = {
    *("gb18030", "gbk", "gb2312", "cp936", "cp950", "big5", "big5hkscs", "cp932", "shift_jis", "euc_jp", "euc_kr"),
    *("cp949", "latin-1", "iso8859-1", "cp1252", "cp1251", "cp1250"),
}
SAFE_MARKS = set(",;\t\"' :")  # below 0x30, or never the second byte of a character
FEW = 4  # a value repeats at least this often on average where decoding the distinct ones is worth it
SEPARATOR = b"\x1e\x1f"


def is_byte_safe(encoding: str, *marks: str) -> bool:
    """Whether a file in `encoding` splits the same way as bytes and as text, at these delimiters and quotes."""
    return encoding in BYTE_SAFE and all(mark in SAFE_MARKS for mark in marks)


def decoded(values: pa.Array, encoding: str) -> pa.Array:
    """An array of bytes as text. Raises UnicodeDecodeError where a value is not written in `encoding`."""
    if _is_ascii(values):
        return values.cast(pa.string())
    distinct = values.dictionary_encode()
    if len(distinct.dictionary) * FEW <= len(values):
        return _each(distinct.dictionary, encoding).take(distinct.indices)
    return _joined(values, encoding)


def _is_ascii(values: pa.Array) -> bool:
    data = values.buffers()[2]
    return data is None or data.size == 0 or int(np.frombuffer(data, np.uint8).max()) < 128


def _each(values: pa.Array, encoding: str) -> pa.Array:
    return pa.array([value.decode(encoding) for value in values.to_pylist()], pa.string())


def _joined(values: pa.Array, encoding: str) -> pa.Array:
    """Decode many values in one call, by joining them with something that none of them holds."""
    whole = pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)
    joined = pyarrow.compute.call_function("binary_join", [whole, pa.scalar(SEPARATOR)])[0].as_py()
    parts = joined.decode(encoding).split(SEPARATOR.decode())
    return pa.array(parts, pa.string()) if len(parts) == len(values) else _each(values, encoding)
