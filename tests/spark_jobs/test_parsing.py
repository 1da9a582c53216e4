"""Delivered text to typed values, against literals and independent references."""

import hashlib
import hmac
from datetime import date, datetime

import pytest

from govlake.contracts.model import Column
from govlake.engine import session
from spark_jobs import parsing

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("home", "engine")]


def parsed(column: Column, texts: list[str | None]) -> list[object]:
    frame = session().createDataFrame([(i, text) for i, text in enumerate(texts)], f"i int, `{column.name}` string")
    cleaned = frame.selectExpr("i", f"{parsing.clean(column)} AS `{column.name}`")
    typed = cleaned.selectExpr("i", f"{parsing.typed(column)} AS value").orderBy("i")
    return [row.value for row in typed.collect()]


def column(kind: str, *formats: str, **options: object) -> Column:
    return Column("c", kind, ("c",), formats=formats, null_values=("", "-"), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "texts", "expected"),
    [
        ("string", [" 甲　", "\n\t乙", "-", "", None], ["甲", "乙", None, None, None]),
        ("integer", ["12", "１２", "1,234", "495.0", "12.5", "-7", "x"], [12, 12, 1234, 495, None, -7, None]),
        ("number", ["1.5", "1,234.5", "１．５", "abc"], [1.5, 1234.5, 1.5, None]),
        ("boolean", ["是", "N", "TRUE", "maybe"], [True, False, True, None]),
        ("time", ["08:05:09", "25:10:00", "9:30", "8:60:00", "noon"], [29109, 90600, 34200, None, None]),
    ],
    ids=["string", "integer", "number", "boolean", "time"],
)
def test_common_writings(kind: str, texts: list[str | None], expected: list[object]) -> None:
    assert parsed(column(kind), texts) == expected


def test_dates_without_a_stated_format() -> None:
    texts = ["2024-03-01", "2024/3/1", "20240301", "2024年3月1日", "2024-3-1 9:05", "2024-02-30", "soon"]
    assert parsed(column("date"), texts) == [*[date(2024, 3, 1)] * 5, None, None]


def test_republic_of_china_dates() -> None:
    texts = ["1030623", "990101", "103/6/3", "103年06月23日", "1030231", "2014-06-23"]
    expected = [date(2014, 6, 23), date(2010, 1, 1), date(2014, 6, 3), date(2014, 6, 23), None, None]
    assert parsed(column("date", "roc"), texts) == expected


def test_republic_of_china_times() -> None:
    texts = ["102年01月01日 03時05分", "106年01月01日 02時35分07秒", "106/1/1 2:35:07"]
    second = datetime(2017, 1, 1, 2, 35, 7)
    assert parsed(column("timestamp", "roc"), texts) == [datetime(2013, 1, 1, 3, 5), second, second]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("excel", "45000.5", datetime(2023, 3, 15, 12)),
        ("epoch_s", "1700000000", datetime(2023, 11, 14, 22, 13, 20)),
        ("epoch_ms", "1700000000123", datetime(2023, 11, 14, 22, 13, 20, 123000)),
        ("M/d/yyyy h:mm:ss a", "3/1/2024 1:04:05 PM", datetime(2024, 3, 1, 13, 4, 5)),
        ("yyyyMMddHHmmss", "20240301130405", datetime(2024, 3, 1, 13, 4, 5)),
    ],
)
def test_stated_formats(pattern: str, text: str, expected: datetime) -> None:
    assert parsed(column("timestamp", pattern), [text, "x"]) == [expected, None]


def test_local_times_become_utc() -> None:
    assert parsed(column("timestamp", timezone="Asia/Shanghai"), ["2024-03-01 08:00:00"]) == [datetime(2024, 3, 1)]


def test_a_time_that_says_its_zone_is_not_shifted_again() -> None:
    zoned = column("timestamp", "yyyy-MM-dd'T'HH:mm:ssXXX", "yyyy-MM-dd HH:mm:ss", timezone="Asia/Shanghai")
    expected = [datetime(2024, 3, 1), datetime(2024, 3, 1, 8), datetime(2024, 3, 1)]
    assert parsed(zoned, ["2024-03-01T08:00:00+08:00", "2024-03-01T08:00:00Z", "2024-03-01 08:00:00"]) == expected


def test_keyed_hash_is_hmac_sha256() -> None:
    key, text = b"a key of the city", "卡号 123"
    frame = session().createDataFrame([(text,)], "c string")
    found = frame.selectExpr(f"{parsing.keyed_hash('c', key)} AS h").first()
    assert found and found.h == hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def test_a_number_has_one_writing_on_every_engine() -> None:
    values = [0.0, -0.0, 1e-7, 35.6, -12345678.9, 0.1 + 0.2, 1e-12]
    frame = session().createDataFrame([(i, value) for i, value in enumerate(values)], "i int, c double").orderBy("i")
    written = [row[0] for row in frame.selectExpr(parsing.canonical(column("number"))).collect()]
    assert written == ["0", "0", "100", "35600000000", "-12345678900000000", "300000000", "0"]
