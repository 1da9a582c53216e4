"""Which logical dates of a source that cannot be listed are due: from the contract's schedule and the ledger alone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from govlake.contracts.model import Contract
from govlake.ledger import ledger
from govlake.settings import settings

# Months and quarters differ in length: a delivery may follow the one before it after this many days.
SHORTEST = {30: 28, 91: 89, 365: 365}
LONGEST_D = 367  # between two firings of a schedule


def due(contract: Contract, until: date, *, each: bool, now: datetime | None = None) -> list[date]:
    """Deliveries to fetch up to `until`, oldest first: those begun and not finished, and those that fell due since.

    With `each` every date that was missed is one (the source can be asked for a day), else only the newest (it gives
    what it holds now). A date is due when the schedule has fired after it, or it is over and asked for as `until`.
    """
    now = now or datetime.now(ZoneInfo(contract.timezone))
    known = {row["logical_date"]: row["finished_at"] is not None for row in ledger().deliveries_of(contract.id)}
    unfinished = [day for day, finished in known.items() if not finished and day <= until]
    fresh = _fallen_due(contract, max(known, default=None), until, now)
    return sorted({*unfinished, *(fresh if each else fresh[-1:])})


def _fallen_due(contract: Contract, last: date | None, until: date, now: datetime) -> list[date]:
    newest = until if until < now.date() else _day_before_firing(contract, now)
    gap = SHORTEST.get(contract.frequency_days, max(contract.frequency_days, 1))
    since = contract.source.connection.since or settings().since(contract.id)
    if last is None:
        day = date.fromisoformat(since) if since else _newest_day(contract, newest)
    else:
        day = last + timedelta(days=gap)
    days = []
    while day <= newest:
        if is_due_on(contract, day):
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


def _newest_day(contract: Contract, until: date) -> date:
    """The newest date up to `until` on which a delivery falls due, `until` where none does within its period."""
    days = (until - timedelta(days=age) for age in range(LONGEST_D))
    return next((day for day in days if is_due_on(contract, day)), until)


def is_due_on(contract: Contract, day: date) -> bool:
    """Whether a delivery for `day` falls due: its schedule fires on the day after."""
    from croniter import croniter

    start = datetime.combine(day + timedelta(days=1), datetime.min.time()) - timedelta(seconds=1)
    fired: datetime = croniter(contract.schedule, start).get_next(datetime)
    return fired.date() == day + timedelta(days=1)
