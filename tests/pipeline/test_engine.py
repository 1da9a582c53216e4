"""An engine that is not there is one sentence."""

from pathlib import Path

import pytest

from govlake import engine
from govlake.errors import EngineError
from govlake.settings import settings
from govlake.stack.ports import any_free


def test_an_engine_that_is_not_there_is_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sc://127.0.0.1:{any_free('127.0.0.1')}"
    monkeypatch.setenv("GOVLAKE_ENGINE_URL", address)
    monkeypatch.setattr(engine, "TRIES", 2)
    settings.cache_clear()
    engine.close()
    with pytest.raises(EngineError) as raised:
        engine.session()
    assert raised.value.message.startswith(f"The engine at {address} does not answer: failed to connect")
    assert raised.value.remedy == "Start it with `govlake up`; see `govlake doctor`."


def test_only_what_the_engine_says_is_the_engines_fault() -> None:
    with pytest.raises(KeyError), engine.work():
        raise KeyError("ours")
