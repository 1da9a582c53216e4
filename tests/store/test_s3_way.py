"""A city on an S3 server is the same city: from the inbox to the edition, and moved there with its whole history."""

import hashlib
import json
import multiprocessing
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from govlake import lake, landing, moving, pipeline
from govlake.batch import Batch
from govlake.cli import exit_code_of
from govlake.errors import StoreError
from govlake.ledger import Ledger
from govlake.quarantine import rows_as_delivered
from govlake.question import ask
from govlake.settings import settings
from govlake.stack import testing
from govlake.store import S3Store, store
from tests.conftest import EMPTY, reaching, write_settings
from tests.pipeline.conftest import Company, readings, write_company

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.postgres]
DAY, NEXT = date(2026, 9, 1), date(2026, 9, 2)


@pytest.fixture(scope="module")
def engine(s3: testing.S3Server, project_read: None) -> Iterator[str]:
    """An engine that reaches this session's S3 server, and folders as well."""
    with reaching(s3, testing.engine) as address:
        yield address


@pytest.fixture
def company(home: Path, engine: str, ledger: Ledger, tmp_path: Path) -> Company:
    """The company before its first delivery, on disk."""
    write_company(tmp_path / "water_pack")
    return Company(tmp_path / "water_pack", ledger)


def story(company: Company) -> dict[str, Any]:
    """Two days, a repeated row, a bad one, a correction and a row that is judged again; what became of it."""
    company.deliver(DAY, [*readings(DAY), readings(DAY)[0], *readings(DAY, 1, reading_id="99", volume="101")])
    company.run()
    company.deliver(NEXT, readings(NEXT))
    company.run()
    company.deliver(NEXT, [readings(NEXT)[0] | {"volume": "2"}, *readings(NEXT)[1:]])
    company.run()
    assert company.run().rows == []
    kept_out = rows_as_delivered("water.reading")
    company.change("maximum: 100}", "maximum: 200}")
    pipeline.replay(company.reading, DAY, lambda line: None)
    company.run()
    tables = {f"{layer}.{domain}.{name}" for layer in lake.LAYERS for domain, name in lake.find(layer)}
    return {
        "accounts": company.accounts(),
        "shown": company.shown(),
        "silver": company.silver("reading_id", "volume"),
        "edition": company.edition(),
        "kept out": [(row["row"], [reason["rule"] for reason in row["reasons"]]) for row in kept_out],
        "tables": tables,
        "versions": {name: lake.version(lake.path(*name.split("."))) for name in tables},
        "asked": ask("SELECT district, count(*) AS n FROM silver.water.reading GROUP BY 1 ORDER BY 1").rows,
        "landed": [file.read_bytes() for file in landing.landed_files(Batch(company.reading, NEXT, 2))],
    }


def test_the_way_of_a_delivery_is_the_same_on_disk_and_on_s3(
    company: Company, s3: testing.S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    on_disk = story(company)
    assert on_disk["kept out"] and not any(name.startswith("staging") for name in on_disk["tables"])
    company.ledger.query(EMPTY)
    company.ledger.migrate()
    write_company(company.folder)
    monkeypatch.setenv("GOVLAKE_HOME", str(tmp_path / "other"))
    for name, value in s3.settings(f"s3://city-{uuid4().hex[:8]}/lake-of/one").items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    assert story(company) == on_disk
    assert lake.path("silver", "water", "reading").startswith("s3a://city-")
    assert not list((settings().home / "lake").rglob("*.parquet")) and not list(settings().landing.rglob("*.csv"))
    copies = {file.parent.parent.name for file in (settings().tmp / "landed").rglob("*.csv")}
    assert copies == {Batch(company.reading, NEXT, 2).id}, "only what the story itself asked for after its last run"


def history() -> dict[str, list[Any]]:
    """Every table's commits."""
    names = [(layer, *table) for layer in lake.LAYERS for table in lake.find(layer)]
    found = {".".join(name): lake.delta(lake.path(*name)) for name in names}
    return {name: table.history() for name, table in found.items() if table}


def tree(folder: Path) -> dict[str, str]:
    """Every file of lake and landing in the home, by its hash; who writes there does not count."""
    files = [file for part in ("lake", "landing") for file in (folder / part).rglob("*") if file.is_file()]
    found = {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return {name: sha for name, sha in found.items() if not name.endswith(("_lease.json", ".store.lock"))}


def settings_for(s3: testing.S3Server, file: Path) -> Path:
    """The one settings file that a move needs."""
    write_settings(file, s3.named(store_name()))
    return file


def store_name() -> str:
    return f"s3://moved-{uuid4().hex[:8]}/a/city"


def move_and_die(file: Path, after: int) -> None:
    """A move whose process ends in the middle of an upload."""
    uploaded, upload = [0], S3Store.upload

    def dying(self: S3Store, path: Path, key: str) -> None:
        uploaded[0] += 1
        if uploaded[0] > after:
            os._exit(9)
        upload(self, path, key)

    S3Store.upload = dying  # type: ignore[method-assign]
    moving.move(file, lambda line: None)


def test_a_home_moves_with_its_history_and_finds_nothing_new(
    company: Company, s3: testing.S3Server, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = story(company)
    commits, files = history(), tree(home)
    (home / "govlake.toml").write_text("# ours\nkeep_editions = 4\nstore = ''\n")
    settings.cache_clear()
    file = settings_for(s3, tmp_path / "s3.toml")

    process = multiprocessing.get_context("fork").Process(target=move_and_die, args=(file, 15))
    process.start()
    process.join()
    assert process.exitcode == 9 and settings().store == ""
    target = moving.remote(moving.read_settings(file)[1])
    partly = [entry for entry in target.list("lake/") if entry.size]
    assert 0 < len(partly) < len(files)
    (tmp_path / "spoiled").write_bytes(b"x" * partly[0].size)  # the size is right, the content is not
    target.upload(tmp_path / "spoiled", partly[0].key)
    target.create("lake/silver/of/an/earlier/try", b"")

    assert exit_code_of(["lake", "move", str(file)]) == 0
    said = capsys.readouterr()
    assert f"{len(files)} objects" in said.out and "each verified" in said.out
    assert (settings().store, settings().keep_editions) == (f"s3://{target.bucket}/{target.prefix}", 4)
    assert "# ours" in (home / "govlake.toml").read_text()
    assert s3.secret_key not in said.out + said.err
    assert tree(home) == files
    assert len([entry for entry in store().list("") if not entry.key.endswith("_lease.json")]) == len(files)

    assert lake.path("silver", "water", "reading").startswith("s3a://moved-")
    assert history() == commits
    report = company.run()
    assert (report.rows, report.published, company.edition()) == ([], False, before["edition"])
    assert company.silver("reading_id", "volume") == before["silver"]
    assert landing.landed_files(Batch(company.reading, NEXT, 2))[0].read_bytes() == before["landed"][0]
    company.deliver(date(2026, 9, 3), readings(date(2026, 9, 3)))
    assert (company.run().published, company.edition()) == (True, before["edition"] + 1)

    capsys.readouterr()
    assert exit_code_of(["lake", "move", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["objects"] == 0


def test_a_home_does_not_move_on_top_of_another(company: Company, s3: testing.S3Server, tmp_path: Path) -> None:
    company.deliver(DAY, readings(DAY))
    company.take(DAY)
    file = settings_for(s3, tmp_path / "s3.toml")
    target = moving.remote(moving.read_settings(file)[1])
    moving.probe.ask(target)
    target.create("lake/silver/a/b/_delta_log/0.json", b"{}")
    with pytest.raises(StoreError, match="holds a lake already"):
        moving.move(file, lambda line: None)
    assert settings().store == "" and len(list(target.list(""))) == 1
