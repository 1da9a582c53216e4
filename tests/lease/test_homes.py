"""Two homes and one lake: one writes, the other is told who does, and a writer that lost its turn cannot commit."""

import signal
import time
from pathlib import Path

import pytest
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from govlake.lease.fence import PROPERTY
from govlake.lease.record import Record, decode
from tests.lease.conftest import TTL_S, Join, wait_for

PATIENT = {"GOVLAKE_LEASE_TTL_S": "3600"}  # whoever waited for it to pass would not be back in time


def record(lake: Path) -> Record:
    return decode((lake / "_lease.json").read_bytes(), str(lake))


def rows(lake: Path) -> dict[str, int]:
    """Rows per batch."""
    try:
        table = DeltaTable(str(lake / "bronze" / "water" / "reading"))
    except TableNotFoundError:
        return {}
    batches = [str(batch) for batch in table.to_pyarrow_table()["_batch_id"].to_pylist()]
    return {batch: batches.count(batch) for batch in batches}


def test_a_second_home_is_refused_in_a_sentence_that_names_the_first(join: Join, lake_folder: Path) -> None:
    first, second = join("north"), join("south")
    assert first.do("write", "a", 3) == {"rows": 3}
    refused = second.do("write", "b", 4)["refused"]
    assert "north" in refused and "has written the lake since" in refused and "`govlake down`" in refused
    assert rows(lake_folder) == {"a": 3}
    assert first.do("write", "a", 5) == {"rows": 5}


def test_a_lake_that_was_given_back_is_free_for_others_at_once(join: Join, lake_folder: Path) -> None:
    first, second = join("north", **PATIENT), join("south", **PATIENT)
    first.do("write", "a", 3)
    first.end()
    assert record(lake_folder).holder is None
    assert second.do("write", "b", 4) == {"rows": 4}
    assert (record(lake_folder).token, rows(lake_folder)) == (2, {"a": 3, "b": 4})


def test_a_killed_home_is_followed_after_its_time_to_live(join: Join, lake_folder: Path) -> None:
    first, second = join("north"), join("south")
    first.do("write", "a", 3)
    first.kill()
    before = time.monotonic()
    assert second.do("hold") == {"token": 2}
    assert time.monotonic() - before >= TTL_S / 2
    table = DeltaTable(str(lake_folder / "bronze" / "water" / "reading"))
    assert table.metadata().configuration[PROPERTY] == "2"
    assert record(lake_folder).is_fenced


def test_a_killed_home_comes_back_at_once_under_the_same_number(join: Join, lake_folder: Path) -> None:
    first = join("north", **PATIENT)
    first.do("write", "a", 3)
    first.kill()
    assert join("north", **PATIENT).do("hold") == {"token": 1}
    assert record(lake_folder).token == 1


def test_processes_of_one_home_share_its_lease_and_the_last_one_gives_it_back(join: Join, lake_folder: Path) -> None:
    first, second = join("north"), join("north")
    assert (first.do("hold"), second.do("hold")) == ({"token": 1}, {"token": 1})
    first.end()
    assert record(lake_folder).holder is not None
    time.sleep(1.5 * TTL_S)
    assert second.do("write", "b", 4) == {"rows": 4}
    assert record(lake_folder).token == 1
    second.end()
    assert record(lake_folder).holder is None


def test_the_home_goes_on_when_the_process_that_renews_is_killed(join: Join, lake_folder: Path) -> None:
    first, second, other = join("north"), join("north"), join("south")
    first.do("hold")
    second.do("hold")
    first.kill()
    assert "north" in other.do("hold")["refused"]
    assert second.do("write", "b", 4) == {"rows": 4}
    assert record(lake_folder).token == 1


@pytest.mark.parametrize("kind", ["write", "engine"])
def test_a_write_that_was_begun_before_a_takeover_is_refused(
    kind: str, join: Join, lake_folder: Path, engine: str, tmp_path: Path
) -> None:
    """The holder is stopped in the middle of its write, and goes on when another home has the lake."""
    flag = tmp_path / "flag"
    first, second = join("north", GOVLAKE_ENGINE_URL=engine), join("south", GOVLAKE_ENGINE_URL=engine)
    first.do(kind, "a", 3)
    first.start(kind, "a", 99, str(flag))
    wait_for(flag.with_suffix(".started"))
    first.send(signal.SIGSTOP)
    assert second.do(kind, "b", 4) == {"rows": 4}
    flag.with_suffix(".go").touch()
    first.send(signal.SIGCONT)
    refused = first.answer()["refused"]
    assert "lost its turn" in refused and "south" in refused and "does not count" in refused
    assert rows(lake_folder) == {"a": 3, "b": 4}
    assert "lost its turn" in first.do(kind, "a", 98)["refused"]
    assert rows(lake_folder) == {"a": 3, "b": 4}


def test_a_holder_that_was_stopped_between_two_writes_may_not_write_again(join: Join, lake_folder: Path) -> None:
    first, second = join("north"), join("south")
    first.do("write", "a", 3)
    first.send(signal.SIGSTOP)
    assert second.do("write", "b", 4) == {"rows": 4}
    first.send(signal.SIGCONT)
    assert "south" in first.do("write", "a", 99)["refused"]
    assert rows(lake_folder) == {"a": 3, "b": 4}
