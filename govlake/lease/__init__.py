"""One writer per lake: the home that holds the lake's lease. Its processes write under one number, the token.

`writing` stands around every write. It lets a write begin only while this home holds the lease, and lets it count only
if the lease did not change hands until it was done. What another home's takeover cuts off is refused by the tables
themselves (see `fence`), and an engine of our own is stopped before our time is over (see `guard`).
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from govlake.errors import LeaseError
from govlake.settings import settings

if TYPE_CHECKING:
    from govlake.lease.keeper import Keeper, Report
    from govlake.lease.protocol import Seen
    from govlake.store import Store

NAME = "_lease.json"


@dataclass
class _Part:
    """This process's keeper and the lake it is for. `inherited` are a parent's: to close them would free locks."""

    keeper: Keeper | None = None
    lake: str = ""
    process: int = 0
    inherited: list[Keeper] = field(default_factory=list)


_part = _Part()


def hold(what: str = "", report: Report | None = None) -> Keeper:
    """Take part in this home's lease, once per process, and wait until it is ours.

    Raises LeaseError where another home writes the lake.
    """
    keeper = _joined(what, report)
    keeper.check()
    return keeper


@contextmanager
def writing(address: str = "the lake", proven: bool = False) -> Iterator[None]:
    """Around one write: it begins under the lease, and raises LeaseError where it did not end under it.

    Load what the write is based on before: a takeover after that then refuses the commit. Where a commit that went
    through thereby proves that it came before any takeover, the write is `proven`: it counts, the next is refused.
    """
    keeper = hold()
    try:
        yield
    except Exception as error:
        _require(keeper, address, error)
        raise
    if not proven:
        _require(keeper, address, None)


def _require(keeper: Keeper, address: str, cause: Exception | None) -> None:
    try:
        keeper.check()
    except LeaseError as error:
        raise LeaseError(
            f"The write to {address} does not count: {error.message}",
            error.remedy or "Run it again once the lake is free.",
        ) from cause or error


def close() -> None:
    """Take part no longer; the last process of the home gives the lease back."""
    keeper, _part.keeper = _part.keeper, None
    if keeper is not None and _part.process == os.getpid():
        keeper.close()


def where() -> tuple[Store, str]:
    """The store and the key of the lake's lease."""
    from govlake.store import store
    from govlake.store.local import LocalStore

    if settings().store:
        return store(), f"lake/{NAME}"
    # A folder's writers take turns by a lock in it: for homes that share a lake it must be the lake's own.
    return LocalStore(settings().lake), NAME


def seen() -> Seen:
    """The lease as it stands in the lake now."""
    from govlake.lease.keeper import observer

    return observer(*where()).look()


def _joined(what: str, report: Report | None) -> Keeper:
    from govlake.lease.keeper import Keeper, silent

    lake = f"{settings().home} {settings().store}"
    if _part.keeper is not None and _part.process != os.getpid():
        _part.inherited.append(_part.keeper)
        _part.keeper = None
    if _part.keeper is not None and _part.lake != lake:
        close()
    if _part.keeper is None:
        if not _part.process:
            atexit.register(close)
        _part.process, _part.lake = os.getpid(), lake
        _part.keeper = Keeper(settings(), *where(), what, report or silent)
    return _part.keeper
