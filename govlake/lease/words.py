"""The lease in words: for `govlake status`, the doctor, and whoever has to break one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from govlake import lease
from govlake.errors import LeaseError
from govlake.lease.keeper import silent
from govlake.lease.place import Place, clock
from govlake.lease.protocol import Lease
from govlake.lease.record import Record, utc_now
from govlake.settings import settings


@dataclass(frozen=True)
class Situation:
    """Who writes the lake. `state` is `free`, `ours`, `foreign`, or `silent` where a foreign holder seems to be gone.

    `age_s` is the time since the last renewal, by the clocks of two machines.
    """

    state: str
    says: str
    token: int = 0
    holder: str = ""
    since: str = ""
    age_s: float | None = None


def situation() -> Situation:
    """The lease as it stands in the lake now."""
    record = lease.seen().record
    if record is None:
        return Situation("free", "nobody has written the lake yet")
    says = record.says(utc_now())
    if record.holder is None:
        return Situation("free", says, record.token)
    age = round(max(0.0, record.age_s(utc_now())), 1)
    return Situation(_state(record, age), says, record.token, str(record.holder), record.since, age)


def _state(record: Record, age_s: float) -> str:
    assert record.holder is not None
    if (record.holder.home, record.holder.folder) == (settings().home_id(), str(settings().home)):
        return "ours"
    return "foreign" if age_s < record.ttl_s else "silent"


def remedy(found: Situation) -> str:
    """What to do where another home holds the lake; "" where nothing is to be done."""
    if found.state == "foreign":
        return "Stop it there with `govlake down` before this home writes; nothing is written here until then"
    if found.state == "silent":
        return "The next run here waits until it is sure and then takes over; or run `govlake lake lease --break`"
    return ""


def break_lease(force: bool = False, report: Callable[[str], None] = silent) -> dict[str, Any]:
    """Take the lease from a holder that has been silent for its time to live, and leave the lake free.

    `force` takes it from one that lives: it notices with its next heartbeat, and until then may still write. Raises
    LeaseError where the holder is seen to live.
    """
    store, key = lease.where()
    place = Place(settings())
    try:
        taker = Lease(store, key, place.me("govlake lake lease --break"), settings().lease_ttl_s, clock)
        if force and not _is_record(taker):
            store.delete([key])
        before = taker.look().record
        if before is None or before.holder is None:
            return {"broken": False, "says": "nobody holds the lake", "token": before.token if before else 0}
        _take(taker, force, report)
        taker.free()
        return {"broken": True, "says": before.says(utc_now()), "token": before.token + 1}
    finally:
        place.leave()


def _is_record(taker: Lease) -> bool:
    try:
        taker.look()
    except LeaseError:
        return False
    return True


def _take(taker: Lease, force: bool, report: Callable[[str], None]) -> None:
    import time

    first = taker.look()
    assert first.record is not None
    report(f"Watching for up to {first.record.ttl_s:.0f} s whether the holder still lives")
    while not taker.try_take(force):
        seen = taker.look()
        if seen.tag != first.tag:
            raise LeaseError(
                f"The lease is alive: {seen.record.says(utc_now()) if seen.record else 'it was just taken'}.",
                "Stop that home with `govlake down`; `--force` takes the lake from it all the same.",
            )
        time.sleep(min(1.0, first.record.ttl_s / 12))
