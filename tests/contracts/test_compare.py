"""Which changes break deliveries, silver or queries, and which do not."""

import pytest

from govlake.contracts.compare import compare
from tests.contracts.conftest import GOOD, column, put, rule

BREAKING = {
    "column removed": (lambda d: d["schema"][0]["properties"].remove(column(d, "station")), "station is gone"),
    "type": (
        lambda d: column(d, "serial").update(logicalType="string", logicalTypeOptions={}),
        "integer becomes string",
    ),
    "code table narrowed": (
        lambda d: (column(d, "kind").update(enum=[{"value": "010"}]), put(column(d, "kind"), "codes", {"I": "010"})),
        "loses no",
    ),
    "code table new": (lambda d: column(d, "station").update(enum=[{"value": "AA"}]), "only AA are left"),
    "now required": (lambda d: column(d, "station").update(required=True), "must now be there"),
    "required column": (
        lambda d: d["schema"][0]["properties"].append({"name": "gate", "required": True}),
        "required column gate is new",
    ),
    "key": (lambda d: column(d, "serial").update(primaryKey=True), "told apart differently"),
    "partition": (lambda d: column(d, "tap_date").pop("partitioned"), "written anew"),
    "mode": (lambda d: put(d, "delivery", "increment"), "from snapshot to increment"),
    "header": (lambda d: column(d, "station").update(physicalName="站"), "delivered header"),
    "pseudonym lifted": (lambda d: put(column(d, "card_no"), "pseudonymise", False), "identifiers become readable"),
    "timezone": (lambda d: put(d, "timezone", "UTC"), "keep their old reading"),
    "dataset renamed": (lambda d: d.update(name="card_taps"), "silver starts anew"),
}


@pytest.mark.parametrize(("change", "words"), BREAKING.values(), ids=BREAKING.keys())
def test_breaking_change_is_said_in_words(written, change, words: str) -> None:
    changes = [entry for entry in compare(GOOD, written(change)) if entry.level == "breaking"]
    assert [entry for entry in changes if words in entry.what], changes


HARMLESS = {
    "optional column": lambda d: d["schema"][0]["properties"].append(
        {"name": "gate", "customProperties": [{"property": "optional", "value": True}]}
    ),
    "derived column": lambda d: d["schema"][0]["properties"].append(
        {"name": "hour", "logicalType": "integer", "transformLogic": "hour(tapped_at)"}
    ),
    "header with alias": lambda d: (
        column(d, "station").update(physicalName="站"),
        put(column(d, "station"), "aliases", ["station"]),
    ),
    "title": lambda d: put(d, "titleEn", "Taps of cards"),
    "path": lambda d: d["servers"][0].update(path="{inbox}/new_{date:%Y%m%d}.csv"),
    "code table wider": lambda d: column(d, "kind")["enum"].append({"value": "pass"}),
    "message": lambda d: rule(d, "once").update(description="A card is tapped once at a time"),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_harmless_change_breaks_nothing(written, change) -> None:
    changes = compare(GOOD, written(change))
    assert changes
    assert [entry for entry in changes if entry.level == "breaking"] == []


def test_rules_are_compared_by_id(written) -> None:
    def change(data: dict) -> None:
        rule(data, "once").update(severity="hold")
        rule(data, "enough").update(id="plenty")

    found = {entry.path.rpartition(".")[2]: entry.what for entry in compare(GOOD, written(change))}
    assert "severity warn becomes hold" in found["once"]
    assert "gone" in found["enough"] and "held" in found["plenty"]


def test_standards_are_compared(written) -> None:
    def change(data: dict) -> None:
        put(column(data, "maker"), "standard", "credit_code")
        put(column(data, "district"), "codeTable", "one.csv")
        put(data["schema"][0], "coordinates", [{"longitude": "lon", "latitude": "lat", "crs": "bd09"}])

    file = written()
    (file.parent / "one.csv").write_text("code\n990109\n", encoding="utf-8")
    found = {entry.path: (entry.level, entry.what) for entry in compare(GOOD, written(change))}
    assert found["schema.tap.maker.standard"] == ("warning", "standard: nothing becomes credit_code")
    assert found["schema.tap.district.codeTable"] == ("warning", "the code table loses 3 rows and gains 1")
    level, what = found["schema.tap.coordinates"]
    assert level == "breaking" and "lon/lat in gcj02 becomes lon/lat in bd09" in what


def test_no_change_is_no_change(written) -> None:
    assert compare(GOOD, written()) == []
