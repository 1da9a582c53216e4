"""A matrix is read as one row per cell, with or without a header; a blank cell is no row."""

from pathlib import Path

import pytest

from govlake.errors import DeliveryError
from tests.readers.deliveries import cells_of, rows_of, source_of, table_of, write

INFLOW = table_of("station", "slot", "boardings")
VOTES = table_of("voter", "votes", "comment", "vote")
MATRIX = source_of(unpivot={"names": "comment", "values": "vote"})


def test_a_matrix_without_header_becomes_rows_by_line_and_place(tmp_path: Path) -> None:
    source = source_of(header_row=0, unpivot={"rows": "station", "names": "slot", "values": "boardings"})
    file = write(tmp_path, "5,0,7\n1,,3\n")
    assert cells_of(file, INFLOW, source) == [
        ("1", "1", "5"), ("1", "2", "0"), ("1", "3", "7"), ("2", "1", "1"), ("2", "3", "3"),
    ]  # fmt: skip
    assert [row["_row_number"] for row in rows_of(file, INFLOW, source)] == [1, 2, 3, 4, 6]


def test_columns_that_the_contract_names_stand_beside_each_cell(tmp_path: Path) -> None:
    file = write(tmp_path, "voter,10,votes,11\na,1,2,-1\nb,,1, 0\n")
    assert cells_of(file, VOTES, MATRIX) == [("a", "2", "10", "1"), ("a", "2", "11", "-1"), ("b", "1", "11", " 0")]


def test_a_line_that_does_not_split_is_kept_as_it_is(tmp_path: Path) -> None:
    file = write(tmp_path, "voter,10,votes,11\na,1,1\nb,1,1,1\n")
    rows = rows_of(file, VOTES, MATRIX)
    assert [(row["_malformed"], row["voter"]) for row in rows] == [(None, "b"), (None, "b"), ("a,1,1", None)]
    assert len({row["_row_number"] for row in rows}) == 3


def test_an_empty_matrix_has_no_rows(tmp_path: Path) -> None:
    assert cells_of(write(tmp_path, "voter,votes,10\n"), VOTES, MATRIX) == []


def test_a_file_without_a_column_to_melt_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="voter"):
        cells_of(write(tmp_path, "voter,votes\na,1\n"), VOTES, MATRIX)
