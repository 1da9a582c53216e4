"""Files on another machine, whatever the protocol: which are a day's delivery, and how they come here whole.

A *remote* is an open session with such a machine. A file that changes while it is looked at is left for the next run;
one that changes while it is fetched is fetched again. Ages are never compared with our own clock: the other machine's
may be wrong. Side files (`<name>.rows`, `<name>.manifest.json`) come along, as from a folder.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from govlake.connectors.draft import Draft
from govlake.connectors.due import due
from govlake.connectors.names import SIDE_FILES, day_in, has_date, is_aside, pattern_of, undated, written
from govlake.connectors.patience import Deadline, Passing, persist
from govlake.contracts.model import Contract
from govlake.errors import ConnectorError, GovlakeError
from govlake.readers.refusals import refuse

log = logging.getLogger("govlake")
SETTLING_S = 1.0  # how long a file is watched before it is taken
SETTLED_S = 86400.0  # one that changed longer ago needs no watching; no clock is wrong by so much
CHUNK = 4 << 20


@dataclass(frozen=True)
class Entry:
    """One file at its source. `stamp` changes with its content as far as the source can tell."""

    path: str
    size: int
    modified_at: float
    stamp: str


class Remote(Protocol):
    """An open session. Each method raises Passing or ConnectorError with a sentence that names the system."""

    address: str  # of its root, without account: sftp://host:22, s3://bucket

    def entries(self, pattern: str) -> list[Entry]:
        """All files that the path with wildcards names; a folder stands for the files in it."""
        ...

    def entry(self, path: str) -> Entry | None:
        """The file at this very path, None where there is none."""
        ...

    def chunks(self, entry: Entry, start: int) -> Iterator[bytes]:
        """Its bytes from `start` on."""
        ...


Opened = Callable[[Contract, Deadline], AbstractContextManager[Remote]]


def find(contract: Contract, day: date, opened: Opened) -> list[Path]:
    """The delivery for `day`, fetched into its draft; none where it has not arrived."""
    deadline = Deadline(contract.source.connection.deadline_s)
    return persist(lambda: _fetch(contract, day, opened, deadline), deadline)


def seen(contract: Contract, until: date, opened: Opened) -> dict[date, list[list[Any]] | None]:
    """The dates up to `until` with files there, and their stamps, from one listing.

    Where the system does not answer, the dates that are due stand in for it: fetching them then says what is wrong.
    """
    deadline = Deadline(contract.source.connection.timeout_s * 2)
    try:
        days = persist(lambda: _listed(contract, opened, deadline), deadline, tries=2)
    except GovlakeError as error:
        log.warning("%s cannot be looked at: %s", contract.id, error)
        return dict.fromkeys(due(contract, until, each=True))
    return {day: _stamps(days[day]) for day in sorted(days) if day <= until}


def probe(contract: Contract, opened: Opened) -> Iterator[str]:
    """What is found at the source, in sentences. Raises ConnectorError where nothing is."""
    with opened(contract, Deadline(contract.source.connection.timeout_s * 2)) as remote:
        yield f"Reached {remote.address} and signed in as {contract.source.connection.user}"
        days = _by_day(contract, _entries(remote, contract))
        if not days:
            raise ConnectorError(
                f"{remote.address} has no file like {contract.source.path}.",
                "Check the path in `location`, or wait for the first delivery.",
            )
        newest = max(days)
        names = ", ".join(f"{PurePosixPath(entry.path).name} ({entry.size:,} bytes)" for entry in days[newest][:3])
        yield f"{len(days)} delivery date(s), the newest is {newest}: {names}"


def _listed(contract: Contract, opened: Opened, deadline: Deadline) -> dict[date, list[Entry]]:
    with opened(contract, deadline) as remote:
        return _by_day(contract, _entries(remote, contract))


def _entries(remote: Remote, contract: Contract, day: date | None = None) -> list[Entry]:
    source = contract.source
    if source.deliveries:
        days = [day.isoformat()] if day else source.deliveries
        return [e for key in days if key in source.deliveries for e in remote.entries(source.deliveries[key])]
    found = remote.entries(written(source.path, day) if day else undated(source.path))
    return sorted((e for e in found if not is_aside(PurePosixPath(e.path).name)), key=lambda e: e.path)


def _by_day(contract: Contract, entries: Sequence[Entry]) -> dict[date, list[Entry]]:
    """Files by logical date. Without a date in the path there is one delivery: that of the last change."""
    source = contract.source
    if source.deliveries:
        patterns = {date.fromisoformat(day): pattern_of(path) for day, path in source.deliveries.items()}
        found = {day: [e for e in entries if day_matches(e.path, pattern)] for day, pattern in patterns.items()}
        return {day: files for day, files in found.items() if files}
    if not has_date(source.path):
        zone = ZoneInfo(contract.timezone)
        newest = max((datetime.fromtimestamp(entry.modified_at, zone).date() for entry in entries), default=None)
        return {newest: list(entries)} if newest else {}
    days: dict[date, list[Entry]] = {}
    pattern = pattern_of(source.path)
    for entry in entries:
        day = day_in(entry.path, pattern)
        if day:
            days.setdefault(day, []).append(entry)
    return days


def day_matches(path: str, pattern: Any) -> bool:
    """Whether the path, or a folder above it, is one that the pattern names."""
    return bool(pattern.fullmatch(path) or pattern.match(f"{path}/"))


def _fetch(contract: Contract, day: date, opened: Opened, deadline: Deadline) -> list[Path]:
    with opened(contract, deadline) as remote:
        undated_path = not contract.source.deliveries and not has_date(contract.source.path)
        days = _by_day(contract, _entries(remote, contract, None if undated_path else day))
        entries = next(iter(days.values()), []) if undated_path and min(days, default=day) <= day else days.get(day, [])
        if not entries:
            return []
        _wait_until_settled(remote, entries)
        draft = Draft(contract, day, _stamps(entries))
        for name, entry in _named(entries):
            _copy(remote, draft, name, entry, deadline)
            for ending in SIDE_FILES:
                side = remote.entry(entry.path + ending)
                if side:
                    (draft.files / f"{name}{ending}").write_bytes(b"".join(remote.chunks(side, 0)))
        for entry in entries:
            if remote.entry(entry.path) != entry:
                what = f"{remote.address}{entry.path} was replaced while it was fetched."
                raise Passing(what, "It is fetched again.")
        return draft.finish(_stamps(entries))


def _wait_until_settled(remote: Remote, entries: Sequence[Entry]) -> None:
    """Refuse a delivery of which a file is still growing."""
    young = [entry for entry in entries if abs(time.time() - entry.modified_at) < SETTLED_S]
    if young:
        time.sleep(SETTLING_S)
    for entry in young:
        if remote.entry(entry.path) != entry:
            raise refuse("uploading", file=PurePosixPath(entry.path).name)


def _copy(remote: Remote, draft: Draft, name: str, entry: Entry, deadline: Deadline) -> None:
    """Fetch one file, going on where an earlier attempt was cut off."""
    if draft.has(name):
        return
    part = draft.part(name)
    start = part.stat().st_size if part.exists() else 0
    if start > entry.size:
        part.unlink()
        start = 0
    with part.open("ab") as target:
        if start < entry.size:
            for chunk in remote.chunks(entry, start):
                target.write(chunk)
                deadline.check(f"Fetching {remote.address}{entry.path}")
        size = target.tell()
    if size != entry.size:
        part.unlink()
        raise Passing(
            f"{remote.address}{entry.path} ended after {size:,} of {entry.size:,} bytes.",
            "Nothing of it was taken; run again.",
        )
    draft.take(name, f"{remote.address}{entry.path}", entry.modified_at)


def _named(entries: Sequence[Entry]) -> Iterator[tuple[str, Entry]]:
    """Each file with a name of its own: those of one name from several folders get a number."""
    taken: set[str] = set()
    for entry in entries:
        path = PurePosixPath(entry.path)
        name, number = path.name, 2
        while name in taken:
            name, number = f"{path.stem}-{number}{path.suffix}", number + 1
        taken.add(name)
        yield name, entry


def _stamps(entries: Sequence[Entry]) -> list[list[Any]]:
    return [[entry.path, entry.size, entry.stamp] for entry in entries]
