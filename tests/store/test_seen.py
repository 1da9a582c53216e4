"""Tables that were opened before are as they are now, whatever became of them meanwhile."""

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import CommitProperties, DeltaTable, write_deltalake

from govlake import lake, seen


def rows(number: int) -> pa.Table:
    return pa.table({"n": range(number)})


@pytest.fixture
def table(home: Path) -> str:
    write_deltalake(str(home / "t"), rows(3))
    assert lake.rows(str(home / "t")) == 3
    return str(home / "t")


def test_a_known_table_is_not_opened_again(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(address: str) -> DeltaTable:
        raise AssertionError(address)

    write_deltalake(table, rows(2), mode="append")
    monkeypatch.setattr(lake, "delta", refuse)
    assert (lake.rows(table), lake.version(table)) == (5, 1)


def test_another_table_in_its_place_is_opened(table: str) -> None:
    before = lake.identity(table)
    shutil.rmtree(table)
    for _ in range(2):
        write_deltalake(table, rows(1), mode="append")
    assert (lake.rows(table), lake.version(table), lake.identity(table) == before) == (2, 1, False)


def test_a_table_that_is_gone_is_gone(table: str) -> None:
    shutil.rmtree(table)
    assert lake.look(table) is None
    assert lake.rows(table) == 0


def test_a_log_that_was_cleaned_up_is_no_obstacle(table: str) -> None:
    write_deltalake(table, rows(2), mode="append")
    DeltaTable(table).create_checkpoint()
    for version in (0, 1):
        (Path(table) / "_delta_log" / f"{version:020}.json").unlink()
    assert lake.rows(table) == 5


def test_few_tables_are_remembered(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MOST", 2)
    monkeypatch.setattr(seen, "_seen", {})
    for number in range(4):
        write_deltalake(str(home / str(number)), rows(number + 1))
        assert lake.rows(str(home / str(number))) == number + 1
    assert len(seen._seen) == 2


def test_what_the_newest_commit_says_is_read_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = str(home / "a lake 湖" / "t")
    for number in (1, 2):
        write_deltalake(address, rows(number), mode="append", commit_properties=said(f"{number}"))
        table = DeltaTable(address)
        assert [seen.newest_of(table)["who"] for _ in range(2)] == [f"{number}"] * 2
    monkeypatch.setattr(DeltaTable, "history", None)
    assert seen.newest_of(DeltaTable(address))["who"] == "2"


def test_what_another_table_in_its_place_says_is_read_anew(table: str) -> None:
    assert "who" not in seen.newest_of(DeltaTable(table))
    shutil.rmtree(table)
    write_deltalake(table, rows(1), commit_properties=said("another"))
    assert seen.newest_of(DeltaTable(table))["who"] == "another"


def test_what_files_a_table_has_is_read_once(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_deltalake(table, rows(2), mode="append")
    assert sum(seen.files_of(DeltaTable(table), "num_records")["num_records"]) == 5
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(DeltaTable, "get_add_actions", None)
        assert list(seen.files_of(DeltaTable(table), "path", "num_records")) == ["path", "num_records"]
        assert seen.files_of(DeltaTable(table), "partition.none") == {}
    write_deltalake(table, rows(4), mode="append")
    assert sum(seen.files_of(DeltaTable(table), "num_records")["num_records"]) == 9


def test_a_long_list_of_files_is_not_kept(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "LARGEST", 0)
    monkeypatch.setattr(seen, "_listed", {})
    assert seen.files_of(DeltaTable(table), "num_records") == {"num_records": [3]}
    assert not seen._listed


def said(who: str) -> CommitProperties:
    return CommitProperties(custom_metadata={"who": who})
