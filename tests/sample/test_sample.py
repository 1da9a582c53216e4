"""The sample city: the same bytes for the same seed and date, and as many faults as its answers say."""

import csv
import io
import json
import zipfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from govlake.contracts import load_pack
from govlake.errors import DeliveryError
from govlake.sample import catalogue, city, deliver, rhythm, spoil, tap_file
from govlake.sample.tickets import opened_on
from govlake.settings import PROJECT

DAY = date(2026, 9, 1)
TWO = ("hotline.ticket", "transit.card_tap")


def play(home: Path, day: date = DAY, **chosen: Any) -> list[deliver.Delivered]:
    """Let two departments deliver a day."""
    return deliver.deliver(home, day, only=TWO, **chosen)


def taps(home: Path, day: date = DAY) -> list[dict[str, str]]:
    text = deliver.file_of(home / "inbox", "card_tap", day).read_bytes().decode("gb18030")
    return list(csv.DictReader(io.StringIO(text)))


def tickets(home: Path, day: date = DAY) -> list[dict[str, str]]:
    with zipfile.ZipFile(deliver.file_of(home / "inbox", "ticket", day)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(archive.namelist()[0]).decode("utf-8-sig"))))


def answers(home: Path, dataset: str, day: date = DAY) -> dict[str, Any]:
    return json.loads(deliver.answers_of(home, dataset, day).read_text(encoding="utf-8"))


def test_the_same_seed_and_date_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        play(tmp_path / name, DAY)
    play(tmp_path / "c", DAY, seed=7)
    for dataset in TWO:
        first, again, other = (
            deliver.file_of(tmp_path / n / "inbox", dataset, DAY).read_bytes() for n in ("a", "b", "c")
        )
        assert first == again != other


def test_the_taps_have_the_faults_that_the_answers_count(tmp_path: Path) -> None:
    play(tmp_path)
    rows, told = taps(tmp_path), answers(tmp_path, "card_tap")
    planted = told["planted"]
    whole = [row for row in rows if None not in row.values() and any(row.values())]
    ids = Counter(row["流水号"] for row in whole)
    lines = Counter(tuple(row.values()) for row in whole)
    assert len(rows) == told["rows"] == 12_000
    assert len(rows) - len(whole) == planted["empty"] + planted["ragged"]
    assert sum(row["卡号"] == "" for row in whole) == planted["null_card"]
    assert sum(row["交易类型"] not in ("地铁入站", "地铁出站", "巴士") for row in whole) == planted["unknown_type"]
    assert sum(int(row["实付金额(分)"]) > int(row["应付金额(分)"]) for row in whole) == planted["paid_over_due"]
    assert sum("-13-41" in row["刷卡时间"] for row in whole) == planted["bad_time"]
    future = [row for row in whole if row["刷卡时间"] > row["上传时间"] and "-13-41" not in row["刷卡时间"]]
    assert len(future) == planted["future_tap"]
    assert sum(row["区划代码"] == "990199" for row in whole) == planted["unknown_district"]
    assert sum(count - 1 for count in lines.values()) == planted["duplicate"]
    assert sum(count - 1 for count in ids.values()) == planted["duplicate"] + planted["superseded"]
    assert sum(row["流水号"].startswith("20260831") for row in whole) == planted["late"] + planted["corrected"]
    assert min(count for name, count in planted.items()) > 0


def test_yesterdays_taps_come_again_with_another_amount(tmp_path: Path) -> None:
    for age in (1, 0):
        play(tmp_path, DAY - timedelta(days=age))
    before = {row["流水号"]: row for row in taps(tmp_path, DAY - timedelta(days=1)) if row["上传时间"]}
    again = [row for row in taps(tmp_path) if row["流水号"] in before]
    assert len(again) == tap_file.CORRECTABLE
    assert all(row["上传时间"] > before[row["流水号"]]["上传时间"] for row in again)
    assert all(row["刷卡时间"] == before[row["流水号"]]["刷卡时间"] for row in again)


def test_the_tickets_have_the_faults_that_the_answers_count(tmp_path: Path) -> None:
    play(tmp_path)
    rows, told = tickets(tmp_path), answers(tmp_path, "ticket")
    planted = told["planted"]
    whole = [row for row in rows if any(row.values())]
    lines = Counter(tuple(row.values()) for row in whole)
    ids = Counter(row["工单编号"] for row in whole)
    assert len(rows) == told["rows"]
    assert len(rows) - len(whole) == planted["empty"]
    early = [row for row in whole if "" < row["办结时间"] < row["受理时间"] and "月" not in row["受理时间"]]
    assert len(early) == planted["closed_before_opened"]
    assert sum(row["区划代码"] == "990199" for row in whole) == planted["unknown_district"]
    assert sum("月" in row["受理时间"] for row in whole) == planted["bad_time"]
    assert sum(row["诉求内容"] == "" for row in whole) == planted["missing_text"]
    assert sum(row["诉求类别"] == "待分类" for row in whole) == planted["unknown_topic"]
    future = [row for row in whole if row["受理时间"] > row["更新时间"] and "月" not in row["受理时间"]]
    assert len(future) == planted["future_open"]
    assert sum(count - 1 for count in lines.values()) == planted["duplicate"]
    assert sum(count - 1 for count in ids.values()) == planted["duplicate"] + planted["superseded"]


def test_tickets_are_closed_by_later_deliveries(tmp_path: Path) -> None:
    days = [DAY - timedelta(days=age) for age in (6, 5, 4, 3, 2, 1, 0)]
    states: dict[str, list[str]] = {}
    for day in days:
        play(tmp_path, day, scale=0.2)
        for row in tickets(tmp_path, day):
            states.setdefault(row["工单编号"], []).append(row["工单状态"])
    assert sum(history[0] == "办理中" and history[-1] == "已办结" for history in states.values()) > 20


@pytest.mark.parametrize("dataset", sorted([*catalogue.FLAWS, catalogue.TAPS]))
def test_every_broken_rule_is_one_of_the_contract(dataset: str) -> None:
    rules = {rule.id: rule.severity for rule in catalogue.pack().find(dataset).tables[0].rules}
    if dataset == catalogue.TAPS:
        assert {rule for broken in tap_file.RULES.values() for rule in broken} <= set(rules)
        return
    flaws = catalogue.FLAWS[dataset]
    assert {rules[rule] for defect in flaws.defects for rule in defect.breaks} <= {"quarantine"}
    warned = {rule for defect in flaws.defects for rule in defect.warns} | set(flaws.natural)
    assert {rules[rule] for rule in warned} <= {"warn"}
    names = [defect.name for defect in flaws.defects]
    assert len(names) == len(set(names))


def test_every_word_of_the_city_is_in_the_code_tables(tmp_path: Path) -> None:
    pack = load_pack(PROJECT / "contracts")
    play(tmp_path)
    for dataset, rows, unknown in (("card_tap", taps(tmp_path), {"补登"}), ("ticket", tickets(tmp_path), {"待分类"})):
        for column in pack.find(dataset).tables[0].delivered_columns:
            words = {row[column.delivered[0]] for row in rows if None not in row.values()}
            if column.codes:
                assert words - {"", None} - unknown <= set(column.codes), column.name


def test_the_planted_truths_are_there() -> None:
    days = [DAY - timedelta(days=age) for age in range(42)]
    after = [day for day in days if rhythm.transport_calls(day, city.TROUBLED) > 1]
    usual = [day for day in days if day not in after]

    def opened(on: list[date]) -> list[dict[str, Any]]:
        return [row for day in on for row in opened_on(day, 1.0, deliver.SEED).to_pylist()]

    def calls(on: list[date]) -> float:
        found = [row["district_code"] == city.TROUBLED and row["topic"] == "transport" for row in opened(on)]
        return sum(found) / len(on)

    assert 0 < len(after) < len(usual)
    assert calls(after) > 2 * calls(usual)
    late: dict[bool, list[bool]] = {True: [], False: []}
    for row in opened(days):
        is_late = row["closed_at"] is None or row["closed_at"] > row["due_at"]
        late[row["district_code"] == city.SILENT].append(is_late)
    assert len(late[True]) < len(late[False]) / 20
    assert sum(late[True]) / len(late[True]) > 2 * sum(late[False]) / len(late[False])


@pytest.mark.parametrize("kind", spoil.KINDS)
def test_a_spoiled_delivery_differs_and_the_correct_one_comes_back(tmp_path: Path, kind: str) -> None:
    play(tmp_path, scale=0.1)
    correct = [deliver.file_of(tmp_path / "inbox", dataset, DAY).read_bytes() for dataset in TWO]
    spoiled = play(tmp_path, scale=0.1, spoiled=kind)
    assert [file.path.read_bytes() == was for file, was in zip(spoiled, correct, strict=True)].count(False) == 1
    assert [file.spoiled for file in spoiled].count(kind) == 1
    play(tmp_path, scale=0.1)
    assert [deliver.file_of(tmp_path / "inbox", d, DAY).read_bytes() for d in TWO] == correct


@pytest.mark.parametrize(("spoiled", "dataset"), [("truncated_zip", "card_tap"), ("upside_down", ""), ("", "meteor")])
def test_what_cannot_be_done_is_said(tmp_path: Path, spoiled: str, dataset: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        play(tmp_path, scale=0.1, spoiled=spoiled, dataset=dataset)
    assert refused.value.remedy


def test_half_a_file_is_never_in_the_inbox(tmp_path: Path) -> None:
    play(tmp_path, scale=0.1)
    assert len([path for path in (tmp_path / "inbox").rglob("*") if path.is_file()]) == len(TWO)


def test_the_command_says_what_it_wrote(home: Path) -> None:
    import typer

    from govlake.sample.cli import register

    app = typer.Typer()
    register(app)
    only = [word for dataset in TWO for word in ("--only", dataset)]
    days = ["--date", "2026-09-01", "--days", "2"]
    ran = CliRunner().invoke(app, [*days, "--scale", "0.05", "--json", *only])
    assert ran.exit_code == 0, ran.output
    rows = json.loads(ran.output)
    assert [Path(row["path"]).name for row in rows] == [
        "ticket_20260831.zip",
        "card_tap_20260831.csv",
        "ticket_20260901.zip",
        "card_tap_20260901.csv",
    ]
    assert all(Path(row["path"]).is_relative_to(home) for row in rows)
