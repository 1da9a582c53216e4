"""Every dataset of the city: when it is due, that it is made the same way each time, that no defect goes missing."""

from datetime import date
from pathlib import Path

import pytest

from govlake.errors import DeliveryError
from govlake.sample import catalogue
from govlake.sample.calendar import due, first_day
from govlake.sample.deliver import deliver, file_of

DAY = date(2026, 9, 1)


def test_five_domains_deliver_and_none_below_three_tables() -> None:
    contracts = catalogue.datasets()
    assert len(contracts) == len(catalogue.pack().contracts) >= 30
    count = {domain: sum(c.domain == domain for c in contracts) for domain in {c.domain for c in contracts}}
    assert all(count[domain] >= 5 for domain in ("transit", "safety", "services", "health", "hotline"))
    assert len({contract.department for contract in contracts}) == 7


@pytest.mark.parametrize(
    ("dataset", "first", "last", "days"),
    [
        ("safety.call", date(2026, 8, 31), DAY, [date(2026, 8, 31), DAY]),
        ("safety.response", date(2026, 8, 24), DAY, [date(2026, 8, 30)]),
        ("safety.response", DAY, DAY, [date(2026, 8, 30)]),
        ("transit.route", date(2026, 2, 20), date(2026, 4, 1), [date(2026, 2, 28), date(2026, 3, 31)]),
        ("city.population", DAY, DAY, [date(2026, 6, 30)]),
        ("city.area", DAY, DAY, [date(2025, 12, 31)]),
    ],
    ids=["daily", "weekly", "the week before", "monthly", "the quarter before", "the year before"],
)
def test_what_is_due(dataset: str, first: date, last: date, days: list[date]) -> None:
    assert due(catalogue.pack().find(dataset), first, last) == days


@pytest.mark.parametrize(
    ("dataset", "last", "first"),
    [
        ("safety.call", DAY, DAY),
        ("safety.response", date(2026, 8, 30), date(2026, 8, 24)),
        ("services.licence", date(2026, 2, 28), date(2026, 2, 1)),
        ("city.population", date(2026, 6, 30), date(2026, 4, 1)),
        ("health.resource_year", date(2025, 12, 31), date(2025, 1, 1)),
    ],
)
def test_a_delivery_holds_its_period(dataset: str, last: date, first: date) -> None:
    assert first_day(catalogue.pack().find(dataset), last) == first


def test_all_files_are_the_same_bytes_again_and_others_for_another_seed(tmp_path: Path) -> None:
    made = [
        {file.dataset: file.path.read_bytes() for file in deliver(tmp_path / name, DAY, scale=0.2, seed=seed)}
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert set(made[0]) == {contract.id for contract in catalogue.datasets()}
    assert made[0] == made[1]
    alike = {name for name in made[0] if made[0][name] == made[2][name]}
    assert alike <= {"health.resource_year"}, "what has neither chance nor defects"


@pytest.mark.parametrize("dataset", sorted(catalogue.ROWS))
def test_no_defect_goes_missing(dataset: str) -> None:
    flaws = catalogue.FLAWS[dataset]
    found = catalogue.delivery(dataset, due(catalogue.pack().find(dataset), DAY, DAY)[0])
    told = found.answers()
    assert [defect.name for defect in flaws.defects if found.counts[defect.name] < 1] == []
    assert sum(found.counts[defect.name] for defect in flaws.defects if defect.breaks) <= 0.2 * len(found.texts)
    assert told["quarantined"] == sum(
        found.counts[name] for name in ("empty", *(defect.name for defect in flaws.defects if defect.breaks))
    )
    named = {rule for defect in flaws.defects for rule in (*defect.breaks, *defect.warns)} | set(flaws.natural)
    assert set(found.reasons) | set(found.warnings) <= named | {"row.empty"}


def test_a_file_that_is_as_it_should_be_is_left_alone(tmp_path: Path) -> None:
    for file in deliver(tmp_path, DAY, scale=0.1, only=["police"]):
        before = file.path.stat().st_mtime_ns
        deliver(tmp_path, DAY, scale=0.1, only=["police"])
        assert file.path.stat().st_mtime_ns == before


def test_one_department_can_deliver_alone(tmp_path: Path) -> None:
    files = deliver(tmp_path, DAY, scale=0.1, only=["hotline.ticket", "meteorology"])
    assert [file.dataset for file in files] == ["city.weather", "hotline.ticket"]
    assert [file.path for file in files] == [file_of(tmp_path / "inbox", file.dataset, file.day) for file in files]
    with pytest.raises(DeliveryError) as refused:
        deliver(tmp_path, DAY, only=["fire_brigade"])
    assert "fire_brigade" in str(refused.value) and "hotline.ticket" in refused.value.remedy


@pytest.mark.parametrize("kind", ["missing_column", "null_keys", "wrong_encoding", "truncated_zip", "empty_file"])
@pytest.mark.parametrize("dataset", ["services.application_step", "hotline.ticket"])
def test_any_archive_of_text_can_be_spoiled(tmp_path: Path, dataset: str, kind: str) -> None:
    correct = [file.path.read_bytes() for file in deliver(tmp_path, DAY, scale=0.1, only=[dataset])]
    spoiled = deliver(tmp_path, DAY, scale=0.1, only=[dataset], dataset=dataset, spoiled=kind)
    assert [file.spoiled for file in spoiled] == [kind]
    assert [file.path.read_bytes() for file in spoiled] != correct


def test_a_workbook_cannot_lose_a_column_but_can_be_cut(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError):
        deliver(tmp_path, DAY, only=["services.item"], dataset="services.item", spoiled="missing_column")
    cut = deliver(tmp_path, DAY, only=["services.item"], dataset="services.item", spoiled="truncated_zip")
    assert cut[0].spoiled == "truncated_zip"
