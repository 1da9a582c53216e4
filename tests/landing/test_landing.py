"""Landing: byte for byte, once, complete or not at all."""

import importlib
import json
import multiprocessing
import os
import signal
import time
from datetime import date
from pathlib import Path

import pytest

from govlake import landing, manifest, shelf
from govlake.batch import Batch
from govlake.contracts.model import Column, Contract, Source, Table
from govlake.errors import DeliveryError
from govlake.store import store

DAY = date(2026, 9, 1)


def contract_of(path: Path, **source: object) -> Contract:
    columns = (Column("a", "string", ("a",)), Column("b", "string", ("b",)))
    table = Table("t", "rows", "", "", "", "", columns, ())
    return Contract(
        *("t.rows", "1.0.0", "dept", "Department", "部门", "t", "rows", "Rows", "行", (table,)),
        Source(path=str(path / "rows_{date:%Y%m%d}.csv"), **source),
    )


def deliver(folder: Path, content: str | bytes, name: str = "rows_20260901.csv") -> Path:
    """A file that has been lying there for a while."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (time.time() - 60, time.time() - 60))
    return path


@pytest.mark.usefixtures("home")
def test_bytes_and_manifest(tmp_path: Path) -> None:
    contract = contract_of(tmp_path)
    file = deliver(tmp_path, "a,b,c\n1,2,3\n4\n")
    landed = landing.land(contract, DAY)
    assert landed.is_new and landed.batch.id == "t.rows-20260901"
    assert [copy.read_bytes() for copy in landing.landed_files(landed.batch)] == [file.read_bytes()]
    assert landing.load_manifest(landed.batch) == landed.manifest
    table = landed.manifest.tables["t.rows"]
    assert (table.rows, table.malformed, table.found, table.unknown) == (2, 1, ("a", "b"), ("c",))
    assert landed.manifest.source == str(file)
    assert len(list(store().list("landing/"))) == 2


@pytest.mark.usefixtures("home")
def test_same_bytes_are_the_same_batch_and_others_the_next_revision(tmp_path: Path) -> None:
    contract = contract_of(tmp_path)
    deliver(tmp_path, "a,b\n1,2\n")
    first = landing.land(contract, DAY)
    again = landing.land(contract, DAY)
    assert (again.is_new, again.manifest) == (False, first.manifest)
    deliver(tmp_path, "a,b\n1,3\n")
    second = landing.land(contract, DAY)
    assert (second.is_new, second.batch.id) == (True, "t.rows-20260901-r2")
    deliver(tmp_path, "a,b\n1,2\n")
    assert landing.land(contract, DAY).batch == first.batch


@pytest.mark.usefixtures("home")
def test_the_ledger_decides_about_revisions(tmp_path: Path) -> None:
    deliver(tmp_path, "a,b\n1,2\n")
    contract = contract_of(tmp_path)
    landed = landing.land(contract, DAY, revision_for=lambda content: 7)
    assert landed.batch.revision == 7
    deliver(tmp_path, "a,b\n1,9\n")
    with pytest.raises(DeliveryError, match="landed with other bytes"):
        landing.land(contract, DAY, revision_for=lambda content: 7)


@pytest.mark.usefixtures("home")
def test_a_changed_contract_reads_the_same_bytes_again(tmp_path: Path) -> None:
    deliver(tmp_path, "a,b\n1,臺\n".encode("cp950"))
    before = landing.land(contract_of(tmp_path), DAY).manifest
    assert before.unreadable is not None
    after = landing.land(contract_of(tmp_path, encodings=("utf-8-sig", "cp950")), DAY)
    assert not after.is_new
    assert (after.manifest.unreadable, after.manifest.tables["t.rows"].rows) == (None, 1)
    assert after.manifest.fetched_at == before.fetched_at


@pytest.mark.parametrize(
    ("content", "sentence", "sentence_zh"),
    [
        pytest.param(b"", "is empty", "为空", id="empty"),
        pytest.param(b"x;y\n1;2\n", "none of the agreed columns", "没有任何约定的列", id="other header"),
        pytest.param(b"a,b\n1,\xff\xfe\n", "cannot be read as utf-8", "不是约定的编码", id="encoding"),
        pytest.param(b"PK\x03\x04 cut", "damaged or incomplete", "已损坏或不完整", id="truncated zip"),
    ],
)
@pytest.mark.usefixtures("home")
def test_what_cannot_be_read_is_landed_with_its_reason(
    tmp_path: Path, content: bytes, sentence: str, sentence_zh: str
) -> None:
    deliver(tmp_path, content)
    landed = landing.land(contract_of(tmp_path), DAY)
    reason = landed.manifest.unreadable
    assert reason is not None
    assert sentence in reason["message_en"] and sentence_zh in reason["message_zh"]
    assert reason["remedy_en"] and reason["remedy_zh"]
    assert landing.landed_files(landed.batch)[0].read_bytes() == content
    assert landed.manifest.tables["t.rows"].rows == 0


@pytest.mark.usefixtures("home")
def test_what_the_supplier_declares_is_compared(tmp_path: Path) -> None:
    contract = contract_of(tmp_path)
    file = deliver(tmp_path, "a,b\n1,2\n")
    file.with_name(f"{file.name}.rows").write_text("3\n")
    manifest = landing.land(contract, DAY).manifest
    assert manifest.declared == {file.name: {"rows": 3}}
    assert "declared 3 rows; 1 were counted" in manifest.warnings[0]["message_en"]
    deliver(tmp_path, "a,b\n1,4\n").with_name(f"{file.name}.manifest.json").write_text('{"sha256": "00"}')
    reason = landing.land(contract, DAY).manifest.unreadable
    assert reason is not None and "checksum" in reason["message_en"]


@pytest.mark.usefixtures("home")
def test_a_file_that_still_grows_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "rows_20260901.csv"
    file.write_text("a,b\n1,2\n")
    monkeypatch.setattr(time, "sleep", lambda seconds: file.write_text("a,b\n1,2\n3,4\n"))
    with pytest.raises(DeliveryError, match="still being written"):
        landing.land(contract_of(tmp_path), DAY)
    assert not list(store().list("landing/"))


@pytest.mark.usefixtures("home")
def test_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"No file for t\.rows on 2026-09-01"):
        landing.land(contract_of(tmp_path), DAY)


def _land_and_stop(folder: Path, started: Path, place: str) -> None:
    """Land, and stand still in the moment that `place` names."""

    def stand_still(*_arguments: object) -> None:
        started.touch()
        time.sleep(60)

    name, _, function = place.partition(":")
    owner, _, method = function.partition(".")
    setattr(getattr(importlib.import_module(name), owner), method, stand_still)
    landing.land(contract_of(folder), DAY)


def kill_landing(folder: Path, place: str) -> None:
    """A landing in a process of its own that is killed there."""
    started = folder / "started"
    process = multiprocessing.get_context("fork").Process(target=_land_and_stop, args=(folder, started, place))
    process.start()
    while not started.exists() and process.is_alive():
        time.sleep(0.01)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()
    started.unlink()


@pytest.mark.usefixtures("home")
def test_killed_in_the_middle_nothing_appears_and_the_next_run_succeeds(tmp_path: Path) -> None:
    deliver(tmp_path, "a,b\n1,2\n")
    kill_landing(tmp_path, f"govlake.shelf:{type(shelf.shelf()).__name__}.publish")
    assert not list(store().list("landing/"))
    assert len(landing.drafts()) == 1
    landed = landing.land(contract_of(tmp_path), DAY)
    assert (landed.is_new, landing.drafts()) == (True, [])
    assert len(list(store().list("landing/"))) == 2


@pytest.mark.usefixtures("home")
def test_files_of_one_name_from_two_folders(tmp_path: Path) -> None:
    files = []
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        files.append(deliver(tmp_path / str(number), f"a,b\n{number},0\n"))
    landed = landing.land(contract_of(tmp_path), DAY, files=files)
    assert [file.name for file in landed.manifest.files] == ["rows_20260901.csv", "rows_20260901-2.csv"]
    assert landed.manifest.tables["t.rows"].rows == 2


@pytest.mark.usefixtures("home")
def test_a_landed_folder_without_manifest_is_said(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="no manifest"):
        landing.load_manifest(Batch(contract_of(tmp_path), DAY))
    assert json.loads(json.dumps(landing.signature([deliver(tmp_path, "x")])))[0][1] == 1
    assert manifest.combined(["b", "a"]) == manifest.combined(["a", "b"])
