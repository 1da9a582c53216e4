"""A person is planted in every corner and erased: nothing is left anywhere, and everybody else's rows are as before."""

import hashlib
import hmac
import io
import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from govlake import lake, pipeline
from govlake.batch import Account
from govlake.errors import LakeError, LedgerError
from govlake.maintenance.erasure import Erased, erase, preview
from govlake.maintenance.person import person
from govlake.settings import settings
from tests.pipeline.conftest import COLUMNS, Company, csv, readings

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
ONE, TWO, THREE, FOUR = (date(2026, 9, day) for day in (1, 2, 3, 4))
WHO = "M-880423"
FACT = """
select reading_id, meter, day, volume from {{ ref('stg_water__readings_of_meters') }}
"""
FACT_STAGING = """
select reading_id, meter, day, volume from {{ source('water_pack', 'water__reading') }}
"""
FACT_YML = """
models:
  - name: fct_water_reading
    description: Readings. One row per reading. 抄表。每行对应一次抄表。
    config:
      meta: {title_zh: 抄表, title_en: Readings, grain: [reading_id], domain: water, sources: []}
    columns:
      - {name: reading_id, data_type: string, config: {meta: {zh: 编号, en: Reading}}}
      - {name: meter, data_type: string, config: {meta: {zh: 水表, en: Meter}}}
      - {name: day, data_type: date, config: {meta: {zh: 日期, en: Date}}}
      - {name: volume, data_type: double, config: {meta: {zh: 用水量, en: Volume}}}
"""


@pytest.fixture
def planted(company: Company) -> Company:
    """The person's rows: good ones, a corrected one, one in quarantine, a malformed line, a held and an unreadable
    delivery, a row-level mart, and two editions."""
    company.change(
        "{name: meter, businessName: Meter, required: true}",
        "{name: meter, businessName: Meter, required: true, customProperties: [{property: pseudonymise, value: true}]}",
    )
    models = company.folder / "dbt" / "models"
    (models / "staging" / "stg_water__readings_of_meters.sql").write_text(FACT_STAGING, encoding="utf-8")
    (models / "marts" / "water" / "fct_water_reading.sql").write_text(FACT, encoding="utf-8")
    (models / "marts" / "water" / "fct_water_reading.yml").write_text(FACT_YML, encoding="utf-8")
    own = {"meter": f" {WHO} "}
    company.deliver(ONE, [*readings(ONE), *readings(ONE, 1, reading_id="1", **own)])
    company.run()
    company.deliver(ONE, [*readings(ONE, volume="1.5"), *readings(ONE, 1, reading_id="1", volume="3", **own)])
    malformed = f"7,{WHO},too,many,cells,in,this,line\n".encode()
    bad = readings(TWO, 1, reading_id="2", volume="999", **own)
    company.deliver(TWO, csv([*readings(TWO), *bad, *readings(TWO, 1, reading_id="3", **own)]) + malformed)
    held = csv(readings(THREE, meter=WHO), tuple(name for name in COLUMNS if name != "district"))
    company.deliver(THREE, held)
    company.deliver(FOUR, b"reading_id,meter\n9," + WHO.encode() + b"\n\xff\xfe\xff")
    company.run()
    return company


def everything(company: Company) -> Iterator[tuple[str, str]]:
    """Every text of lake, landing and database, read without the code under test."""
    for root in (settings().lake, settings().landing):
        for file in sorted(path for path in root.rglob("*") if path.is_file()):
            yield from texts(str(file), file.read_bytes())
    yield from in_database(company)


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """What can be read in a file of that name."""
    yield name, content.decode("utf-8", errors="replace") + content.decode("latin-1")
    if name.endswith(".parquet"):
        yield name, json.dumps(pq.read_table(io.BytesIO(content)).to_pylist(), default=str)


def in_database(company: Company) -> Iterator[tuple[str, str]]:
    """Every row of PostgreSQL."""
    with psycopg.connect(company.ledger.url) as connection:
        names = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)'"
        ).fetchall()
        for schema, name in names:
            for (text,) in connection.execute(f'SELECT t::text FROM "{schema}"."{name}" AS t').fetchall():
                yield f"{schema}.{name}", str(text)


def found(company: Company) -> set[str]:
    """Where the person is, in clear or as a keyed hash."""
    return holding(everything(company))


def holding(read: Iterable[tuple[str, str]]) -> set[str]:
    """The places whose text holds the person."""
    key = bytes.fromhex(settings().pseudonym_key())
    hashed = hmac.new(key, WHO.encode(), hashlib.sha256).hexdigest()
    return {place for place, text in read if WHO in text or hashed[:32] in text}


def others(company: Company) -> list[dict[str, Any]]:
    """Whole rows of silver that are not the person's, by their place."""
    table = lake.delta(lake.path("silver", "water", "reading"))
    assert table is not None
    rows = [row for row in table.to_pyarrow_table().to_pylist() if row["reading_id"] not in ("1", "2", "3")]
    return sorted(rows, key=lambda row: row["reading_id"])


def remove(company: Company, **options: Any) -> Erased:
    return erase(
        person(WHO), company.pack, "asked on paper", "PIPL article 47", "officer", progress=lambda line: None, **options
    )


def test_nothing_of_the_person_is_left_and_everybody_else_is_untouched(planted: Company) -> None:
    places = found(planted)
    kinds = ("landing", "bronze", "quarantine", "silver", "gold", "edition_parts.", "quarantine_reasons")
    for kind in kinds:
        assert any(kind in place for place in places), kind
    before, accounts = others(planted), planted.ledger.accounts(dataset="water.reading")
    assert len(before) == 40
    assert preview(person(WHO), planted.pack).rows == 6

    report = remove(planted)
    assert found(planted) == set()
    assert others(planted) == before
    assert report.counts["landed rows"] == 6 and report.counts["silver.water.reading"] == 2
    assert report.counts["quarantine.water.reading"] == 2
    assert len(report.inbox) == 4

    after = planted.ledger.accounts(dataset="water.reading")
    assert [{**row, "erased": 0} for row in after] == accounts
    assert {row["batch_id"]: row["erased"] for row in after if row["erased"]} == {
        "water.reading-20260901": 1, "water.reading-20260901-r2": 1, "water.reading-20260902": 3,
        "water.reading-20260903": 1,
    }  # fmt: skip
    assert planted.ledger.quarantine("water.reading", "water.reading-20260902") == []
    evidence = planted.ledger.erasures()
    assert len(evidence) == 1 and evidence[0]["proven_at"] and evidence[0]["basis"] == "PIPL article 47"


def test_life_goes_on_after_an_erasure(planted: Company) -> None:
    remove(planted)
    before = others(planted)
    report = planted.run()
    assert report.published and found(planted) == set()
    assert planted.ledger.query("SELECT count(*) AS n FROM marts.fct_water_reading") == [{"n": 40}]
    assert pipeline.replay(planted.reading, TWO, lambda line: None).status == "done"
    assert others(planted) == before
    account = planted.ledger.accounts(batch_id="water.reading-20260902")[0]
    assert (account["landed"], account["bronze"], account["erased"], account["quarantined"]) == (23, 20, 3, 0)
    assert found(planted) == set()

    # The same bytes are not taken again, under no date; a delivery without the person is.
    file = settings().inbox / f"readings_{ONE:%Y%m%d}.csv"
    assert pipeline.land_file(file, planted.reading, ONE, lambda line: None).status == "nothing_new"
    refused = pipeline.land_file(file, planted.reading, date(2026, 9, 9), lambda line: None)
    assert "were erased; it is not taken again" in refused.line
    planted.deliver(TWO, readings(TWO, 21))
    assert planted.take(TWO).status == "done"
    assert found(planted) == set()


def test_an_erasure_that_is_killed_anywhere_is_finished_by_the_same_command(
    planted: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    from govlake.maintenance import erasure

    before = others(planted)
    for name in ("_deliveries", "_tables", "_past", "_editions", "_prove"):
        with monkeypatch.context() as broken:
            broken.setattr(erasure, name, _killed)
            with pytest.raises(KeyboardInterrupt):
                remove(planted)
    remove(planted)
    assert (found(planted), others(planted)) == (set(), before)
    erased = {row["batch_id"]: row["erased"] for row in planted.ledger.accounts(dataset="water.reading")}
    assert sum(erased.values()) == 6
    assert len(planted.ledger.erasures()) == 1


def _killed(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_the_ledger_lets_no_row_vanish_under_the_name_of_an_erasure(planted: Company) -> None:
    account = Account("water.reading-20260902", "water.reading", 23, 22, silver_new=22, erased=1)
    assert account.closes
    with pytest.raises(LedgerError, match="says that 1 rows were erased, the ledger knows of 0"):
        planted.ledger.record_account(account)
    with pytest.raises(LakeError, match="does not name one person"):
        person(" 123 ")
