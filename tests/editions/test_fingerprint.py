"""A mart's fingerprint: of its content alone, and read from new files alone."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from govlake.editions.fingerprint import fingerprint

ROWS = [(day, f"线{day % 3}", day * 1.1, day) for day in range(12)]
Rows = list[tuple[int, str, float, int]]


def mart(folder: Path, *parts: Rows) -> DeltaTable:
    """One file per part."""
    for rows in parts:
        names = ("day", "line", "share", "_built")
        write_deltalake(
            folder, pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows]), mode="append"
        )
    return DeltaTable(folder)


def test_neither_order_nor_files_nor_build_times_count(tmp_path: Path) -> None:
    whole = fingerprint(mart(tmp_path / "whole", ROWS))
    late = [(*row[:3], 99) for row in reversed(ROWS)]
    parts = fingerprint(mart(tmp_path / "parts", late[:5], late[5:6], late[6:]))
    assert (parts.sha, parts.rows) == (whole.sha, whole.rows) and len(parts.files) == 3


@pytest.mark.parametrize(
    "changed", [ROWS[1:], [*ROWS, ROWS[0]], [*ROWS, ROWS[0], ROWS[0]], [(0, "线0", 0.2, 0), *ROWS[1:]]]
)
def test_every_change_of_content_counts(tmp_path: Path, changed: Rows) -> None:
    assert fingerprint(mart(tmp_path / "a", ROWS)).sha != fingerprint(mart(tmp_path / "b", changed)).sha


def test_only_new_files_are_read(tmp_path: Path) -> None:
    before = fingerprint(mart(tmp_path / "mart", ROWS[:6]))
    known = json.loads(json.dumps(before.to_json()))
    for file in before.files:
        (tmp_path / "mart" / file).unlink()
    after = fingerprint(mart(tmp_path / "mart", ROWS[6:]), known)
    assert after.sha == fingerprint(mart(tmp_path / "whole", ROWS)).sha


def test_files_that_are_gone_do_not_count(tmp_path: Path) -> None:
    table = mart(tmp_path / "mart", ROWS[:6], ROWS[6:])
    known = fingerprint(table).to_json()
    table.delete("day < 6")
    assert fingerprint(table, known).sha == fingerprint(mart(tmp_path / "rest", ROWS[6:])).sha


def test_other_columns_are_another_content(tmp_path: Path) -> None:
    table = mart(tmp_path / "mart", ROWS)
    known = fingerprint(table)
    named = table.to_pyarrow_table().rename_columns(["day", "route", "share", "_built"])
    write_deltalake(tmp_path / "mart", named, mode="overwrite", schema_mode="overwrite")
    assert fingerprint(DeltaTable(tmp_path / "mart"), known.to_json()).sha != known.sha


def test_an_empty_mart_has_one(tmp_path: Path) -> None:
    table = mart(tmp_path / "mart", ROWS)
    table.delete()
    assert fingerprint(table).rows == 0
