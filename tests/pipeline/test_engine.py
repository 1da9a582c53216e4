"""An engine that is not there is one sentence; sessions come and go."""

import gc
from pathlib import Path

import pytest

from govlake import engine as sessions
from govlake.errors import EngineError
from govlake.settings import settings
from govlake.stack.ports import any_free


def test_an_engine_that_is_not_there_is_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sc://127.0.0.1:{any_free('127.0.0.1')}"
    monkeypatch.setenv("GOVLAKE_ENGINE_URL", address)
    monkeypatch.setattr(sessions, "TRIES", 2)
    settings.cache_clear()
    sessions.close()
    with pytest.raises(EngineError) as raised:
        sessions.session()
    assert raised.value.message.startswith(f"The engine at {address} does not answer: failed to connect")
    assert raised.value.remedy == "Start it with `govlake up`; see `govlake doctor`."


def test_only_what_the_engine_says_is_the_engines_fault() -> None:
    with pytest.raises(KeyError), sessions.work():
        raise KeyError("ours")


@pytest.mark.engine
def test_a_session_that_was_cut_off_gives_up_its_place(home: Path, engine: str) -> None:
    """Great Expectations and dbt take the process's session, whoever opened it."""
    from pyspark.sql.connect.session import SparkSession

    sessions.session().client.close()  # as the client does when it hears that the engine was restarted
    assert sessions.session().range(3).count() == 3
    assert SparkSession.active() is SparkSession.builder.getOrCreate() is sessions.session()
    sessions.close()


@pytest.mark.engine
def test_a_session_that_is_collected_leaves_the_threads_of_the_others_alone(home: Path, engine: str) -> None:
    """They give back what was read; ended from one of themselves, they and whoever asks the engine wait for ever."""
    from pyspark.sql.connect.client.reattach import ExecutePlanResponseReattachableIterator
    from pyspark.sql.connect.session import SparkSession

    mine = sessions.session()
    other = SparkSession.builder.remote(engine).create()
    assert (mine.sql("SELECT 1").collect(), other.sql("SELECT 2").collect()) == ([(1,)], [(2,)])
    threads = ExecutePlanResponseReattachableIterator._release_thread_pool_instance
    del other
    gc.collect()
    assert threads is not None and ExecutePlanResponseReattachableIterator._release_thread_pool_instance is threads
