"""JSON, JSON lines, XML and parquet."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from govlake.errors import DeliveryError
from tests.readers.deliveries import cells_of, rows_of, source_of, table_of, write

TWO = table_of("a", "b")


@pytest.mark.parametrize(
    ("document", "path"),
    [
        pytest.param('[{"a": "x", "b": 1.50}, {"b": null}]', "", id="list"),
        pytest.param('{"result": {"records": [{"a": "x", "b": 1.50}, {"b": null}]}}', "result.records", id="below"),
        pytest.param('{"k1": {"a": "x", "b": 1.50}, "k2": {"b": null}}', "", id="object of records"),
        pytest.param('{"rows": [["a", "b"], ["x", 1.50], [null, null]]}', "rows", id="lists below a header"),
    ],
)
def test_json_records(tmp_path: Path, document: str, path: str) -> None:
    file = write(tmp_path, document, "rows.json")
    assert cells_of(file, TWO, source_of(format="json", record_path=path)) == [("x", "1.50"), (None, None)]


def test_nested_json(tmp_path: Path) -> None:
    record = {"a": {"x": 1, "y": [1, {"z": 2.5}]}, "p": {"name": "甲", "on": True}, "n": 7}
    document = {"at": "2026-02-16", "list": [record]}
    file = write(tmp_path, json.dumps(document), "rows.json")
    row = rows_of(file, table_of("a", "name/p.name", "at/$.at"), source_of(format="json", record_path="list"))[0]
    assert (json.loads(row["a"]), row["name"], row["at"]) == (record["a"], "甲", "2026-02-16")
    assert json.loads(row["_extra"]) == {"p.on": "true", "n": "7"}


def test_json_lines_keep_a_broken_line(tmp_path: Path) -> None:
    file = write(tmp_path, '{"a": 1}\n\n{"a": 2\n{"a": 3, "b": "x"}', "rows.jsonl")
    rows = rows_of(file, TWO, source_of(format="jsonl"))
    assert sorted((row["_row_number"], row["a"], row["b"], row["_malformed"]) for row in rows) == [
        (1, "1", None, None),
        (2, None, None, '{"a": 2'),
        (3, "3", "x", None),
    ]


XML = """<?xml version="1.0" encoding="{0}"?>
<data><head><a>no</a></head>
<rows><row id="7"><a>甲&amp;</a><b/><c>1</c><c>2</c></row><row><a>乙</a></row></rows></data>"""


@pytest.mark.parametrize("encoding", ["utf-8", "big5", "gb18030"])
def test_xml_says_its_encoding_itself(tmp_path: Path, encoding: str) -> None:
    file = write(tmp_path, XML.format(encoding), "rows.xml", encoding)
    rows = rows_of(file, table_of("id", "a", "b", "c"), source_of(format="xml", record_path="row"))
    assert [(row["id"], row["a"], row["b"], row["c"]) for row in rows] == [
        ("7", "甲&", "", '["1", "2"]'),
        (None, "乙", None, None),
    ]


def test_xml_records_are_children_of_the_root_by_default(tmp_path: Path) -> None:
    file = write(tmp_path, "<d><r><a>1</a><b><x>2</x></b></r><r><a>3</a></r></d>", "rows.xml")
    assert cells_of(file, table_of("a", "b/b.x"), source_of(format="xml")) == [("1", "2"), ("3", None)]


@pytest.mark.parametrize(
    ("format_name", "content", "sentence"),
    [
        pytest.param("json", '[{"a": 1}', "not valid JSON", id="cut JSON"),
        pytest.param("json", '{"other": 1}', "no records at 'rows'", id="no records"),
        pytest.param("json", '{"rows": [1, 2]}', "no records at 'rows'", id="no objects"),
        pytest.param("xml", "<d><rows><a>1</a>", "not valid XML", id="cut XML"),
        pytest.param("xml", "<d><x/></d>", "no records at 'rows'", id="no elements"),
        pytest.param("parquet", "PAR1", "not valid Parquet", id="cut parquet"),
    ],
)
def test_damaged_documents(tmp_path: Path, format_name: str, content: str, sentence: str) -> None:
    with pytest.raises(DeliveryError, match=sentence):
        rows_of(write(tmp_path, content, "rows"), TWO, source_of(format=format_name, record_path="rows"))


def test_parquet_as_text(tmp_path: Path) -> None:
    table = pa.table({"b": [1.5, None], "a": pa.array([1_000_000, 2], pa.timestamp("ms")), "c": [[1], None]})
    parquet.write_table(table, tmp_path / "rows.parquet")
    rows = rows_of(tmp_path / "rows.parquet", TWO, source_of(format="parquet"))
    assert [(row["a"], row["b"], row["_extra"]) for row in rows] == [
        ("1970-01-01 00:16:40.000", "1.5", '{"c": "[1]"}'),
        ("1970-01-01 00:00:00.002", None, '{"c": null}'),
    ]
