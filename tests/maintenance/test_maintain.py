"""Maintenance makes files fewer and logs shorter, changes no row, and makes nobody build or publish anew."""

import os
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from govlake import content, lake
from govlake.maintenance import orphans
from govlake.maintenance.maintain import maintain
from govlake.settings import settings
from tests.pipeline.conftest import Company, readings

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
DAY = date(2026, 9, 1)
SILVER = ("silver", "water", "reading")


def rounds(dry_run: bool = False) -> dict[str, dict[str, object]]:
    return {row["table"]: row for row in maintain(dry_run, lambda line: None)}


def deliver(company: Company, days: int) -> None:
    """Days of which each also brings a row for the first day, so that its partition is written again and again."""
    for number in range(days):
        day = DAY + timedelta(days=number)
        late = readings(DAY, 1, reading_id=f"77{number}")
        company.deliver(day, [*readings(day), *late])
        company.take(day)


def small_pieces(company: Company, pieces: int = 6) -> None:
    """Write one day of silver as many small files, as engines with many workers do."""
    import pyarrow as pa
    from deltalake import write_deltalake

    found = lake.delta(lake.path(*SILVER))
    assert found is not None
    rows = found.to_pyarrow_table(filters=[("day", "=", DAY)])
    step = -(-rows.num_rows // pieces)
    for start in range(0, rows.num_rows, step):
        part: pa.Table = rows.slice(start, step)
        options = {"mode": "append"} if start else {"mode": "overwrite", "predicate": f"day = '{DAY}'"}
        write_deltalake(lake.path(*SILVER), part, **options)


def test_a_maintained_lake_has_fewer_files_and_the_next_run_finds_nothing_new(company: Company) -> None:
    deliver(company, 3)
    small_pieces(company)
    assert company.run().published
    rows, shown, edition = company.silver("reading_id", "volume", "day"), company.shown(), company.edition()
    versions = {key: content.version(lake.path(*key.split("/"))) for key in company.versions()}
    builds = company.ledger.query("SELECT count(*) AS n FROM ledger.mart_builds")

    assert rounds(dry_run=True)["silver.water.reading"]["compacted"] == 6
    assert company.silver("reading_id", "volume", "day") == rows
    did = rounds()
    assert did["silver.water.reading"]["compacted"] == 6
    found = lake.delta(lake.path(*SILVER))
    assert found is not None and len(found.file_uris()) == 3
    assert company.silver("reading_id", "volume", "day") == rows
    assert {key: content.version(lake.path(*key.split("/"))) for key in company.versions()} == versions

    again = company.run()
    assert (again.rows, again.published, company.edition()) == ([], False, edition)
    assert company.ledger.query("SELECT count(*) AS n FROM ledger.mart_builds") == builds
    assert company.shown() == shown


def test_a_second_round_has_nothing_to_do(company: Company) -> None:
    deliver(company, 2)
    small_pieces(company)
    rounds()
    before = company.versions()
    assert {key: row for key, row in rounds().items() if row["status"] != "nothing_to_do"} == {}
    assert company.versions() == before


def test_after_compaction_only_the_day_that_changed_counts_as_changed(company: Company) -> None:
    deliver(company, 3)
    small_pieces(company)
    before = content.fingerprints(lake.path(*SILVER))
    rounds()
    assert content.fingerprints(lake.path(*SILVER)) == before
    # A later commit ends what the newest commit says of itself; the ledger remembers.
    company.deliver(DAY + timedelta(days=5), readings(DAY + timedelta(days=5)))
    company.take(DAY + timedelta(days=5))
    after = content.fingerprints(lake.path(*SILVER))
    changed = {part for part in after if after[part] != before.get(part)}
    assert changed == {content.ALL, str(DAY + timedelta(days=5))}


def test_a_compaction_that_was_killed_before_the_ledger_knew_changes_nothing_either(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(company, 2)
    small_pieces(company)
    before = content.fingerprints(lake.path(*SILVER))
    monkeypatch.setattr(content, "remember", lambda address: None)
    rounds()
    monkeypatch.undo()
    assert content.fingerprints(lake.path(*SILVER)) == before
    rounds()
    assert content.fingerprints(lake.path(*SILVER)) == before


def age(folder: Path, days: float) -> None:
    stamp = time.time() - days * 86400
    for file in folder.rglob("*"):
        os.utime(file, (stamp, stamp))


def test_old_files_go_after_their_time_and_young_ones_stay(company: Company) -> None:
    deliver(company, 2)
    small_pieces(company)
    rounds()
    address = Path(lake.path(*SILVER))
    stray = address / f"day={DAY}" / "stray.parquet"
    stray.write_bytes(b"half a file")
    assert rounds()["silver.water.reading"]["deleted"] == 0
    age(stray.parent, 8)
    assert rounds()["silver.water.reading"]["deleted"] >= 1
    assert not stray.exists()
    assert len(company.silver("reading_id")) == 42


def test_what_killed_runs_left_behind_is_removed_and_what_is_under_way_is_not(company: Company) -> None:
    company.deliver(DAY, readings(DAY))
    company.take(DAY)
    import pyarrow as pa
    from deltalake import write_deltalake

    done, busy = f"water.reading-{DAY:%Y%m%d}", "water.reading-20991231"
    for batch_id in (done, f"{done}.keys", busy):
        write_deltalake(lake.path("staging", "water", "reading", batch_id), pa.table({"a": [1]}))
    draft = settings().landing / "water_company" / "reading" / ".incoming-999999999-1"
    draft.mkdir()
    unborn = settings().lake / "silver" / "water" / "unborn"
    unborn.mkdir()
    (unborn / "part.parquet").write_bytes(b"half")
    assert orphans.find()["unborn"] == [] and len(orphans.find()["staging"]) == 2
    age(unborn, 2)
    assert rounds()["leftovers"] == {
        "table": "leftovers", "status": "done", "staging": 2, "drafts": 1, "unborn": 1,
    }  # fmt: skip
    assert not draft.exists() and not unborn.exists()
    assert lake.delta(lake.path("staging", "water", "reading", busy)) is not None
    assert len(company.silver("reading_id")) == 20


def test_what_the_ledger_remembers_of_a_table_goes_with_it(company: Company) -> None:
    company.deliver(DAY, readings(DAY))
    company.run()
    mart = "fingerprint.gold.water.kpi_water_day"
    assert company.ledger.cursor(mart)
    for name in ("compacted.silver.water.gone", "fingerprint.gold.water.gone", "marts.all.water"):
        company.ledger.set_cursor(name, {"a": "b"})
    rounds()
    assert company.ledger.cursor(mart) and company.ledger.cursor("marts.all.water")
    assert not company.ledger.cursor("compacted.silver.water.gone")
    assert not company.ledger.cursor("fingerprint.gold.water.gone")
