"""On an S3 server a lake is kept fit, corrected and cleared of a person as in a folder, by either engine."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from govlake import engine as sessions
from govlake import lake, pipeline
from govlake.ledger import Ledger
from govlake.maintenance import backfill, named
from govlake.maintenance.history import history
from govlake.maintenance.maintain import maintain
from govlake.maintenance.restore import restore
from govlake.stack import testing
from govlake.store import S3Store, store
from tests.conftest import reaching
from tests.engines.conftest import uncompiled
from tests.maintenance.test_erasure import WHO, holding, in_database, remove, texts
from tests.pipeline.conftest import Company, readings, write_company

pytestmark = [pytest.mark.cluster, pytest.mark.engine, pytest.mark.postgres]
DAYS = [date(2026, 9, 1) + timedelta(days=number) for number in range(3)]
QUIET = lambda line: None  # noqa: E731


@pytest.fixture(scope="module", params=["sail", "spark"])
def engine(request: pytest.FixtureRequest, s3: testing.S3Server, project_read: None) -> Iterator[str]:
    """An engine of each kind that reaches this session's S3 server."""
    running = partial(nullcontext, request.getfixturevalue("spark")) if request.param == "spark" else testing.engine
    with reaching(s3, running) as address, uncompiled():
        yield address
        sessions.close()


@pytest.fixture
def company(remote_home: Path, engine: str, ledger: Ledger, tmp_path: Path) -> Company:
    """The company, with lake and landing on S3, before its first delivery."""
    write_company(tmp_path / "water_pack")
    return Company(tmp_path / "water_pack", ledger)


def bucket() -> Iterator[tuple[str, str]]:
    """Every text of every version of every object, read without the code under test."""
    place = store()
    assert isinstance(place, S3Store)
    pages = place.client.get_paginator("list_object_versions").paginate(Bucket=place.bucket)
    for found in (found for page in pages for found in page.get("Versions", [])):
        at = {"Bucket": place.bucket, "Key": found["Key"], "VersionId": found["VersionId"]}
        yield from texts(found["Key"], place.client.get_object(**at)["Body"].read())


def deliver(company: Company) -> None:
    """Three days with a row each that is kept out for now; the person is in the first, and in its correction."""
    own = readings(DAYS[0], 1, reading_id="1", meter=WHO)
    company.deliver(DAYS[0], [*readings(DAYS[0], volume="101"), *own])
    company.run()
    company.deliver(DAYS[0], [*readings(DAYS[0], volume="102"), *own])
    for day in DAYS[1:]:
        company.deliver(day, readings(day, volume="101"))
    assert company.run().published


def test_a_lake_on_s3_is_kept_fit_corrected_and_cleared_of_a_person(company: Company) -> None:
    company.change(
        "{name: meter, businessName: Meter, required: true}",
        "{name: meter, businessName: Meter, required: true, customProperties: [{property: pseudonymise, value: true}]}",
    )
    deliver(company)
    rows = company.silver("reading_id", "volume")
    assert len(rows) == 58

    table = {row["table"]: row for row in maintain(False, QUIET)}["silver.water.reading"]
    assert table["compacted"] or table["checkpoint"] or history(named("water.reading"))
    assert (company.silver("reading_id", "volume"), company.run().published) == (rows, False)

    company.change("maximum: 100", "maximum: 1000")
    declared = company.ledger.declare_backfill("water.reading", DAYS[1], DAYS[2], "the limit was wrong", "operator")
    built = backfill.build(declared["backfill_id"], company.pack, "operator", QUIET)
    assert (built["state"], company.silver("reading_id", "volume")) == ("built", rows)
    assert [(entry["added"], entry["removed"]) for entry in built["comparison"]] == [(2, 0)]
    swapped = backfill.swap(built["backfill_id"], company.pack, "operator", QUIET)
    assert len(company.silver("reading_id")) == 60
    back = restore(named("water.reading"), swapped["kept"]["silver.water.reading"], "operator")
    assert (back.rows, company.silver("reading_id", "volume")) == (58, rows)
    assert "restored" in history(named("water.reading"))[0]["what"]
    for batch in back.again:
        assert pipeline.replay(company.reading, date.fromisoformat(_dated(batch)), QUIET).status == "done"
    assert company.run().published and len(company.silver("reading_id")) == 61  # the first day is judged again, too

    places = holding(bucket())
    for kind in ("landing/", "/bronze/", "/silver/"):
        assert any(kind in place for place in places), kind
    report = remove(company)
    assert report.counts["old versions in the store"] > 0
    assert (holding(bucket()), holding(in_database(company))) == (set(), set())
    assert list(store().past("lake/silver/")) == []
    assert len(company.silver("reading_id")) == 60 and company.accounts()
    assert company.run().published and holding(bucket()) == set()
    assert lake.path("silver", "water", "reading").startswith("s3a://")


def _dated(batch: str) -> str:
    digits = batch.split("-")[1]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
