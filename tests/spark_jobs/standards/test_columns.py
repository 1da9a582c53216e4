"""Contracts that name standards: each rule catches its spoiled row, passes good ones, and the gate counts the same."""

from collections.abc import Callable
from datetime import date

import pytest

from expectations.rows import count_failures, split_counts
from govlake import lake
from govlake.batch import Batch
from govlake.contracts import Contract
from spark_jobs import conform
from tests.spark_jobs.conftest import deliver, process, stored

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("home", "engine")]
DAY = date(2026, 9, 1)
HEAD = """
apiVersion: v3.1.0
kind: DataContract
id: hotline-person
version: 1.0.0
status: active
domain: hotline
name: person
servers:
  - {server: drop, type: local, path: "{inbox}/p_{date:%Y%m%d}.csv", format: csv}
schema:
  - name: person
"""
PERSONS = f"""{HEAD}
    properties:
      - {{name: n, primaryKey: true}}
      - name: id_no
        classification: restricted
        customProperties: [{{property: standard, value: resident_id}}, {{property: pseudonymise, value: true}}]
      - name: employer
        customProperties: [{{property: standard, value: credit_code}}]
      - name: hospital
        customProperties: [{{property: standard, value: organisation_code}}]
"""
AREAS = f"""{HEAD}
    properties:
      - {{name: n, primaryKey: true}}
      - name: area
        customProperties:
          - {{property: standard, value: area_code}}
          - {{property: levels, value: [county, township]}}
          - {{property: codeTable, value: area.csv}}
          - {{property: validOn, value: opened_date}}
          - {{property: abolished, value: ABOLISHED}}
      - {{name: opened_date, logicalType: date}}
"""
CODES = """code,name,valid_from,valid_to,predecessor
990101,East,2000-01-01,2023-12-31,
990105,New East,2024-01-01,,990101
990102,West,2000-01-01,,
990102001000,A street,2020-05-01,,
990100,City,,,
"""
PLACES = f"""{HEAD}
    customProperties:
      - property: coordinates
        value: [{{longitude: lon, latitude: lat, crsColumn: crs, box: [116.0, 39.5, 117.0, 40.5]}}]
    properties:
      - {{name: n, primaryKey: true}}
      - {{name: lon, logicalType: number}}
      - {{name: lat, logicalType: number}}
      - {{name: crs}}
"""
DUE = f"""{HEAD}
    properties:
      - {{name: n, primaryKey: true}}
      - {{name: opened_date, logicalType: date}}
      - {{name: days, logicalType: integer}}
      - {{name: due_date, logicalType: date, transformLogic: "working_days_after(opened_date, days)"}}
      - {{name: late, logicalType: integer, transformLogic: "datediff(due_date, opened_date)"}}
"""


def reasons(contract: Contract, rows: list[list[str | None]]) -> list[list[str]]:
    """Why each row of a delivery is kept out. The gate must count the same."""
    batch, table = Batch(contract, DAY), contract.tables[0]
    deliver(batch, rows)
    conform.run(batch)
    staged = lake.read(lake.table_path("staging", table, batch.id))
    gate = {rule: found.unexpected for rule, found in count_failures(table, staged).items()}
    assert {rule: number for rule, number in gate.items() if number} == split_counts(staged)
    return [row._reasons for row in staged.orderBy("_row_number").select("_reasons").collect()]


def test_each_fault_of_a_person_is_a_reason_of_its_own(write_contract: Callable[[str], Contract]) -> None:
    contract = write_contract(PERSONS)
    rows = [
        ["good", "11010519491231002X", "91350100M000100Y43", "M000100Y-4"],
        ["small, wide, spaced", "１１０１０５ 19491231 002x", "91350100m000100y43", "91350100M000100Y43"],
        ["old", "110105491231002", None, None],
        ["nothing", None, "-", ""],
        ["cut", "110105194912310000", "91110000000000000000", "M000100Y5"],
        ["power", "1.10105E+17", "9.1E+17", "9.1E+17"],
        ["short", "11010519491231", "91350100M000100YI3", "M000100"],
        ["swapped", "110105194912310203", "91350100M000100Y44", "91350100M000100Y44"],
        ["day", "99010119490231002X", "91350100M000100Y53", "91350100M000100Y53"],
        ["region", "19010519491231002X", "91350100M000100Y4Z", "M0001O0Y4"],
    ]
    expected = [
        *[[]] * 4,
        ["id_no.resident_id_excel", "employer.credit_code_form", "hospital.organisation_code_check"],
        ["id_no.resident_id_excel", "employer.credit_code_excel", "hospital.organisation_code_excel"],
        ["id_no.resident_id_form", "employer.credit_code_form", "hospital.organisation_code_form"],
        ["id_no.resident_id_check", "employer.credit_code_check", "hospital.organisation_code_check"],
        ["id_no.resident_id_birth_date", "employer.credit_code_organisation", "hospital.organisation_code_check"],
        ["id_no.resident_id_area", "employer.credit_code_form", "hospital.organisation_code_check"],
    ]
    assert reasons(contract, rows) == expected


def test_a_person_is_one_pseudonym_and_a_hospital_one_code_however_they_are_written(
    write_contract: Callable[[str], Contract],
) -> None:
    contract = write_contract(PERSONS)
    writings = [["1", "11010519491231002X", "91350100M000100Y43"], ["2", "110105491231002", "M000100Y-4"]]
    process(contract, DAY, [[n, person, None, hospital] for n, person, hospital in writings])
    found = stored(contract.tables[0], "n", "id_no", "hospital")
    assert len({row[1] for row in found}) == 1 and len(str(found[0][1])) == 64
    assert {row[2] for row in found} == {"M000100Y4"}


@pytest.mark.parametrize(
    ("abolished", "moved", "old_reason"),
    [("keep", "990101", ["area.area_code_abolished"]), ("replace", "990105", [])],
)
def test_areas_are_judged_by_the_code_table_of_their_day(
    write_contract: Callable[[str], Contract], tmp_path, abolished: str, moved: str, old_reason: list[str]
) -> None:
    (tmp_path / "pack" / "hotline").mkdir(parents=True)
    (tmp_path / "pack" / "hotline" / "area.csv").write_text(CODES, encoding="utf-8")
    contract = write_contract(AREAS.replace("ABOLISHED", abolished))
    rows = [
        ["a", "990102", "2024-05-01"],
        ["b", "990102000000", None],
        ["c", "990102001", "2024-05-01"],
        ["d", "990101", "2024-05-01"],
        ["e", "9901", "2024-05-01"],
        ["f", "990100", "2024-05-01"],
        ["g", "990103", "2024-05-01"],
        ["h", "990102001", "2020-04-30"],
    ]
    expected = [
        *[[]] * 3,
        old_reason,
        ["area.area_code_form"],
        ["area.area_code_level"],
        ["area.area_code_unknown"],
        ["area.area_code_abolished"],
    ]
    assert reasons(contract, rows) == expected
    process(contract, date(2026, 9, 2), [["x", "990101", "2020-01-01" if abolished == "keep" else "2024-01-01"]])
    assert stored(contract.tables[0], "area") == [(moved,)]


def test_places_become_wgs84_and_wrong_ones_are_told_apart(write_contract: Callable[[str], Contract]) -> None:
    contract = write_contract(PLACES)
    rows = [
        ["a", "116.3975", "39.9087", "WGS-84"],
        ["b", "116.403752", "39.910094", "GCJ-02"],
        ["c", "39.9087", "116.3975", "wgs84"],
        ["d", "113.3", "23.1", "wgs84"],
        ["e", "116.3975", "39.9087", "local"],
        ["f", "116.3975", None, "local"],
    ]
    expected = [[], [], ["lon.place_swapped"], ["lon.place_outside"], ["lon.place_crs"], []]
    assert reasons(contract, rows) == expected
    process(contract, date(2026, 9, 2), rows)
    (_, *plain), (_, *shifted), _ = stored(contract.tables[0], "n", "lon", "lat")
    assert plain == [116.3975, 39.9087]
    assert shifted == pytest.approx(plain, abs=2e-5)


def test_working_days_are_counted_and_days_beyond_the_calendar_are_set_aside(
    write_contract: Callable[[str], Contract],
) -> None:
    contract = write_contract(DUE)
    rows = [["a", "2024-09-30", "1"], ["b", None, "1"], ["c", "2031-01-01", "1"], ["d", "2024-02-09", "0"]]
    assert reasons(contract, rows) == [[], [], ["due_date.calendar"], []]
    process(contract, date(2026, 9, 2), rows)
    assert stored(contract.tables[0], "n", "due_date", "late") == [
        ("a", date(2024, 10, 8), 8),
        ("b", None, None),
        ("d", date(2024, 2, 9), 0),
    ]
