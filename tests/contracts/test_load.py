"""A contract loads whole, and each refusal names file, field and remedy."""

from pathlib import Path

import pytest

from govlake.contracts import load_contract, load_pack
from govlake.contracts.known import COLUMN, CONTRACT, QUALITY, REACH, SERVER, TABLE, TEAM
from govlake.contracts.reading import Reading
from govlake.errors import ContractError
from tests.contracts.conftest import GOOD, column, put, rule


def test_good_contract_loads_with_every_property() -> None:
    contract = load_contract(GOOD)
    assert (contract.id, contract.department, contract.mode) == ("transit.taps", "transport_bureau", "snapshot")
    assert (contract.department_en, contract.department_zh) == ("Transport Bureau", "交通局")
    assert (contract.title_en, contract.title_zh, contract.timezone) == ("Card taps", "刷卡记录", "Asia/Taipei")
    assert (contract.frequency_days, contract.due_time, contract.grace_days) == (1, "18:00", 2)
    assert contract.schedule == "30 5 * * *"
    source = contract.source
    assert (source.delimiter, source.quote, source.header_row) == (";", "'", 3)
    assert source.encodings == ("utf-8-sig", "gb18030")
    assert source.deliveries == {"2026-09-01": "{inbox}/first.csv"}
    assert (source.member, source.sheet, source.record_path) == ("*.csv", "Taps*", "data.rows")
    assert source.unpivot == {"names": "station", "values": "serial"}
    assert source.skip_rows_matching == "^(合计|Total)"


def test_good_table_loads_with_every_property() -> None:
    table = load_contract(GOOD).tables[0]
    assert (table.key, table.file, table.order_by) == ("transit.tap", "taps*.csv", "tapped_at")
    assert (table.occurrence, table.optional, table.mode) == (True, True, "snapshot")
    assert (table.title_en, table.title_zh, table.grain) == ("Card tap", "刷卡", "One row per tap")
    assert table.key_columns == ("card_no", "tapped_at")
    assert table.partition_columns == ("tap_date",)
    columns = {entry.name: entry for entry in table.columns}
    assert columns["card_no"].delivered == ("卡号", "card", "CARD_NO")
    assert columns["card_no"].pseudonymise and columns["card_no"].classification == "restricted"
    assert columns["tapped_at"].formats == ("yyyy-MM-dd HH:mm:ss", "yyyy/M/d H:mm")
    assert columns["tapped_at"].timezone == "Asia/Shanghai"
    assert columns["kind"].codes == {"I": "010", "O": "no"}
    assert columns["amount_cny"].null_values == ("", "-1") and columns["amount_cny"].decimals == 2
    assert columns["amount_cny"].optional_in_file
    assert columns["station"].null_values == ("", "?", "NULL")
    assert columns["tap_date"].expression == "to_date(tapped_at)"


def test_rules_carry_limit_owner_dimension_and_both_languages() -> None:
    rules = {entry.id: entry for entry in load_contract(GOOD).tables[0].rules}
    assert rules["kind.enum"].expression == "kind IN ('010', 'no')"
    assert (rules["kind.enum"].limit, rules["kind.enum"].owner) == (None, "Gate operations")
    assert (rules["station.pattern"].limit, rules["row.malformed"].limit) == (0.3, 0.3)
    assert rules["amount_cny.open_range"].expression == "amount_cny < 500"
    assert rules["first_train.range"].expression == "first_train <= 99000"
    assert rules["serial.unique"].metric == "duplicateValues" and rules["serial.unique"].limit is None
    paid = rules["paid_on_exit"]
    assert (paid.severity, paid.limit, paid.dimension, paid.owner) == ("quarantine", 0.1, "040202", "Fare office")
    assert (paid.message_en, paid.message_zh) == ("An exit has an amount", "出站应有金额")
    assert (rules["enough"].minimum, rules["enough"].maximum, rules["enough"].severity) == (1, 100000, "hold")
    assert rules["once"].query == "card_no, tapped_at" and rules["amount_sum"].metric == "sql"
    assert round(rules["station.known"].limit or 0, 6) == 0.05 and rules["station.known"].severity == "warn"
    assert "note" not in rules


def test_good_contract_uses_every_known_property() -> None:
    text = GOOD.read_text(encoding="utf-8")
    known = {*CONTRACT, *TABLE, *COLUMN, *SERVER, *QUALITY, *TEAM} - {"encoding", *REACH}
    assert known and not [name for name in known if f"property: {name}\n" not in text]


REFUSALS = {
    "kind": (lambda d: d.update(kind="Contract"), "kind is 'Contract'", "DataContract"),
    "version missing": (lambda d: d.pop("version"), "version is missing", "ODCS requires it"),
    "api version": (lambda d: d.update(apiVersion="v2.2.2"), "apiVersion is 'v2.2.2'", "v3.2.0"),
    "unknown field": (lambda d: d.update(servrs=[]), "servrs is not as ODCS has it", "spelling"),
    "name": (lambda d: d.update(name="Card Taps"), "name is 'Card Taps'", "lower-case"),
    "domain": (lambda d: d.update(domain="公交"), "domain is '公交'", "lower-case"),
    "department": (lambda d: put(d, "department", "../etc"), "department is '../etc'", "lower-case"),
    "delivery": (lambda d: put(d, "delivery", "snapshots"), "delivery is 'snapshots'", "Did you mean snapshot?"),
    "no tables": (lambda d: d.update(schema=[]), "schema is empty", "at least one table"),
    "no columns": (lambda d: d["schema"][0].update(properties=[]), "schema.tap.properties is empty", "List"),
    "no servers": (lambda d: d.update(servers=[]), "servers is empty", "Say where"),
    "format": (lambda d: d["servers"][0].update(format="cvs"), "servers.delivery.format is 'cvs'", "csv"),
    "delimiter": (lambda d: put(d["servers"][0], "delimiter", "||"), "delimiter is '||'", "one plain character"),
    "skip pattern": (lambda d: put(d["servers"][0], "skipRowsMatching", "("), "skipRowsMatching", "Correct"),
    "header row": (lambda d: put(d["servers"][0], "headerRow", "3"), "headerRow is '3'", "whole number"),
    "delivery date": (
        lambda d: put(d["servers"][0], "deliveries", [{"date": "1.9.2026", "path": "x"}]),
        "deliveries has the date '1.9.2026'",
        "2026-09-01",
    ),
    "due time": (lambda d: d["slaProperties"][1].update(value="6 pm"), "timeOfAvailability is '6 pm'", "08:00"),
    "frequency": (lambda d: d["slaProperties"][0].update(value="often"), "frequency is 'often d'", "daily"),
    "never": (lambda d: d["slaProperties"][0].update(value=0), "frequency is 0", "1 or more"),
    "column name": (lambda d: column(d, "serial").update(name="Serial No"), "is 'Serial No'", "physicalName"),
    "column without name": (lambda d: column(d, "serial").pop("name"), "(unnamed).name is missing", "lower-case"),
    "own name": (lambda d: column(d, "serial").update(name="_batch_id"), "underscore", "govlake's own"),
    "column twice": (lambda d: column(d, "serial").update(name="kind"), "names kind twice", "its own name"),
    "type": (lambda d: column(d, "serial").update(logicalType="int"), "logicalType is 'int'", "integer"),
    "flag as text": (lambda d: put(column(d, "kind"), "optional", "false"), "optional is 'false'", "without quotes"),
    "codes as list": (lambda d: put(column(d, "kind"), "codes", ["a"]), "codes is ['a']", "mapping"),
    "limit": (lambda d: put(column(d, "kind"), "limit", 20), "limit is 20", "between 0 and 1"),
    "order by": (lambda d: put(d["schema"][0], "orderBy", "time"), "orderBy is 'time'", "Use a column"),
    "severity": (lambda d: rule(d, "once").update(severity="bad"), "severity is 'bad'", "hold, warn"),
    "whole table quarantines": (
        lambda d: rule(d, "enough").update(severity="quarantine"),
        "severity is 'quarantine'",
        "hold, warn",
    ),
    "metric": (lambda d: rule(d, "once").update(metric="freshness"), "metric is 'freshness'", "rowCount"),
    "no bound": (lambda d: rule(d, "once").pop("mustBe"), "once has no bound", "mustBe"),
    "must not": (
        lambda d: (rule(d, "once").pop("mustBe"), rule(d, "once").update(mustNotBe=1)),
        "uses mustNotBe",
        "Say what must hold",
    ),
    "engine": (lambda d: rule(d, "paid_on_exit").update(engine="soda"), "engine is 'soda'", "engine: govlake"),
    "two statements": (
        lambda d: rule(d, "paid_on_exit").update(implementation="kind = 'a'; drop table x"),
        "is not one SQL condition",
        "closed_at >= opened_at",
    ),
    "rule twice": (lambda d: rule(d, "once").update(id="enough"), "two rules called enough", "its own id"),
    "metric without column": (
        lambda d: rule(d, "once").update(metric="nullValues"),
        "is nullValues of a whole table",
        "Move it",
    ),
}


@pytest.mark.parametrize(("spoil", "problem", "remedy"), REFUSALS.values(), ids=REFUSALS.keys())
def test_refusal_names_file_field_and_remedy(written, spoil, problem: str, remedy: str) -> None:
    file = written(spoil)
    with pytest.raises(ContractError) as refused:
        load_contract(file)
    assert str(file) in refused.value.message
    assert problem in refused.value.message
    assert remedy in refused.value.remedy


def test_all_faults_are_named_in_one_reading(written) -> None:
    file = written(lambda d: (d.update(name="A B"), put(d, "delivery", "x"), column(d, "kind").update(logicalType="y")))
    with pytest.raises(ContractError) as refused:
        load_contract(file)
    assert "2 more" in refused.value.remedy


YAML_FAULTS = {
    "indentation": ("a: 1\n b: 2\n", "line 2 is not valid YAML"),
    "twice": ("kind: DataContract\nkind: DataContract\n", "kind is given twice"),
    "a list": ("- a\n- b\n", "holds no mapping"),
}


@pytest.mark.parametrize(("text", "problem"), YAML_FAULTS.values(), ids=YAML_FAULTS.keys())
def test_broken_yaml_is_said_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=problem):
        load_contract(file)


def test_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_bytes("name: 刷卡".encode("gb18030"))
    with pytest.raises(ContractError, match="is not UTF-8"):
        load_contract(file)


def test_words_digits_and_times_stay_what_was_written(tmp_path: Path) -> None:
    from govlake.contracts.document import _load

    file = tmp_path / "plain.yaml"
    file.write_text("a: no\nb: 010\nc: 18:00\nd: NULL\ne: 2026-09-01\nf: 12\ng: 1.5\nh: true\ni: ~\n", encoding="utf-8")
    assert _load(Reading(file)) == {
        "a": "no",
        "b": "010",
        "c": "18:00",
        "d": "NULL",
        "e": "2026-09-01",
        "f": 12,
        "g": 1.5,
        "h": True,
        "i": None,
    }


def test_unknown_property_is_doubted_with_the_nearest_name(written) -> None:
    from govlake.contracts.load import read_contract

    reading = Reading(written(lambda d: put(column(d, "kind"), "nullvalues", ["x"])))
    read_contract(reading)
    assert [(f.severity, f.remedy) for f in reading.findings] == [("warning", "Did you mean nullValues?")]


def test_pack_refuses_one_name_twice(written, tmp_path: Path) -> None:
    written()
    written(name="again.yaml")
    with pytest.raises(ContractError, match=r"as .*again\.yaml is called"):
        load_pack(tmp_path)


def test_pack_that_tolerates_goes_on_without_the_broken_contract(written, tmp_path: Path) -> None:
    written()
    written(lambda d: d.pop("version"), name="broken.yaml")
    with pytest.raises(ContractError, match="version is missing"):
        load_pack(tmp_path)
    pack = load_pack(tmp_path, strict=False)
    assert [contract.id for contract in pack.contracts] == ["transit.taps"]
    assert [error.message for error in pack.refused] and "broken.yaml" in pack.refused[0].message


def test_empty_pack_points_to_the_recipe(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"docs/add_a_dataset\.md"):
        load_pack(tmp_path)


def test_pack_finds_by_id_name_or_table(written, tmp_path: Path) -> None:
    written()
    pack = load_pack(tmp_path)
    assert {pack.find(name).id for name in ("transit.taps", "taps", "tap", "transit.tap")} == {"transit.taps"}
    with pytest.raises(ContractError, match=r"Known are: transit\.taps"):
        pack.find("trips")
