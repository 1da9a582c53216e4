"""Whatever homes, clocks and stores do: never do two homes believe at once that they may write."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from govlake.errors import LeaseError, StoreError
from govlake.lease.keeper import MARGIN
from govlake.lease.protocol import Lease
from govlake.lease.record import Holder, Record
from govlake.store.local import LocalStore

TTL_S = 30.0
HOMES = 3
FAULTS = ("none", "before", "after")


class Shaky(LocalStore):
    """A folder whose next change may fail before it is made, or be made and its answer lost."""

    fault = "none"

    def create(self, key: str, content: bytes) -> str:
        return self._shaken(lambda: LocalStore.create(self, key, content))

    def swap(self, key: str, content: bytes, tag: str) -> str:
        return self._shaken(lambda: LocalStore.swap(self, key, content, tag))

    def _shaken(self, change: Callable[[], str]) -> str:
        fault, self.fault = self.fault, "none"
        if fault == "before":
            raise StoreError("The store is away.")
        tag = change()
        if fault == "after":
            raise StoreError("The answer was lost.")
        return tag


class Home:
    """One home: a clock that is neither right nor exactly as fast as others, and a lease it may hold."""

    def __init__(self, number: int, folder: Path, world: "Lakes", offset: float, rate: float) -> None:
        self.clock = lambda: offset + world.time * rate
        self.store = Shaky(folder)
        self.number = number
        self.begin()

    def begin(self, keeper: int = 0) -> None:
        """A process of this home starts, and knows nothing."""
        me = Holder(f"home {self.number}", "place", f"keeper {keeper}", "host", "folder", keeper, "a test")
        self.lease = Lease(self.store, "_lease.json", me, TTL_S, self.clock)

    def believes(self) -> bool:
        """Whether it would write now."""
        return self.lease.held is not None and self.clock() < self.lease.granted_at + TTL_S * (1 - MARGIN)


class Lakes(RuleBasedStateMachine):
    """Homes take, renew, free, die, pause and lose answers, in any order, at any time."""

    @initialize(
        offsets=st.lists(st.floats(-1e6, 1e6), min_size=HOMES, max_size=HOMES),
        rates=st.lists(st.floats(0.97, 1.03), min_size=HOMES, max_size=HOMES),
    )
    def open(self, offsets: list[float], rates: list[float]) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.time, self.tokens, self.starts = 0.0, [0], 0
        root = Path(self.folder.name)
        self.all = [Home(n, root, self, *pair) for n, pair in enumerate(zip(offsets, rates, strict=True))]

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @rule(seconds=st.sampled_from([0.1, 3.0, 10.0, 24.9, 25.1, 31.0]))
    def wait(self, seconds: float) -> None:
        self.time += seconds

    @rule(number=st.integers(0, HOMES - 1), fault=st.sampled_from(FAULTS))
    def take(self, number: int, fault: str) -> None:
        home = self.all[number]
        home.store.fault = fault
        try:
            home.lease.try_take()
        except StoreError:
            assert fault != "none"
        home.store.fault = "none"

    @rule(number=st.integers(0, HOMES - 1), fault=st.sampled_from(FAULTS))
    def renew(self, number: int, fault: str) -> None:
        home = self.all[number]
        if home.lease.held is None:
            return
        home.store.fault = fault
        try:
            home.lease.renew()
        except StoreError:
            assert fault != "none"
        except LeaseError:
            assert home.lease.held is None
        home.store.fault = "none"

    @rule(number=st.integers(0, HOMES - 1))
    def free(self, number: int) -> None:
        self.all[number].lease.free()

    @rule(number=st.integers(0, HOMES - 1))
    def die_and_start_again(self, number: int) -> None:
        self.starts += 1
        self.all[number].begin(self.starts)

    @invariant()
    def at_most_one_would_write(self) -> None:
        assert len([home.number for home in getattr(self, "all", []) if home.believes()]) <= 1

    @invariant()
    def the_number_never_falls_and_grows_when_the_home_changes(self) -> None:
        if not hasattr(self, "all"):
            return
        record = Lease(self.all[0].store, "_lease.json", self.all[0].lease.me, TTL_S).look().record
        if record is None:
            return
        last = getattr(self, "last", None)
        if last is not None:
            assert record.token >= last.token
            if record.holder and last.holder and record.holder.home != last.holder.home:
                assert record.token > last.token and not record.is_fenced
        self.last: Record = record


Lakes.TestCase.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLakes = Lakes.TestCase


def candidate(folder: Path, home: str, clock: list[float]) -> Lease:
    me = Holder(home, "place", home, "host", f"/{home}", 1, "a test")
    return Lease(LocalStore(folder), "_lease.json", me, TTL_S, lambda: clock[0])


def test_a_holder_is_stale_only_by_the_watchers_own_clock(tmp_path: Path) -> None:
    here, there = [0.0], [1e9]
    first, second = candidate(tmp_path, "north", here), candidate(tmp_path, "south", there)
    assert first.try_take() and not second.try_take()
    there[0] += TTL_S - 0.1
    assert not second.try_take()
    first.renew()
    there[0] += TTL_S - 0.1
    assert not second.try_take()
    there[0] += TTL_S
    assert second.try_take()
    with pytest.raises(LeaseError, match="south"):
        first.renew()


def test_a_takeover_that_died_before_it_fenced_is_fenced_by_the_next(tmp_path: Path) -> None:
    clock = [0.0]
    first, second, third = (candidate(tmp_path, home, clock) for home in ("north", "south", "west"))
    assert first.try_take()
    first.renew(fenced=True)
    first.free()
    assert second.try_take() and second.held is not None and not second.held.is_fenced
    second.free()
    assert third.try_take() and third.held is not None and not third.held.is_fenced
    third.renew(fenced=True)
    third.free()
    assert third.try_take() and third.held is not None and third.held.is_fenced


@pytest.mark.parametrize("content", ["{}", "[]", "", "{", '{"holder": {"home": 1}}'])
def test_a_record_that_is_none_is_refused_with_a_way_out(tmp_path: Path, content: str) -> None:
    (tmp_path / "_lease.json").write_text(content)
    with pytest.raises(LeaseError, match="--break --force"):
        candidate(tmp_path, "north", [0.0]).look()


def test_a_record_that_is_gone_with_its_lake_is_a_lost_lease(tmp_path: Path) -> None:
    renewing, freeing = candidate(tmp_path, "north", [0.0]), candidate(tmp_path, "north", [0.0])
    for lease in (renewing, freeing):
        assert lease.try_take()
        (tmp_path / "_lease.json").unlink()
    with pytest.raises(LeaseError, match="gone"):
        renewing.renew()
    freeing.free()
    assert freeing.held is None
