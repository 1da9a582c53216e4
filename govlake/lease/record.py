"""What stands in the lake about its writer: who, under which number, since when, renewed when."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from govlake.errors import LeaseError


@dataclass(frozen=True)
class Holder:
    """A home that writes. `place` is the one lock file on one running machine that its processes share.

    `keeper` is new with every process that takes the renewing over.
    """

    home: str
    place: str
    keeper: str
    host: str
    folder: str
    pid: int
    what: str

    def is_same_home(self, other: Holder) -> bool:
        """Whether both are processes of one home on one running machine: whoever has its lock speaks for it."""
        return (self.home, self.place) == (other.home, other.place)

    def __str__(self) -> str:
        return f"the home {self.folder} on {self.host} ({self.what}, process {self.pid})"


@dataclass(frozen=True)
class Record:
    """The lease of a lake. `token` grows with every change of hands and never falls.

    `beat` grows with every renewal, so that no two states of the record are equal. `last_home` wrote last where nobody
    holds it now. `is_fenced` is False from a change of hands until every table refuses what the last writer began.
    """

    token: int
    holder: Holder | None
    since: str
    renewed_at: str
    ttl_s: float
    beat: int = 0
    last_home: str = ""
    is_fenced: bool = True

    def encode(self) -> bytes:
        """The record as the lake keeps it."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False).encode()

    def renewed(self, now: datetime) -> Record:
        """The record one heartbeat later."""
        return replace(self, beat=self.beat + 1, renewed_at=_text(now))

    def fenced(self, now: datetime) -> Record:
        """The record once every table refuses what was begun before."""
        return replace(self.renewed(now), is_fenced=True)

    def taken_by(self, holder: Holder, ttl_s: float, now: datetime) -> Record:
        """The record in other hands: the next number, and tables to fence where another home wrote last."""
        last = self.holder.home if self.holder else self.last_home
        clean = self.is_fenced and self.holder is None and last in ("", holder.home)
        return Record(self.token + 1, holder, _text(now), _text(now), ttl_s, self.beat + 1, last, clean)

    def inherited_by(self, holder: Holder, ttl_s: float, now: datetime) -> Record:
        """The record kept by another process of the same home: the number stays, for nobody else came between."""
        return replace(self.renewed(now), holder=holder, ttl_s=ttl_s)

    def freed(self, now: datetime) -> Record:
        """The record that nobody holds; its number stays."""
        last = self.holder.home if self.holder else self.last_home
        return replace(self.renewed(now), holder=None, last_home=last)

    def age_s(self, now: datetime) -> float:
        """Seconds since the last renewal by the clocks of two machines: for people, never for a decision."""
        return (now - datetime.fromisoformat(self.renewed_at)).total_seconds()

    def says(self, now: datetime) -> str:
        """Who writes the lake, since when and renewed when, in words."""
        if self.holder is None:
            return "nobody writes the lake now"
        since = datetime.fromisoformat(self.since)
        return (
            f"{self.holder} has written the lake since {since:%Y-%m-%d %H:%M:%S} UTC, "
            f"last heard of {max(0.0, self.age_s(now)):.0f} s ago"
        )


def first(holder: Holder, ttl_s: float, now: datetime) -> Record:
    """The record of a lake that had none. Its tables may be older than leases are, so they are fenced."""
    return Record(1, holder, _text(now), _text(now), ttl_s, is_fenced=False)


def decode(content: bytes, address: str) -> Record:
    """The record in `content`. Raises LeaseError where it is none."""
    try:
        values = json.loads(content)
        holder = Holder(**values.pop("holder")) if values.get("holder") else values.pop("holder")
        return Record(holder=holder, **values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LeaseError(
            f"{address} is not a lease record ({type(error).__name__}).",
            "Make sure that nobody writes the lake, then run `govlake lake lease --break --force`.",
        ) from error


def utc_now() -> datetime:
    """The time of day that a record states for people."""
    return datetime.now(UTC)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
