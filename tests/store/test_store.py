"""What every store promises, asked of each kind."""

import multiprocessing
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from govlake.errors import StoreError
from govlake.settings import settings
from govlake.store import Store, Taken, store

WRITERS = 8


@pytest.fixture(params=["home", pytest.param("remote_home", marks=pytest.mark.cluster)], ids=["folder", "s3"])
def place(request: pytest.FixtureRequest) -> Store:
    """The store that the settings name, empty."""
    request.getfixturevalue(request.param)
    return store()


def test_a_new_key_is_read_back_with_its_tag(place: Store) -> None:
    assert place.read("run/lease") is None
    tag = place.create("run/lease", b"one")
    assert place.read("run/lease") == (b"one", tag)


def test_a_key_that_is_there_is_not_created_again(place: Store) -> None:
    place.create("a", b"one")
    with pytest.raises(Taken):
        place.create("a", b"two")
    assert (place.read("a") or (b"",))[0] == b"one"


def test_a_swap_wants_the_content_that_it_has_seen(place: Store) -> None:
    first = place.create("a", b"one")
    second = place.swap("a", b"two", first)
    with pytest.raises(Taken):
        place.swap("a", b"three", first)
    assert place.read("a") == (b"two", second)
    with pytest.raises(Taken):
        place.swap("not there", b"one", first)
    assert place.read("not there") is None


def test_files_go_in_and_come_out_unchanged(place: Store, tmp_path: Path) -> None:
    content = bytes(range(256)) * 50_000
    (tmp_path / "in").write_bytes(content)
    place.upload(tmp_path / "in", "landing/部门/a b.csv")
    place.download("landing/部门/a b.csv", tmp_path / "new" / "out")
    assert (tmp_path / "new" / "out").read_bytes() == content
    (tmp_path / "in").write_bytes(b"")
    place.upload(tmp_path / "in", "landing/部门/a b.csv")
    assert [(entry.key, entry.size) for entry in place.list("landing/")] == [("landing/部门/a b.csv", 0)]
    with pytest.raises(StoreError, match="not there"):
        place.download("landing/none", tmp_path / "none")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["in", "new"]


def test_a_listing_is_sorted_and_holds_what_starts_with_the_prefix(place: Store) -> None:
    keys = ["lake/a-b/1", "lake/a/1", "lake/a/2/x", "lake/b", "lakes/c", "landing/d"]
    for key in reversed(keys):
        place.create(key, key.encode())
    assert [entry.key for entry in place.list("lake/")] == keys[:4]
    assert [entry.key for entry in place.list("lake/a/")] == keys[1:3]
    assert [entry.key for entry in place.list("lake")] == keys[:5]
    assert [entry.key for entry in place.list("")] == keys
    assert list(place.list("none/")) == []
    newest = max(entry.modified for entry in place.list(""))
    assert abs(newest - datetime.now(UTC)) < timedelta(minutes=1)
    assert [entry.size for entry in place.list("lake/b")] == [6]


def test_folders_are_found_without_a_walk(place: Store) -> None:
    for key in ("lake/silver/b/t/x", "lake/silver/a/t/x", "lake/silver/file", "lake/gold/c/t/x"):
        place.create(key, b"")
    assert place.folders("lake/silver/") == ["a", "b"]
    assert place.folders("lake/none/") == []
    assert (place.holds("lake/silver/a/"), place.holds("lake/silver/c/"), place.holds("lake/silver/b/t/y/")) == (
        True,
        False,
        False,
    )


def test_what_is_deleted_is_gone(place: Store) -> None:
    for key in ("lake/staging/t/1/x", "lake/staging/t/2/x"):
        place.create(key, b"")
    place.delete(["lake/staging/t/1/x", "lake/staging/none"])
    assert [entry.key for entry in place.list("")] == ["lake/staging/t/2/x"]
    assert place.folders("lake/staging/t") == ["2"]
    assert (place.holds("lake/staging/t/1"), place.holds("lake/staging/t/2")) == (False, True)
    assert place.read("lake/staging/t/1/x") is None


def test_a_folder_is_cleared_and_its_neighbours_stay(place: Store) -> None:
    for key in ("lake/staging/t/1/x", "lake/staging/t/1/y/z", "lake/staging/t/10/x"):
        place.create(key, b"")
    place.clear("lake/staging/t/1/")
    place.clear("lake/staging/none/")
    assert [entry.key for entry in place.list("")] == ["lake/staging/t/10/x"]


def test_more_keys_than_one_page_are_listed_and_deleted(place: Store, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    (tmp_path / "x").write_bytes(b"x")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: place.upload(tmp_path / "x", f"many/{number:04}"), range(1_050)))
    found = [entry.key for entry in place.list("many/")]
    assert found == [f"many/{number:04}" for number in range(1_050)]
    place.delete(found)
    assert not place.holds("many/")


def test_of_many_writers_exactly_one_creates_and_none_loses_a_swap(place: Store) -> None:
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(WRITERS) as pool:
        won = pool.map(create_one, range(WRITERS))
        assert sorted(won) == [False] * (WRITERS - 1) + [True]
        pool.map(count_up, range(WRITERS))
    assert (place.read("count") or (b"",))[0] == str(WRITERS * 5).encode()


def create_one(number: int) -> bool:
    try:
        store().create("one", str(number).encode())
    except Taken:
        return False
    return True


def count_up(_number: int) -> None:
    """Five steps, each on top of what is there."""
    for _ in range(5):
        while True:
            found = store().read("count")
            try:
                if found is None:
                    store().create("count", b"1")
                else:
                    store().swap("count", str(int(found[0]) + 1).encode(), found[1])
                break
            except Taken:
                continue


def test_a_writer_that_is_killed_leaves_the_old_or_the_new(place: Store) -> None:
    tag = place.create("a", b"0" * 1_000_000)
    spawn = multiprocessing.get_context("spawn")
    for letter in (b"1", b"2", b"3"):
        process = spawn.Process(target=swap_for_ever, args=(letter,))
        process.start()
        while (place.read("a") or (b"", tag))[1] == tag:
            assert process.is_alive()
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        content, tag = place.read("a") or (b"", "")
        assert len(content) == 1_000_000 and content == content[:1] * 1_000_000
        tag = place.swap("a", letter.lower() * 1_000_000 if content[:1] != letter else b"x" * 1_000_000, tag)
    assert [entry.key for entry in place.list("")] == ["a"]


def swap_for_ever(letter: bytes) -> None:
    while True:
        content, tag = store().read("a") or (b"", "")
        store().swap("a", (letter if content[:1] != letter else b"y") * 1_000_000, tag)


def test_the_home_is_the_store_where_nothing_else_is_said(home: Path) -> None:
    assert store().address("lake/silver") == str(settings().lake / "silver") == str(home / "lake" / "silver")
