"""An engine that is not there is one sentence."""

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
