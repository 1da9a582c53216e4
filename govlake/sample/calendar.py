"""Which logical dates a dataset has: every day, Sundays, last days of months, quarters and years, by its contract."""

from datetime import date, timedelta

from govlake.contracts.model import Contract

ONE = timedelta(days=1)


def last_before(contract: Contract, day: date) -> date:
    """The newest logical date that is not after `day`."""
    while not is_due(contract, day):
        day -= ONE
    return day


def is_due(contract: Contract, day: date) -> bool:
    """Whether `day` ends a period of the contract."""
    days = contract.frequency_days
    if days <= 1:
        return True
    if days <= 7:
        return day.weekday() == 6
    ends_month = (day + ONE).day == 1
    return ends_month and (days <= 31 or day.month % (3 if days <= 92 else 12) == 0)


def first_day(contract: Contract, day: date) -> date:
    """The first day of the period that `day` ends."""
    days = contract.frequency_days
    if days <= 1:
        return day
    if days <= 7:
        return day - timedelta(days=6)
    months = 1 if days <= 31 else 3 if days <= 92 else 12
    return date(day.year, day.month - months + 1, 1)


def due(contract: Contract, first: date, last: date) -> list[date]:
    """The logical dates from `first` to `last`, oldest first; where none falls into them, the one before."""
    days = [first + timedelta(days=age) for age in range((last - first).days + 1)]
    return [day for day in days if is_due(contract, day)] or [last_before(contract, last)]
