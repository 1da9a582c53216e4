"""Spoiled deliveries: what goes wrong in practice, done to a correct file."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from govlake.contracts import Contract
from govlake.errors import DeliveryError
from govlake.sample.formats import archive

MISTAKEN = {"utf-8": "gb18030"}  # what a department writes by mistake; where it should be another, UTF-16
Lines = list[list[str]]  # cells of the header and the rows


def missing_column(lines: Lines, key: str) -> Lines:
    """The key column is not there at all."""
    at = lines[0].index(key)
    return [line[:at] + line[at + 1 :] for line in lines]


def renamed_column(lines: Lines, key: str) -> Lines:
    """The key column has a name that nobody agreed on."""
    return [["序号" if cell == key else cell for cell in lines[0]], *lines[1:]]


def null_keys(lines: Lines, key: str) -> Lines:
    """Every second row has no key."""
    at = lines[0].index(key)
    return [_blank(line, at) if place % 2 else line for place, line in enumerate(lines)]


def half_rows(lines: Lines, key: str) -> Lines:
    """Only the first half of the rows."""
    return lines[: 1 + len(lines) // 2]


def header_only(lines: Lines, key: str) -> Lines:
    """The header and nothing else."""
    return lines[:1]


def _blank(line: list[str], at: int) -> list[str]:
    return [*line[:at], "", *line[at + 1 :]] if at < len(line) else line


LINE_SPOILS: dict[str, Callable[[Lines, str], Lines]] = {
    "missing_column": missing_column,
    "renamed_column": renamed_column,
    "null_keys": null_keys,
    "half_rows": half_rows,
    "header_only": header_only,
}
BYTE_SPOILS = ("wrong_encoding", "truncated_zip", "empty_file")
KINDS = (*LINE_SPOILS, *BYTE_SPOILS)


def spoil(path: Path, contract: Contract, kind: str) -> None:
    """Spoil the delivery at `path`. Raises DeliveryError for a kind that does not fit it."""
    if kind not in KINDS:
        raise DeliveryError(f"There is no way to spoil called '{kind}'.", f"Use one of {', '.join(KINDS)}.")
    source = contract.source
    if kind == "empty_file":
        path.write_bytes(b"")
        return
    if kind == "truncated_zip":
        content = path.read_bytes()
        if not content.startswith(b"PK"):
            remedy = "Choose a dataset that is delivered as zip or xlsx: --dataset hotline.ticket."
            raise DeliveryError(f"{path.name} is no zip and cannot be truncated as one.", remedy)
        path.write_bytes(content[: len(content) * 2 // 3])
        return
    if source.format != "csv" or path.suffix == ".gz":
        raise DeliveryError(
            f"{contract.id} is delivered as {path.suffix[1:]}, which cannot get {kind}.",
            "Use empty_file, or a dataset that is delivered as csv.",
        )
    name = source.encodings[0].removesuffix("-sig")
    text = _read(path, name).removeprefix("\ufeff")
    if kind in LINE_SPOILS:
        end = "\r\n" if "\r\n" in text else "\n"
        key = next(column.delivered[0] for column in contract.tables[0].delivered_columns if column.key)
        lines = [line.split(source.delimiter) for line in text.removesuffix(end).split(end)]
        text = end.join(source.delimiter.join(cells) for cells in LINE_SPOILS[kind](lines, key)) + end
    written = MISTAKEN.get(name, "utf-16") if kind == "wrong_encoding" else name
    _write(path, text.encode(written))


def _read(path: Path, encoding: str) -> str:
    if path.suffix != ".zip":
        return path.read_bytes().decode(encoding)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as packed:
        return packed.read(packed.namelist()[0]).decode(encoding)


def _write(path: Path, content: bytes) -> None:
    if path.suffix != ".zip":
        path.write_bytes(content)
        return
    with zipfile.ZipFile(path) as packed:
        member = packed.namelist()[0]
    path.write_bytes(archive({member: content}))
