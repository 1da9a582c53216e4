"""Which logical dates of a source that cannot be listed are due: from the contract's schedule and the ledger alone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from govlake.contracts.model import Contract
from govlake.ledger import ledger

# Months and quarters differ in length: a delivery may follow the one before it after this many days.
SHORTEST = {30: 28, 91: 89, 365: 365}


def due(contract: Contract, until: date, *, each: bool, now: datetime | None = None) -> list[date]:
    """Deliveries to fetch up to `until`, oldest first: those begun and not finished, and those that fell due since.

    With `each` every date that was missed is one (the source can be asked for a day), else only the newest (it gives
    what it holds now). A date is due when the schedule has fired after it.
    """
    now = now or datetime.now(ZoneInfo(contract.timezone))
    known = {row["logical_date"]: row["finished_at"] is not None for row in ledger().batches(contract.id)}
    unfinished = [day for day, finished in known.items() if not finished and day <= until]
    fresh = _fallen_due(contract, max(known, default=None), until, now)
    return sorted({*unfinished, *(fresh if each else fresh[-1:])})


def _fallen_due(contract: Contract, last: date | None, until: date, now: datetime) -> list[date]:
    newest = min(_day_before_firing(contract, now), until)
    gap = SHORTEST.get(contract.frequency_days, max(contract.frequency_days, 1))
    since = contract.source.connection.since
    if last is None:
        day = date.fromisoformat(since) if since else newest
    else:
        day = last + timedelta(days=gap)
    days = []
    while day <= newest:
        if _is_day(contract, day):
            days.append(day)
            day += timedelta(days=gap)
        else:
            day += timedelta(days=1)
    return days


def _day_before_firing(contract: Contract, now: datetime) -> date:
    """The logical date of the schedule's last firing: the day before it."""
    from croniter import croniter

    fired: datetime = croniter(contract.schedule, now).get_prev(datetime)
    return fired.date() - timedelta(days=1)


def _is_day(contract: Contract, day: date) -> bool:
    """Whether the schedule fires on the day after."""
    from croniter import croniter

    start = datetime.combine(day + timedelta(days=1), datetime.min.time()) - timedelta(seconds=1)
    fired: datetime = croniter(contract.schedule, start).get_next(datetime)
    return fired.date() == day + timedelta(days=1)
