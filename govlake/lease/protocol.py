"""The protocol of the lease, over one object of the lake's store that is created and swapped as a whole.

Two rules make it safe. A holder counts its time from *before* it asked for a renewal, by its own clock; an observer
counts from when it first *saw* a state, by its own clock. So no two clocks are ever compared, and the holder's time
is over first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from govlake.errors import LeaseError
from govlake.lease.record import Holder, Record, decode, first, utc_now
from govlake.store import Store, Taken

Clock = Callable[[], float]


@dataclass(frozen=True)
class Seen:
    """A state of the record (None where the lake has none), and when this process first saw it by its own clock."""

    record: Record | None
    tag: str
    at: float


@dataclass
class Lease:
    """One candidate's view of the lake's lease: looks, takes, renews, frees. Knows no thread, file or process."""

    store: Store
    key: str
    me: Holder
    ttl_s: float
    clock: Clock = time.monotonic
    now: Callable[[], datetime] = utc_now
    seen: Seen | None = None
    held: Record | None = None
    granted_at: float = 0.0

    def look(self) -> Seen:
        """The present state. A state that was seen before keeps the moment at which it was seen first."""
        found = self.store.read(self.key)
        content, tag = found or (b"", "")
        if self.seen is None or self.seen.tag != tag:
            record = decode(content, self.store.address(self.key)) if found else None
            self.seen = Seen(record, tag, self.clock())
        return self.seen

    def is_stale(self) -> bool:
        """Whether the holder has been silent for its whole time, as watched by this process."""
        seen = self.look()
        return bool(seen.record and seen.record.holder is not None and self.clock() - seen.at >= seen.record.ttl_s)

    def try_take(self, force: bool = False) -> bool:
        """Take the lease if it is free, stale or this home's own; False where another home holds it, or was faster.

        `force` takes it from a holder that lives.
        """
        stale, asked_at = self.is_stale(), self.clock()
        assert self.seen is not None
        record, tag = self.seen.record, self.seen.tag
        if record is None:
            return self._won(first(self.me, self.ttl_s, self.now()), None, asked_at)
        mine = record.holder is not None and record.holder.is_same_home(self.me)
        if record.holder is not None and not mine and not stale and not force:
            return False
        after = record.inherited_by if mine else record.taken_by
        taken = after(self.me, self.ttl_s, self.now())
        return self._won(taken, tag, asked_at)

    def renew(self, fenced: bool = False) -> None:
        """One heartbeat. Raises LeaseError where somebody else has taken the lease."""
        if self.held is None or not self._swap(Record.fenced if fenced else Record.renewed):
            raise self.lost()

    def free(self) -> None:
        """Give the lease back; nothing to do where it was lost."""
        if self.held is not None:
            self._swap(Record.freed)
            self.held = None

    def lost(self) -> LeaseError:
        """The error of a writer that is one no longer."""
        self.held = None
        record = self.look().record
        who = record.says(self.now()) if record else "its lease record is gone"
        return LeaseError(
            f"This home lost its turn to write the lake: {who}.",
            "What was being written does not count; run it again once the lake is free.",
        )

    def _swap(self, change: Callable[[Record, datetime], Record]) -> bool:
        """Change the record held. Where an earlier change arrived and only its answer was lost, from there."""
        for _ in range(2):
            asked_at = self.clock()
            assert self.seen is not None
            tag, record = self.seen.tag, self.seen.record
            if record is None or record.holder != self.me:  # gone with the lake, or somebody else's
                return False
            if self._won(change(record, self.now()), tag, asked_at):
                return True
            self.look()
        return False

    def _won(self, record: Record, tag: str | None, asked_at: float) -> bool:
        """Write `record` in place of the state `tag`, None where there is to be none yet; False where that is over."""
        content = record.encode()
        try:
            new = self.store.create(self.key, content) if tag is None else self.store.swap(self.key, content, tag)
        except Taken:
            return False
        self.seen = Seen(record, new, self.clock())
        self.held, self.granted_at = record, asked_at
        return True
