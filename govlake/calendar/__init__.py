"""Working days (工作日) of the years that have been announced. A day outside them is an error, never a guess.

The day of an event is not counted, and a period that would end on a free day runs to the next working day (Civil Code,
articles 201 and 203).
"""

from govlake.calendar.working_days import Day, after, between, days, ending, is_working_day, outside, span, version

__all__ = ["Day", "after", "between", "days", "ending", "is_working_day", "outside", "span", "version"]
