"""Short ways to write a delivered file and to read it back."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from govlake.contracts.model import Column, Source, Table
from govlake.readers import Tally, read, survey


def table_of(*columns: str | Column, **changes: Any) -> Table:
    """A table of text columns; a name `a/b` means that the column a may also arrive as b."""
    made = tuple(
        column if isinstance(column, Column) else Column(column.split("/")[0], "string", tuple(column.split("/")))
        for column in columns
    )
    values: dict[str, Any] = {"domain": "t", "name": "rows", "title_en": "", "title_zh": "", "grain": "", "file": ""}
    return Table(**{**values, "columns": made, "rules": (), **changes})


def source_of(**changes: Any) -> Source:
    return Source(**changes)


def rows_of(files: Path | Sequence[Path], table: Table, source: Source | None = None) -> list[dict[str, Any]]:
    """Every row of the delivery; what landing counts must equal what is read."""
    paths = [files] if isinstance(files, Path) else list(files)
    source = source or Source()
    tally = Tally()
    rows = [row for batch in read(paths, table, source, tally) for row in batch.to_pylist()]
    assert survey(paths, table, source)[1] == tally
    assert tally.rows == len(rows)
    return rows


def cells_of(files: Path | Sequence[Path], table: Table, source: Source | None = None) -> list[tuple[str | None, ...]]:
    """The contract's columns of every row, as tuples."""
    names = [column.name for column in table.delivered_columns]
    return [tuple(row[name] for name in names) for row in rows_of(files, table, source)]


def write(folder: Path, content: str | bytes, name: str = "rows.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def write_zip(folder: Path, members: dict[str, bytes], name: str = "rows.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path
