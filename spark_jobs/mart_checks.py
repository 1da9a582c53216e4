"""What dbt's tests found: one check for each rule that a mart breaks, in words, and one for each test that passed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

GOOD = ("success", "pass", "warn")  # what dbt says of a model or test with which nothing is wrong
ALL_RULES = "sound"  # the test that asks all rules of a mart at once
# What a rule that is broken means, by its name in the project's macro `sound`.
WORDS = {
    "unique": ("{0} occurs more than once", "{0} 重复"),
    "never_null": ("{0} is empty", "{0} 为空"),
    "never_negative": ("{0} is negative", "{0} 为负数"),
    "part_of_whole": ("{0} exceeds {1}", "{0} 大于 {1}"),
    "only_values": ("{0} is none of the values agreed", "{0} 不在约定的取值之内"),
}


@dataclass(frozen=True)
class CheckResult:
    """One check. `failures` are the rows (keys, where they must be unique) it found, `models` the marts it is about."""

    name: str
    models: tuple[str, ...]
    passed: bool
    failures: int = 0
    message_en: str = ""
    message_zh: str = ""


def checks(spark: SparkSession, results: Sequence[Any]) -> Iterator[CheckResult]:
    """What the tests among dbt's `results` found. A mart that is not sound is asked again, which rule it breaks."""
    for result in results:
        if result.node.resource_type == "test":
            models = tuple(key.split(".")[2] for key in result.node.depends_on.nodes if key.startswith("model."))
            yield from _broken(spark, result, models) or [_as_told(result, models)]


def _as_told(result: Any, models: tuple[str, ...]) -> CheckResult:
    """The test in dbt's words."""
    passed = str(result.status) in GOOD
    message = "" if passed else str(result.message or "")
    return CheckResult(result.node.name, models, passed, int(result.failures or 0), message, message)


def _broken(spark: SparkSession, result: Any, models: tuple[str, ...]) -> list[CheckResult]:
    """One check per rule that is broken, where the test asks all rules and failed: its own query tells which."""
    metadata = getattr(result.node, "test_metadata", None)  # a test that is a query of its own has none
    if str(result.status) != "fail" or metadata is None or metadata.name != ALL_RULES:
        return []
    found = []
    for row in spark.sql(result.node.compiled_code).collect():
        for name, count in row.asDict().items():
            rule, *columns = name.split(" ")
            if rule not in WORDS or not count:
                continue
            named = columns if rule == "part_of_whole" else [", ".join(columns)]
            words = (text.format(*named) for text in WORDS[rule])
            found.append(CheckResult(f"{models[0]} {name}", models, False, int(count), *words))
    return found
