"""One cause is one incident: it opens once, is seen again, closes, and reopens."""

from datetime import date

from govlake.ledger import Ledger

DAY = date(2026, 9, 1)


def report(
    ledger: Ledger,
    rule: str = "fare.range",
    batch: str = "b1",
    rows: int = 3,
    dataset: str = "transit.tap",
    day: date = DAY,
) -> int:
    return ledger.open_incident(
        department="transport",
        contract_id="transit.tap",
        dataset=dataset,
        logical_date=day,
        batch_id=batch,
        rule=rule,
        severity="hold",
        title_en="Fares out of range",
        title_zh="票价超出范围",
        rows=rows,
    )


def events(ledger: Ledger, number: int) -> list[str]:
    return [event["event"] for event in ledger.incident_events(number)]


def test_the_same_cause_is_the_same_incident(ledger: Ledger) -> None:
    number = report(ledger)
    assert report(ledger) == number
    assert report(ledger, batch="b2", rows=4) == number
    assert report(ledger, rule="fare.type") != number
    assert events(ledger, number) == ["opened", "seen_again"]
    assert [row["rows"] for row in ledger.incidents()] == [4, 3]


def test_an_incident_closes_and_reopens(ledger: Ledger) -> None:
    number = report(ledger)
    closed = ledger.close_incidents("transit.tap", DAY, by_batch="b2")
    assert [(row["incident_id"], row["closed_by_batch"]) for row in closed] == [(number, "b2")]
    assert ledger.close_incidents("transit.tap", DAY, by_batch="b2") == []
    assert (ledger.incidents(), len(ledger.incidents("closed"))) == ([], 1)
    assert report(ledger, batch="b3") == number
    assert [(row["state"], row["reopened"], row["closed_at"]) for row in ledger.incidents()] == [("open", 1, None)]
    assert events(ledger, number) == ["opened", "closed", "reopened"]


def test_closing_can_be_narrowed(ledger: Ledger) -> None:
    for rule in ("a", "b", "c"):
        report(ledger, rule=rule)
    report(ledger, rule="a", dataset="")
    ledger.close_incidents("transit.tap", DAY, dataset="transit.tap", rules=["a"])
    assert [(row["dataset"], row["rule"]) for row in ledger.incidents()] == [
        ("transit.tap", "b"),
        ("transit.tap", "c"),
        ("", "a"),
    ]
    ledger.close_incidents("transit.tap", DAY, keep=[("transit.tap", "c")])
    assert [row["rule"] for row in ledger.incidents()] == ["c"]
    ledger.close_incidents("transit.tap", date(2026, 9, 2))
    assert len(ledger.incidents()) == 1


def test_one_cause_over_many_deliveries_is_one_task(ledger: Ledger) -> None:
    numbers = [report(ledger, batch=f"b{day}", rows=day, day=date(2026, 9, day)) for day in (2, 1, 3)]
    other = report(ledger, rule="fare.type")
    tasks = ledger.tasks()
    assert [(task["rule"], task["incidents"]) for task in tasks] == [("fare.range", numbers), ("fare.type", [other])]
    assert [tasks[0][name] for name in ("deliveries", "rows", "first_date", "last_date")] == [
        *(3, 6, date(2026, 9, 1), date(2026, 9, 3))
    ]
    ledger.close_incidents("transit.tap", date(2026, 9, 2))
    assert [task["deliveries"] for task in ledger.tasks()] == [2, 1]
