"""The end of the calendar of working days is told before it comes, and is an error afterwards."""

from datetime import timedelta

import pytest

from govlake import calendar
from govlake.calendar.working_days import WARN_DAYS

LAST = calendar.span()[1]


@pytest.mark.parametrize(
    ("days_left", "ok", "remedy"),
    [
        pytest.param(WARN_DAYS + 1, True, False, id="far"),
        pytest.param(WARN_DAYS, True, True, id="near"),
        pytest.param(0, True, True, id="last day"),
        pytest.param(-1, False, True, id="over"),
    ],
)
def test_the_end_is_told_sixty_days_before_and_is_an_error_after(days_left: int, ok: bool, remedy: bool) -> None:
    found, says, what_to_do = calendar.ending(LAST - timedelta(days=days_left))
    assert (found, bool(what_to_do)) == (ok, remedy)
    assert str(LAST) in says and (f"Add {LAST.year + 1}" in what_to_do) == remedy
