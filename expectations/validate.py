"""One suite on one frame: Great Expectations without its files, its telemetry and its bars."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import get_ident
from typing import TYPE_CHECKING, Any

from govlake.errors import GateError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.connect.session import SparkSession

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """What one expectation found: `unexpected` of `rows` rows, or the single value it looked at."""

    success: bool
    rows: int = 0
    unexpected: int = 0
    observed: Any = None


def validate(
    frame: DataFrame, name: str, expectations: Sequence[Any], result_format: str = "BOOLEAN_ONLY"
) -> dict[str, Found]:
    """What each expectation found in `frame`, by the id in its `meta["rule"]`.

    All aggregates of the suite are one pass over the frame; BASIC adds observed values, and a pass for each map
    expectation. An expectation that could not be evaluated is an
    error of the gate, never a failure of the data: raises GateError with the expectation and the reason.
    """
    import great_expectations as gx

    batch = _frames(frame.sparkSession, get_ident()).get_batch({"dataframe": frame})
    suite = gx.ExpectationSuite(name=name, expectations=list(expectations))
    answer = batch.validate(suite, result_format=result_format)
    return {_rule(result): _found(name, result) for result in answer.results}


@lru_cache(maxsize=8)
def _frames(spark: SparkSession, thread: int) -> Any:
    """What frames of the session are handed to, one at a time: a thread has its own, since the newest frame counts.

    Made once: Great Expectations writes down its whole configuration with every source, asset and batch it is told of.
    """
    source = _context().data_sources.add_spark("engine", persist=False)
    return source.add_dataframe_asset("frame").add_batch_definition_whole_dataframe("frame")


def _context() -> Any:
    """A context that lives in memory and talks to nobody."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    silent = DataContextConfig(
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
    )
    return gx.get_context(mode="ephemeral", project_config=silent)


def _rule(result: Any) -> str:
    return str(result.expectation_config.meta["rule"])


def _found(suite: str, result: Any) -> Found:
    error = _exception(result.exception_info)
    if error:
        raise GateError(
            f"{suite}: the expectation {_rule(result)} could not be evaluated: {error}.",
            "Check the rule against the table's columns and types.",
        )
    values = {**(result.meta or {}), **(result.result or {})}
    return Found(
        bool(result.success),
        int(values.get("element_count") or 0),
        int(values.get("unexpected_count") or 0),
        values.get("observed_value"),
    )


def _exception(info: dict[str, Any] | None) -> str:
    """The last line of what went wrong, or "". Great Expectations nests it by metric, or not."""
    entries = [info or {}, *(value for value in (info or {}).values() if isinstance(value, dict))]
    for entry in entries:
        if entry.get("raised_exception"):
            lines = str(entry.get("exception_message") or entry.get("exception_traceback")).strip().splitlines()
            return (lines or ["no reason given"])[-1].strip().rstrip(".")[:300]
    return ""
