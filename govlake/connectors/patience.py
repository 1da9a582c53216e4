"""How long a source is waited for: one way to try again for all connectors, within one deadline per delivery."""

import logging
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from govlake.errors import ConnectorError

if TYPE_CHECKING:
    from tenacity import RetryCallState

T = TypeVar("T")
log = logging.getLogger("govlake")
TRIES = 5
FIRST_PAUSE_S, LONGEST_PAUSE_S, JITTER_S = 0.5, 60.0, 0.5


class Passing(ConnectorError):
    """A fault that another try may mend. `after_s` is how long the source asks to wait, where it says so."""

    def __init__(self, message: str, remedy: str = "", after_s: float | None = None) -> None:
        super().__init__(message, remedy)
        self.after_s = after_s


class Deadline:
    """The moment by which one delivery must be here."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        return self._end - time.monotonic()

    def check(self, what: str) -> None:
        """Raise ConnectorError where the time is used up."""
        if self.left() <= 0:
            raise ConnectorError(
                f"{what} took longer than {self.seconds:.0f} s in all.",
                "Run again: what is here already is kept where the source allows it; or raise `deadline`.",
            )


def persist(work: Callable[[], T], deadline: Deadline, tries: int = TRIES) -> T:
    """The result of `work`, tried again after passing faults with growing, jittered pauses.

    Gives up with the last fault after so many tries, or where the next one would come after the deadline.
    """
    from tenacity import Retrying, retry_if_exception_type

    retrying = Retrying(
        retry=retry_if_exception_type(Passing),
        stop=lambda state: state.attempt_number >= tries or state.upcoming_sleep >= deadline.left(),
        wait=_pause,
        before_sleep=_say,
        reraise=True,
    )
    return retrying(work)


def _fault(state: "RetryCallState") -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _pause(state: "RetryCallState") -> float:
    fault = _fault(state)
    jitter = random.uniform(0, JITTER_S)
    if isinstance(fault, Passing) and fault.after_s is not None:
        return fault.after_s + jitter
    return min(FIRST_PAUSE_S * 2 ** (state.attempt_number - 1), LONGEST_PAUSE_S) + jitter


def _say(state: "RetryCallState") -> None:
    log.info("%s Trying again in %.1f s.", _fault(state), state.upcoming_sleep)
