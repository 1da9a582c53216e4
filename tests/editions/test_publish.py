"""Publishing: one whole edition or the one before it; the same content is never published twice."""

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pyarrow as pa
import pytest

from govlake.editions import Edition, Mart, list_editions, publish, rollback, show
from govlake.editions.parts import MOST, SCHEMA
from govlake.editions.shown import last_of_days, prune
from govlake.errors import EditionError, LedgerError
from govlake.ledger import Ledger
from govlake.maintenance.maintain import maintain
from govlake.settings import settings

Gold = Callable[..., Mart]

DAYS = {"day": [date(2026, 9, 1), date(2026, 9, 2)], "taps": [10, 20]}


def shown(ledger: Ledger, mart: str = "kpi_day", order: str = "day") -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in ledger.query(f"SELECT * FROM marts.{mart} ORDER BY {order}")]


def parts(ledger: Ledger) -> list[str]:
    rows = ledger.query("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [SCHEMA])
    return [row["tablename"] for row in rows]


def schemas(ledger: Ledger) -> list[str]:
    rows = ledger.query(r"SELECT nspname FROM pg_namespace WHERE nspname ~ '^edition_[0-9]+$' ORDER BY 1")
    return [row["nspname"] for row in rows]


def test_gold_is_shown_with_its_types(ledger: Ledger, gold: Gold) -> None:
    values = {
        "name": pa.array(["西湖", None]),
        "at": pa.array([datetime(2026, 9, 1, 8, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
        "day": pa.array([date(2026, 9, 1), None]),
        "share": pa.array([0.5, None]),
        "fare_cny": pa.array([Decimal("2.50"), None], pa.decimal128(10, 2)),
        "taps": pa.array([3, None], pa.int32()),
        "is_open": pa.array([True, None]),
    }
    edition = publish([gold("kpi_types", values)])
    assert edition is not None and (edition.edition, edition.current, edition.held) == (1, True, [])
    [known, empty] = shown(ledger, "kpi_types", "name NULLS LAST")
    assert known == ("西湖", datetime(2026, 9, 1, 8, tzinfo=UTC), date(2026, 9, 1), 0.5, Decimal("2.50"), 3, True)
    assert set(empty) == {None}
    [info] = ledger.query("SELECT edition, tables, rows, held_datasets FROM marts.edition_info")
    assert tuple(info.values()) == (1, 1, 2, 0)


def test_an_empty_mart_is_published(ledger: Ledger, gold: Gold) -> None:
    publish([gold("kpi_day", {"day": pa.array([], pa.date32())})])
    assert shown(ledger) == []


def test_the_same_content_is_nothing_new(ledger: Ledger, gold: Gold) -> None:
    assert publish([gold("kpi_day", DAYS)]) is not None
    assert publish([Mart("transit", "kpi_day")]) is None
    turned = {name: values[::-1] for name, values in DAYS.items()}
    assert publish([gold("kpi_day", turned)]) is None
    rebuilt = {**turned, "_built_at": [datetime.now(UTC)] * 2}
    assert publish([gold("kpi_day", rebuilt)]) is None
    assert (len(list_editions()), schemas(ledger)) == (1, ["edition_1"])


def test_null_and_the_word_null_are_different_content(ledger: Ledger, gold: Gold) -> None:
    publish([gold("kpi_name", {"name": pa.array([None, "a"])})])
    assert publish([gold("kpi_name", {"name": pa.array(["null", "a"])})]) is not None


def test_columns_and_marts_may_change(ledger: Ledger, gold: Gold) -> None:
    publish([gold("kpi_day", DAYS), gold("kpi_gone", {"n": [1]})])
    publish([gold("kpi_day", {"riders": ["9"], "day": [date(2026, 9, 3)]}), gold("kpi_new", {"n": [2]})])
    assert shown(ledger) == [("9", date(2026, 9, 3))]
    views = ledger.query("SELECT viewname FROM pg_views WHERE schemaname = 'marts' ORDER BY 1")
    assert [row["viewname"] for row in views] == ["edition_info", "kpi_day", "kpi_new"]
    granted = ledger.query("SELECT has_table_privilege('cockpit_reader', 'marts.kpi_day', 'SELECT') AS yes")
    assert granted == [{"yes": True}]


CRASH = """
import os, signal
from govlake.editions import Mart, publish, publishing
publishing.{step} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
publish([Mart("transit", "kpi_day")])
"""


@pytest.mark.parametrize("step", ["load", "lay_out", "repoint"])
def test_a_killed_publisher_leaves_the_old_edition_and_the_next_repairs(ledger: Ledger, gold: Gold, step: str) -> None:
    publish([gold("kpi_day", DAYS)])
    mart = gold("kpi_day", {**DAYS, "taps": [10, 21]})
    killed = subprocess.run([sys.executable, "-c", CRASH.format(step=step)], env=settings().environment())
    assert killed.returncode == -signal.SIGKILL
    assert (show().edition, shown(ledger)[1]) == (1, (date(2026, 9, 2), 20))
    repaired = publish([mart])
    assert repaired is not None and repaired.edition == 2
    assert (shown(ledger)[1], schemas(ledger)) == ((date(2026, 9, 2), 21), ["edition_1", "edition_2"])


def test_repointing_is_all_or_nothing(ledger: Ledger, gold: Gold) -> None:
    publish([gold("kpi_day", DAYS), gold("kpi_other", {"n": [1]})])
    with psycopg.connect(ledger.url, autocommit=True) as raw:
        raw.execute("CREATE VIEW public.mine AS SELECT n FROM marts.kpi_other")
        with pytest.raises(LedgerError, match="kpi_other"):
            publish([gold("kpi_day", {**DAYS, "taps": [0, 0]}), gold("kpi_other", {"m": ["x"]})])
        assert (show().edition, shown(ledger)[0]) == (1, (date(2026, 9, 1), 10))
        raw.execute("DROP VIEW public.mine")
    second = publish([Mart("transit", "kpi_day"), Mart("transit", "kpi_other")])
    assert second is not None and second.edition == 2


def test_editions_share_what_they_have_in_common(ledger: Ledger, gold: Gold) -> None:
    """Only files that are new are copied; what no edition shows any more is gone."""
    publish([gold("kpi_day", DAYS), gold("kpi_other", {"n": [1]})])
    first = parts(ledger)
    more = {"day": [date(2026, 9, 3)], "taps": [30]}
    publish([gold("kpi_day", more, "append"), gold("kpi_other", {"n": [2]})])
    assert len(first) == 2 and len(parts(ledger)) == 4 and set(first) < set(parts(ledger))
    assert shown(ledger) == [*zip(*DAYS.values(), strict=True), (date(2026, 9, 3), 30)]
    publish([Mart("transit", "kpi_day"), gold("kpi_other", {"n": [3]})])
    assert prune(ledger, keep=1) == [2, 1]
    assert len(parts(ledger)) == 3
    assert len(shown(ledger)) == 3


def test_a_mart_of_many_files_has_few_parts(ledger: Ledger, gold: Gold) -> None:
    gold("kpi_n", {"n": list(range(5))})
    for number in range(5, MOST + 10):
        mart = gold("kpi_n", {"n": [number]}, "append")
    publish([mart])
    assert len(parts(ledger)) == MOST
    assert [n for (n,) in shown(ledger, "kpi_n", "n")] == list(range(MOST + 10))


def test_what_maintenance_put_together_is_shown_as_it_was(ledger: Ledger, gold: Gold) -> None:
    gold("kpi_day", DAYS)
    publish([gold("kpi_day", {"day": [date(2026, 9, 3)], "taps": [30]}, "append"), gold("kpi_other", {"n": [1]})])
    before = shown(ledger)
    maintain(progress=lambda line: None)
    publish([Mart("transit", "kpi_day"), gold("kpi_other", {"n": [2]})])
    assert (shown(ledger), show().edition) == (before, 2)
    assert rollback().edition == 1 and shown(ledger) == before


def test_only_the_newest_editions_and_the_shown_one_are_kept(ledger: Ledger, gold: Gold) -> None:
    for number in range(1, 6):
        publish([gold("kpi_n", {"n": [number]})])
    rollback(1)
    prune(ledger, 2)
    assert schemas(ledger) == ["edition_1", "edition_4", "edition_5"]
    assert [edition.edition for edition in list_editions()] == [5, 4, 1]
    assert [edition.kept for edition in list_editions(every=True)] == [True, True, False, False, True]
    with pytest.raises(EditionError, match=r"Edition 2 is not kept. Kept are: 5, 4, 1"):
        rollback(2)


def test_of_a_day_that_is_over_the_last_edition_is_kept() -> None:
    def at(number: int, day: int, hour: int) -> Edition:
        return Edition(number, datetime(2026, 9, day, hour, tzinfo=UTC), current=False)

    # Nine in the evening in UTC is the next day's early morning in the city.
    editions = [at(6, 3, 2), at(5, 3, 1), at(4, 2, 21), at(3, 2, 3), at(2, 2, 1), at(1, 1, 1)]
    assert last_of_days(editions) == [6, 3, 1]


def test_many_editions_of_one_day_do_not_crowd_out_those_of_others(ledger: Ledger, gold: Gold) -> None:
    for number in range(1, 5):
        publish([gold("kpi_n", {"n": [number]})])
    assert prune(ledger, keep=1, days=7) == [3, 2, 1]
    assert schemas(ledger) == ["edition_4"]


def test_a_missing_or_doubled_mart_is_one_sentence(ledger: Ledger, home: object) -> None:
    with pytest.raises(EditionError, match=r"transit.kpi_day is not in gold .*Build it"):
        publish([Mart("transit", "kpi_day")])
    with pytest.raises(EditionError, match="Two marts are called kpi_day"):
        publish([Mart("transit", "kpi_day"), Mart("hotline", "kpi_day")])
