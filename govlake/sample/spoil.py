"""Spoiled deliveries: what goes wrong in practice, done to a correct file."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from govlake.errors import DeliveryError
from govlake.sample import tap_file, ticket_file

KEYS = {"card_tap": "流水号", "ticket": "工单编号"}
ENCODINGS = {"card_tap": tap_file.ENCODING, "ticket": ticket_file.ENCODING}
WRONG_ENCODINGS = {"card_tap": "utf-16", "ticket": "gb18030"}
Lines = list[str]


def missing_column(lines: Lines, key: str) -> Lines:
    """The key column is not there at all."""
    at = lines[0].split(",").index(key)
    return [",".join(part for place, part in enumerate(line.split(",")) if place != at) for line in lines]


def renamed_column(lines: Lines, key: str) -> Lines:
    """The key column has a name that nobody agreed on."""
    return [lines[0].replace(key, "序号"), *lines[1:]]


def null_keys(lines: Lines, key: str) -> Lines:
    """Every second row has no key."""
    at = lines[0].split(",").index(key)
    return [line if place % 2 == 0 else _blank(line, at) for place, line in enumerate(lines)]


def half_rows(lines: Lines, key: str) -> Lines:
    """Only the first half of the rows."""
    return lines[: 1 + len(lines) // 2]


def header_only(lines: Lines, key: str) -> Lines:
    """The header and nothing else."""
    return lines[:1]


LINE_SPOILS: dict[str, Callable[[Lines, str], Lines]] = {
    "missing_column": missing_column,
    "renamed_column": renamed_column,
    "null_keys": null_keys,
    "half_rows": half_rows,
    "header_only": header_only,
}
BYTE_SPOILS = ("wrong_encoding", "truncated_zip", "empty_file")
KINDS = (*LINE_SPOILS, *BYTE_SPOILS)


def spoil(path: Path, dataset: str, kind: str) -> None:
    """Spoil the delivery at `path`. Raises DeliveryError for a kind that does not fit it."""
    if kind not in KINDS:
        raise DeliveryError(f"There is no way to spoil called '{kind}'.", f"Use one of {', '.join(KINDS)}.")
    if kind == "empty_file":
        path.write_bytes(b"")
        return
    if kind == "truncated_zip":
        if path.suffix != ".zip":
            raise DeliveryError(f"{path.name} is no zip and cannot be truncated as one.", "Use --dataset ticket.")
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * 2 // 3])
        return
    text = _read(path, ENCODINGS[dataset])
    encoding = WRONG_ENCODINGS[dataset] if kind == "wrong_encoding" else ENCODINGS[dataset]
    if kind in LINE_SPOILS:
        end = "\r\n" if "\r\n" in text else "\n"
        text = end.join(LINE_SPOILS[kind](text.removesuffix(end).split(end), KEYS[dataset])) + end
    _write(path, text.encode(encoding))


def _read(path: Path, encoding: str) -> str:
    if path.suffix != ".zip":
        return path.read_bytes().decode(encoding)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return archive.read(ticket_file.MEMBER).decode(encoding)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(ticket_file.zip_bytes(content) if path.suffix == ".zip" else content)


def _blank(line: str, at: int) -> str:
    parts = line.split(",")
    if at < len(parts):
        parts[at] = ""
    return ",".join(parts)
