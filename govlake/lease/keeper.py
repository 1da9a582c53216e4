"""A process's part in its home's lease: it renews, or it stands by and reads the notice of the process that does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from govlake.errors import GovlakeError, LeaseError, StoreError
from govlake.lease.fence import fence_tables, tables
from govlake.lease.place import Notice, Place, boot, clock
from govlake.lease.protocol import Lease
from govlake.lease.record import Holder
from govlake.settings import Settings
from govlake.store import Store

Report = Callable[[str], None]
RENEW, MARGIN, POLL = 1 / 3, 1 / 6, 1 / 12  # parts of the time to live
OUTAGE = (StoreError, OSError)  # what passes by itself, or may


def silent(_line: str) -> None:
    """Report to nobody."""


class Keeper:
    """Keeps the lease of one lake for one home while this process lives; `token` is what its writes stand under.

    A thread renews, so a long write of the engine does not cost the lease. Where this home loses the lease, this
    process has lost it for good: what it has read may be out of date.
    """

    def __init__(self, home: Settings, store: Store, key: str, what: str = "", report: Report = silent) -> None:
        self.ttl_s = home.lease_ttl_s
        self.place = Place(home)
        self.me = self.place.me(what)
        self.lease = Lease(store, key, self.me, self.ttl_s, clock)
        self.report = report
        self.token = 0
        self._leads = False
        self._end: GovlakeError | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._stand_by, name="lease", daemon=True)
        self._thread.start()

    def good_until(self) -> float:
        """Until when by `clock()` this home may write; 0 where it may not now."""
        notice = self._notice()
        return notice.good_until if notice else 0.0

    def check(self, patience_s: float | None = None) -> int:
        """The token, where this home holds the lease at this moment; waits where that is being found out.

        Raises LeaseError where another home holds the lease, or this one lost it, and the store's error where the
        store does not say within `patience_s` (default: twice the time to live).
        """
        limit = clock() + (2 * self.ttl_s + 1 if patience_s is None else patience_s)
        while True:
            notice = self._notice()
            if notice is not None and clock() < notice.good_until:
                self.token = self.token or notice.token
                return notice.token
            if self._end is not None:
                raise self._end
            if clock() > limit:
                raise LeaseError(
                    "Whether this home may write the lake could not be found out: its lease is not being renewed.",
                    "See `govlake doctor`, then run it again.",
                )
            time.sleep(min(0.02, self.ttl_s / 20))

    def _notice(self) -> Notice | None:
        """What the process that renews says last. Raises LeaseError where the lease changed hands in between."""
        notice = self.place.heard()
        if notice is None or notice.token == 0:
            return None
        if self.token and notice.token != self.token:
            raise self._end or LeaseError(
                f"This home lost its turn to write the lake (it had number {self.token}) and has had another since.",
                "What was being written does not count; run it again.",
            )
        if self.token and notice.lost:
            raise LeaseError(notice.lost, "")
        return None if notice.lost else notice

    def close(self) -> None:
        """Take part no longer; the last process of the home gives the lease back."""
        self._stop.set()
        self._thread.join(self.ttl_s)
        try:
            if self._is_left_to_me():
                self._tell(0.0)
                self.lease.free()
        except OUTAGE as error:
            self.report(f"The lease was not given back ({error}) and ends by itself.")
        finally:
            self.place.leave()

    def _is_left_to_me(self) -> bool:
        if self._thread.is_alive() or not (self._leads or self.place.may_keep()) or not self.place.is_last():
            return False
        return self.lease.held is not None or (self._is_ours() and self.lease.try_take())

    def _is_ours(self) -> bool:
        record = self.lease.look().record
        return record is not None and record.holder is not None and record.holder.is_same_home(self.me)

    def _stand_by(self) -> None:
        """The thread: wait for the home's lock, then take the lease and renew it until this process stops."""
        while not self._stop.is_set() and self._end is None:
            if not self._leads and not self.place.may_keep():
                self._stop.wait(self.ttl_s * POLL)
                continue
            self._leads = True
            try:
                self._take()
                self._keep()
            except OUTAGE as error:
                self.report(f"The store does not answer: {error}")
                self._stop.wait(self.ttl_s * POLL)
            except GovlakeError as error:
                self._give_up(error)

    def _give_up(self, error: GovlakeError) -> None:
        self._end = error
        notice = self.place.heard()
        if notice is not None and notice.token:
            self.place.tell(Notice(notice.token, self.me.keeper, boot(), 0.0, lost=str(error)))
        self.place.stop_keeping()
        self._leads = False

    def _take(self) -> None:
        """Take the lease, or watch its holder: one that renews is a refusal, one that is silent is followed.

        Raises LeaseError.
        """
        if self.lease.held is not None:
            return
        first = self.lease.look()
        while not self._stop.is_set() and not self.lease.try_take():
            seen = self.lease.seen
            if seen is None or seen.record is None or seen.record.holder is None:
                continue
            if first.record is not None and first.record.holder is not None and seen.tag != first.tag:
                raise refused(self.lease)
            if first.record is None or first.record.holder is None:
                first = seen
            self.report(f"Waiting up to {seen.record.ttl_s:.0f} s: {seen.record.says(self.lease.now())}")
            self._stop.wait(min(1.0, seen.record.ttl_s * POLL))

    def _keep(self) -> None:
        if self.lease.held is not None and not self.lease.held.is_fenced:
            root = self.lease.key.rpartition("/")[0]
            found = tables(self.lease.store, f"{root}/" if root else "")
            fence_tables(found, self.lease.held.token, self._renew_if_due)
            self.lease.renew(fenced=True)
        while self.lease.held is not None:
            self._tell(self.lease.granted_at + self.ttl_s * (1 - MARGIN))
            if self._stop.wait(self.ttl_s * RENEW):
                return
            self._renew()

    def _renew(self) -> None:
        """One heartbeat, repeated while the store does not answer. The notice runs out by itself meanwhile."""
        while not self._stop.is_set():
            try:
                self.lease.renew()
                return
            except OUTAGE as error:
                self.report(f"The lease was not renewed: {error}")
                self._stop.wait(self.ttl_s * POLL)

    def _renew_if_due(self) -> None:
        if clock() - self.lease.granted_at > self.ttl_s * RENEW:
            self.lease.renew()

    def _tell(self, good_until: float) -> None:
        held = self.lease.held
        assert held is not None
        self.place.tell(Notice(held.token, self.me.keeper, boot(), good_until))


def refused(lease: Lease) -> LeaseError:
    """The error for a lake that another home writes."""
    record = lease.look().record
    assert record is not None
    return LeaseError(
        f"Another home writes this lake: {record.says(lease.now())}.",
        f"Stop it there with `govlake down`, or wait {record.ttl_s:.0f} s if it is dead; see `govlake doctor`.",
    )


def observer(store: Store, key: str) -> Lease:
    """A view of the lease for one that only looks."""
    return Lease(store, key, Holder("", "", "", "", "", 0, ""), 0.0, clock)
