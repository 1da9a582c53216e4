"""The comparison of two homes tells what differs, and nothing else."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from tests.engines.content import Content, differences

COLUMNS = ("at timestamp", "names array", "share double")
AT = datetime(2026, 9, 1, tzinfo=UTC)
SHARE = 0.1 + 0.2  # which is not 0.3, but nearly
ROWS = [(AT, ["路", "x"], SHARE), (None, [], float("nan")), (AT, None, 1e10)]


def held(*rows: tuple) -> Content:
    kinds = (pa.timestamp("us", "UTC"), pa.list_(pa.string()), pa.float64())
    columns = zip(*rows, strict=True)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    return {"gold/t": (COLUMNS, pa.table(arrays, ["at", "names", "share"]))}


def test_the_order_of_rows_is_no_difference() -> None:
    assert differences(held(*ROWS), held(*ROWS[1:], ROWS[0])) == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((AT, ["路"], SHARE), "gold/t: {'names array': (['路', 'x'], ['路'])}"),
        ((None, ["路", "x"], SHARE), "gold/t: {'at timestamp': "),
        ((AT, ["路", "x"], 0.3), "gold/t: {'share double': "),
    ],
    ids=["a list", "a null", "the last digit of a number"],
)
def test_a_row_that_differs_is_told(row: tuple, said: str) -> None:
    [found] = differences(held(*ROWS), held(*ROWS[1:], row))
    assert found.startswith(said)


def test_rows_columns_and_tables_that_are_missing_are_told() -> None:
    assert differences(held(*ROWS), held(*ROWS[1:])) == ["gold/t: 3 rows, and 2"]
    assert differences(held(ROWS[0], ROWS[0], ROWS[1]), held(ROWS[0], ROWS[1], ROWS[1])) != []
    assert differences(held(*ROWS), {"gold/t": (COLUMNS[:2], [])}) == ["gold/t: ['share double']"]
    assert differences(held(*ROWS), {}) == ["gold/t: only on one side"]
