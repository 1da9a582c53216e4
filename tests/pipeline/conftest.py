"""A small water company of its own: two deliveries, one mart, and a way to bring files into the inbox."""

import io
import os
import time
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govlake import lake, pipeline
from govlake.batch import Outcome
from govlake.contracts import Contract, Pack, load_pack
from govlake.ledger import Ledger
from govlake.pipeline.run import ingest
from govlake.settings import settings

HEAD = """
apiVersion: v3.1.0
kind: DataContract
id: water-{name}
version: 1.0.0
status: active
domain: water
name: {name}
team: {{name: Water Company, customProperties: [{{property: nameZh, value: 供水公司}}]}}
customProperties:
  - {{property: department, value: water_company}}
  - {{property: titleEn, value: {title_en}}}
  - {{property: titleZh, value: {title_zh}}}
  - {{property: timezone, value: UTC}}
servers:
  - {{server: inbox, type: local, path: "{path}", format: csv, encoding: utf-8}}
slaProperties:
  - {{property: frequency, value: 1, unit: d}}
"""
READING = """
schema:
  - name: reading
    businessName: Meter readings
    dataGranularityDescription: One row per reading of a meter.
    customProperties:
      - {property: titleZh, value: 抄表记录}
      - {property: orderBy, value: read_at}
    properties:
      - {name: reading_id, businessName: Reading, primaryKey: true, logicalTypeOptions: {pattern: "^[0-9]+$"}}
      - {name: meter, businessName: Meter, required: true}
      - {name: read_at, businessName: Time of reading, logicalType: timestamp, required: true}
      - name: volume
        businessName: Volume
        logicalType: number
        required: true
        logicalTypeOptions: {minimum: 0, maximum: 100}
        customProperties: [{property: titleZh, value: 用水量}]
      - {name: district, businessName: District, required: true, enum: [{value: north}, {value: south}]}
      - {name: day, businessName: Day, logicalType: date, partitioned: true, transformLogic: "CAST(read_at AS date)"}
"""
LEAK = """
schema:
  - name: leak
    physicalName: leaks.csv
    businessName: Leaks
    dataGranularityDescription: One row per leak.
    customProperties: [{property: titleZh, value: 漏损}]
    properties:
      - {name: leak_id, businessName: Leak, primaryKey: true}
      - {name: street, businessName: Street, required: true}
  - name: repair
    physicalName: repairs.csv
    businessName: Repairs
    dataGranularityDescription: One row per repair.
    customProperties: [{property: titleZh, value: 维修}, {property: optional, value: true}]
    properties:
      - {name: leak_id, businessName: Leak, primaryKey: true}
      - {name: cost, businessName: Cost, logicalType: number}
"""
STAGING = """
select day, district, reading_id, volume
from {{ source('water_pack', 'water__reading') }}
"""
MART = """
with readings as (
    select * from {{ ref('stg_water__readings') }}
),

totals as (
    select day, district, count(*) as readings, cast(sum(volume) as decimal(18, 2)) as volume_m3
    from readings
    group by day, district
)

select * from totals
"""
MART_YML = """
models:
  - name: kpi_water_day
    description: Water used. One row per day and district. 用水量。每行对应一天、一个区。
    config:
      meta: {title_zh: 日用水量, title_en: Water by day, grain: [day, district], domain: water, sources: []}
    columns:
      - {name: day, data_type: date, config: {meta: {zh: 日期, en: Date}}}
      - {name: district, data_type: string, config: {meta: {zh: 区, en: District}}}
      - {name: readings, data_type: bigint, config: {meta: {zh: 抄表次数, en: Readings}}}
      - {name: volume_m3, data_type: "decimal(18,2)", config: {meta: {zh: 用水量, en: Volume (m3)}}}
"""
COLUMNS = ("reading_id", "meter", "read_at", "volume", "district")
ROWS = 20
Row = dict[str, str]


def readings(day: date, count: int = ROWS, **changed: str) -> list[Row]:
    """`count` good rows of a day; the last one has the `changed` values."""
    rows = [
        {
            "reading_id": f"{day:%m%d}{number:03d}",
            "meter": f"m{number}",
            "read_at": f"{day} {number % 24:02d}:00:00",
            "volume": f"{number / 2}",
            "district": "north" if number % 2 else "south",
        }
        for number in range(1, count + 1)
    ]
    rows[-1] |= changed
    return rows


def csv(rows: list[Row], columns: tuple[str, ...] = COLUMNS) -> bytes:
    """The rows as the file that the company writes."""
    lines = [",".join(columns), *(",".join(row[name] for name in columns) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def zipped(**members: bytes) -> bytes:
    """An archive with these members, each a CSV file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.csv", content)
    return buffer.getvalue()


@dataclass(frozen=True)
class Company:
    """The water company's contracts, and what became of its deliveries."""

    folder: Path
    ledger: Ledger

    @property
    def pack(self) -> Pack:
        """The contracts as their files say now."""
        return load_pack(self.folder)

    @property
    def reading(self) -> Contract:
        return self.pack.find("water.reading")

    def deliver(self, day: date, content: list[Row] | bytes, name: str = "readings_{:%Y%m%d}.csv") -> Path:
        """Put a finished file into the inbox."""
        file = settings().inbox / name.format(day)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else csv(content))
        stamp = time.time() - 60 + time.monotonic() % 10
        os.utime(file, (stamp, stamp))
        return file

    def change(self, before: str, after: str) -> None:
        """Change the contract of the readings."""
        file = self.folder / "water" / "reading.yaml"
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after), encoding="utf-8")

    def take(self, day: date) -> Outcome:
        """Carry the readings of a day to silver, without marts."""
        return ingest(self.reading, day, progress=lambda line: None)

    def run(self, **chosen: Any) -> pipeline.RunReport:
        """Everything that is due, up to the edition."""
        return pipeline.run(self.pack, progress=lambda line: None, **chosen)

    def silver(self, *columns: str) -> list[tuple[Any, ...]]:
        """Rows of silver, sorted."""
        table = lake.delta(lake.path("silver", "water", "reading"))
        rows = table.to_pyarrow_table().select(list(columns)).to_pylist() if table else []
        return sorted(tuple(row.values()) for row in rows)

    def shown(self) -> list[tuple[Any, ...]]:
        """What leaders see of the mart, sorted."""
        rows = self.ledger.query("SELECT day, district, readings, volume_m3 FROM marts.kpi_water_day")
        return sorted(tuple(row.values()) for row in rows)

    def accounts(self) -> dict[str, dict[str, int]]:
        """Per batch, its counts without zeros. Every one of them closes."""
        accounts = self.ledger.accounts(dataset="water.reading")
        assert accounts and all(account["closes"] for account in accounts)
        names = ("landed", "silver_new", "silver_updated", "unchanged", "duplicate", "superseded", "quarantined")
        return {row["batch_id"]: {name: row[name] for name in names if row[name]} for row in accounts}

    def edition(self) -> int | None:
        """The number of the edition that is shown."""
        current = self.ledger.current_edition()
        return current["edition"] if current else None

    def versions(self) -> dict[str, int]:
        """The Delta version of every table of the lake."""
        logs = settings().lake.rglob("_delta_log")
        return {str(log.parent.relative_to(settings().lake)): lake.version(str(log.parent)) for log in logs}


@pytest.fixture
def company(home: Path, engine: str, ledger: Ledger, tmp_path: Path) -> Company:
    """The company before its first delivery."""
    write_company(tmp_path / "water_pack")
    return Company(tmp_path / "water_pack", ledger)


def write_company(folder: Path) -> None:
    """Write the company's contracts and its mart."""
    reading = HEAD.format(
        name="reading", title_en="Readings", title_zh="抄表", path="{inbox}/readings_{date:%Y%m%d}.csv"
    )
    leak = HEAD.format(name="leak", title_en="Leaks", title_zh="漏损", path="{inbox}/leaks_{date:%Y%m%d}.zip")
    files = {
        "water/reading.yaml": reading + READING,
        "water/leak.yaml": leak + LEAK,
        "dbt/models/staging/stg_water__readings.sql": STAGING,
        "dbt/models/marts/water/kpi_water_day.sql": MART,
        "dbt/models/marts/water/kpi_water_day.yml": MART_YML,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
