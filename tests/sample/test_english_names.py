"""English names of institutions and departments: delivered where there are any, and a file may lack the column."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from govlake import lake
from govlake.ledger import Ledger
from govlake.pipeline.run import ingest
from govlake.sample import catalogue, formats
from govlake.sample.deliver import deliver, file_of

JULY, AUGUST = date(2026, 7, 31), date(2026, 8, 31)


@pytest.mark.parametrize(
    ("dataset", "zh", "en", "named"),
    [
        ("health.institution", "org_name", "org_name_en", {"样例市中枢区综合医院": "Zhongshu General Hospital"}),
        ("health.institution", "org_name", "org_name_en", {"样例市青岚区社区卫生服务中心": None}),
        ("services.item", "dept_name", "dept_name_en", {"公安局": "Public Security Bureau"}),
    ],
    ids=["hospital", "community centre", "department"],
)
def test_who_has_an_english_name(dataset: str, zh: str, en: str, named: dict[str, str | None]) -> None:
    rows = catalogue.rows(dataset, AUGUST).to_pylist()
    assert named.items() <= {row[zh]: row[en] for row in rows}.items()


@pytest.mark.engine
@pytest.mark.postgres
def test_a_roster_without_english_names_is_taken_and_they_can_come_later(
    home: Path, engine: str, ledger: Ledger
) -> None:
    contract = catalogue.pack().find("health.institution")
    ledger.register_pack(catalogue.pack())
    texts = catalogue.delivery(contract.id, JULY).texts
    file = file_of(home / "inbox", contract.id, JULY)
    file.parent.mkdir(parents=True)
    formats.write(file, texts.drop_columns(["机构英文名称"]), contract.source, contract.title_zh)
    assert ingest(contract, JULY, progress=lambda line: None).status == "done"
    assert set(names()["org_name_en"].to_pylist()) == {None}
    deliver(home, AUGUST, only=[contract.id])
    assert ingest(contract, AUGUST, progress=lambda line: None).status == "done"
    rows = names().to_pylist()
    newest = [row for row in rows if row["_batch_id"].endswith(f"{AUGUST:%Y%m%d}")]  # others are in quarantine now
    assert len(newest) > 10
    for row in rows:
        assert bool(row["org_name_en"]) == (row in newest and row["org_type"] != "community_centre")
    assert not ledger.restatements()  # a name where none had been stated


def names() -> pa.Table:
    table = lake.delta(lake.path("silver", "health", "institution"))
    assert table
    return table.to_pyarrow_table().select(["org_name_en", "org_type", "_batch_id"])
