"""The check finds each planted fault, names it, says what to do, and needs no network."""

import socket
from pathlib import Path

import pytest

from govlake.contracts.lint import check
from tests.contracts.conftest import GOOD, column, put, rule


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("the check went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def found(path: Path, severity: str) -> list[str]:
    return [f"{finding.field} {finding.problem}" for finding in check(path)[1] if finding.severity == severity]


def test_good_contract_has_no_error() -> None:
    assert found(GOOD, "error") == []


ERRORS = {
    "condition is no SQL": (lambda d: rule(d, "paid_on_exit").update(implementation="kind ="), "cannot be parsed"),
    "unknown column": (lambda d: rule(d, "paid_on_exit").update(implementation="amount > 0"), "names amount"),
    "aggregate": (
        lambda d: rule(d, "paid_on_exit").update(implementation="sum(serial) > 0"),
        "more than one row",
    ),
    "clock": (
        lambda d: rule(d, "paid_on_exit").update(implementation="tapped_at < current_timestamp()"),
        "depends on the clock",
    ),
    "no condition": (lambda d: rule(d, "paid_on_exit").update(implementation="serial + 1"), "not a condition"),
    "query": (lambda d: rule(d, "amount_sum").update(query="delete from t"), "amount_sum.query is not one SELECT"),
    "derived, unknown column": (
        lambda d: column(d, "tap_date").update(transformLogic="to_date(tapped)"),
        "tap_date.transformLogic names tapped",
    ),
    "derived from a later one": (
        lambda d: (
            column(d, "tap_date").update(transformLogic="to_date(shifted)"),
            d["schema"][0]["properties"].append({"name": "shifted", "transformLogic": "tapped_at"}),
        ),
        "names shifted",
    ),
    "duplicates of an unknown column": (
        lambda d: rule(d, "once").update(arguments={"properties": ["card"]}),
        "arguments.properties names card",
    ),
    "encoding": (lambda d: d["servers"][0].update(encoding="gb18031"), "servers.encoding is 'gb18031'"),
    "matrix": (lambda d: put(d["servers"][0], "unpivot", {"names": "slot"}), "unpivot names names"),
    "column of a matrix": (
        lambda d: put(d["servers"][0], "unpivot", {"names": "slot", "values": "serial"}),
        "calls its names slot, which is no column of",
    ),
    "folder": (lambda d: d["servers"][0].update(path="{in}/x.csv"), "unknown folder '{in}'"),
    "date field": (lambda d: d["servers"][0].update(path="{inbox}/x_{date:%Q}.csv"), "date field '{date:%Q}'"),
    "timezone": (lambda d: put(d, "timezone", "Asia/Bejing"), "timezone is 'Asia/Bejing'"),
    "column's timezone": (lambda d: put(column(d, "tapped_at"), "timezone", "CST+8"), "tapped_at.timezone is 'CST+8'"),
    "schedule": (lambda d: d["slaProperties"][0].update(schedule="daily"), "schedule is 'daily'"),
    "minutes for months": (lambda d: put(column(d, "tapped_at"), "formats", ["yyyy-mm-dd"]), "mm is minutes"),
    "week year": (lambda d: put(column(d, "tapped_at"), "formats", ["YYYY-MM-dd"]), "with Y or D"),
    "half of twelve hours": (lambda d: put(column(d, "tapped_at"), "formats", ["yyyy-MM-dd h:mm"]), "h and a"),
    "pattern": (
        lambda d: column(d, "station").update(logicalTypeOptions={"pattern": "[A-"}),
        "is no regular expression",
    ),
    "bounds swapped": (
        lambda d: column(d, "serial").update(logicalTypeOptions={"minimum": 9, "maximum": 1}),
        "minimum of 9 above its maximum of 1",
    ),
    "code not in enum": (lambda d: put(column(d, "kind"), "codes", {"I": "in"}), "turns 'I' into 'in'"),
    "code of a null": (lambda d: put(column(d, "kind"), "codes", {"?": "no"}), "translates '?', which is null"),
    "enum of another type": (lambda d: column(d, "serial").update(enum=[{"value": "one"}]), "'one' of its code table"),
    "optional key": (lambda d: put(column(d, "card_no"), "optional", True), "part of the key and optional"),
    "order by text": (lambda d: put(d["schema"][0], "orderBy", "kind"), "orderBy is kind, which is a string"),
    "order without key": (
        lambda d: [column(d, name).pop("primaryKey") for name in ("card_no", "tapped_at")],
        "no key says which rows are one",
    ),
    "partition by time": (lambda d: column(d, "tapped_at").update(partitioned=True), "timestamp with many values"),
    "one header twice": (lambda d: column(d, "station").update(physicalName="卡号"), "2 columns for the header '卡号'"),
    "pattern on a pseudonym": (
        lambda d: column(d, "card_no").update(logicalTypeOptions={"pattern": "^[0-9]+$"}),
        "judges a value that is a pseudonym",
    ),
    "pseudonym that is a number": (lambda d: column(d, "card_no").update(logicalType="integer"), "a pseudonym is text"),
    "word of SQL": (lambda d: column(d, "serial").update(name="table"), "is a word of SQL"),
    "standard of a number": (
        lambda d: put(column(d, "serial"), "standard", "credit_code"),
        "standard is credit_code, but the type is integer",
    ),
    "unknown standard": (lambda d: put(column(d, "maker"), "standard", "resident"), "maker.standard is 'resident'"),
    "standard of a derived column": (lambda d: put(column(d, "due_on"), "standard", "area_code"), "a derived column"),
    "levels without areas": (lambda d: put(column(d, "maker"), "levels", ["city"]), "maker.levels is about area codes"),
    "no such level": (lambda d: put(column(d, "district"), "levels", ["county", "ward"]), "levels is 'ward'"),
    "valid on a time": (lambda d: put(column(d, "district"), "validOn", "tapped_at"), "which is no date here"),
    "no code table": (
        lambda d: put(column(d, "district"), "codeTable", "none.csv"),
        "which cannot be read",
    ),
    "width": (lambda d: put(column(d, "maker"), "fullwidth", "half"), "maker.fullwidth is 'half'"),
    "sentinel that is no day": (lambda d: put(column(d, "made_on"), "sentinels", ["never"]), "has 'never'"),
    "format of another type": (lambda d: put(column(d, "made_on"), "formats", ["hms_seconds"]), "not for a date"),
    "place without latitude": (
        lambda d: put(d["schema"][0], "coordinates", [{"longitude": "lon"}]),
        "coordinates.latitude is missing",
    ),
    "place of texts": (
        lambda d: put(d["schema"][0], "coordinates", [{"longitude": "lon", "latitude": "maker"}]),
        "coordinates.latitude is 'maker'",
    ),
    "unknown system": (
        lambda d: put(d["schema"][0], "coordinates", [{"longitude": "lon", "latitude": "lat", "crs": "gcj-2"}]),
        "coordinates.crs is 'gcj-2'",
    ),
    "box of a flat earth": (
        lambda d: put(d["schema"][0], "coordinates", [{"longitude": "lon", "latitude": "lat", "box": [118, 1, 2, 3]}]),
        "coordinates.box is [118, 1, 2, 3]",
    ),
    "function without argument": (
        lambda d: column(d, "due_on").update(transformLogic="working_days_after(made_on)"),
        "calls working_days_after with 1 arguments",
    ),
    "function of the calendar inside": (
        lambda d: column(d, "due_on").update(transformLogic="date_add(working_days_after(made_on, 1), 1)"),
        "holds more than the call",
    ),
    "function in a rule": (
        lambda d: rule(d, "paid_on_exit").update(implementation="working_days_between(made_on, due_on) < 9"),
        "which only derived columns may",
    ),
    "not ODCS": (
        lambda d: column(d, "amount_cny").update(logicalTypeOptions={"scale": 2}),
        "'scale' was unexpected",
    ),
    "not an ODCS dimension": (lambda d: rule(d, "paid_on_exit").update(dimension="0201"), "'0201' is not one of"),
}


@pytest.mark.parametrize(("spoil", "problem"), ERRORS.values(), ids=ERRORS.keys())
def test_error_is_found(written, spoil, problem: str) -> None:
    errors = found(written(spoil), "error")
    assert [error for error in errors if problem in error], errors


WARNINGS = {
    "no grain": (lambda d: d["schema"][0].pop("dataGranularityDescription"), "does not state its grain"),
    "no Chinese message": (lambda d: rule(d, "once").pop("customProperties"), "once.messageZh is missing"),
    "no English message": (lambda d: rule(d, "once").pop("description"), "once.description is missing"),
    "no Chinese title": (lambda d: put(d, "titleZh", "Taps"), "customProperties.titleZh is missing"),
    "personal data": (
        lambda d: column(d, "serial").update(name="phone", physicalName="手机号"),
        "sounds like personal data",
    ),
    "pseudonym without class": (lambda d: column(d, "card_no").pop("classification"), "classification is missing"),
    "unknown property": (lambda d: put(d["schema"][0], "orderby", "x"), "not a property that govlake acts on"),
    "readable identity number": (
        lambda d: put(column(d, "maker"), "standard", "resident_id"),
        "would be readable in silver",
    ),
    "width of a number": (lambda d: put(column(d, "serial"), "fullwidth", "fold"), "no meaning for a integer"),
    "references": (
        lambda d: column(d, "station").update(relationships=[{"to": "stations.code"}]),
        "relationships is shown but not enforced",
    ),
    "no connector": (
        lambda d: d["servers"][0].update(type="kafka", host="broker"),
        "there is no connector",
    ),
    "sheet of a csv": (lambda d: None, "servers.sheet has no meaning for csv"),
    "awkward name": (lambda d: column(d, "serial").update(name="order"), "every query would have to quote"),
}


@pytest.mark.parametrize(("spoil", "problem"), WARNINGS.values(), ids=WARNINGS.keys())
def test_warning_is_found(written, spoil, problem: str) -> None:
    warnings = found(written(spoil), "warning")
    assert [warning for warning in warnings if problem in warning], warnings


def test_every_finding_has_a_remedy_and_all_are_found_at_once(written) -> None:
    def spoil(data: dict) -> None:
        for change, _ in (ERRORS["unknown column"], ERRORS["encoding"], ERRORS["minutes for months"], ERRORS["clock"]):
            change(data)
        data["name"] = "Not a name"

    findings = [finding for finding in check(written(spoil))[1] if finding.severity == "error"]
    assert len(findings) >= 4
    assert all(finding.remedy and finding.field for finding in findings)


def test_pack_wide_names_and_files_are_unique(written, tmp_path: Path) -> None:
    written()
    written(lambda d: d.update(name="other"), name="other.yaml")
    assert [error for error in found(tmp_path, "error") if "makes transit.tap" in error]
    assert [warning for warning in found(tmp_path, "warning") if "is also read by" in warning]
