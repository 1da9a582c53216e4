"""Great Expectations that report how many rows they found unexpected at the price of a yes or no.

At BOOLEAN_ONLY, Great Expectations counts the unexpected rows of a whole suite in one aggregate and then
keeps the counts to itself; at BASIC it gives them out, but pays one more pass per expectation for samples.
The classes here stay at one pass and put the counts into the answer's `meta`, which is kept. Importing this
module imports Great Expectations (seconds when cold): only functions import it.
"""

from typing import Any, ClassVar

from great_expectations.compatibility.pyspark import functions as F
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine.sparkdf_execution_engine import SparkDFExecutionEngine
from great_expectations.expectations.core.expect_column_value_lengths_to_be_between import (
    ExpectColumnValueLengthsToBeBetween,
)
from great_expectations.expectations.core.expect_column_values_to_be_between import ExpectColumnValuesToBeBetween
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_be_null import ExpectColumnValuesToBeNull
from great_expectations.expectations.core.expect_column_values_to_match_regex import (
    ExpectColumnValuesToMatchRegex,
)
from great_expectations.expectations.core.expect_column_values_to_not_be_in_set import (
    ExpectColumnValuesToNotBeInSet,
)
from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider


class Counted:
    """Adds `unexpected_count` and `element_count` to the answer of a column map expectation."""

    map_metric: ClassVar[str | None]

    def _validate(self, metrics: dict, runtime_configuration: dict | None = None, execution_engine: Any = None) -> dict:
        answer = super()._validate(metrics, runtime_configuration, execution_engine)  # type: ignore[misc]
        counts = {
            "element_count": int(metrics["table.row_count"] or 0),
            "unexpected_count": int(metrics[f"{self.map_metric}.unexpected_count"] or 0),
        }
        return {**answer, "meta": counts}


class ExpectCountedNotNull(Counted, ExpectColumnValuesToNotBeNull):
    """Values are there."""


class ExpectCountedNull(Counted, ExpectColumnValuesToBeNull):
    """Values are absent."""


class ExpectCountedInSet(Counted, ExpectColumnValuesToBeInSet):
    """Values are in the code table."""


class ExpectCountedNotInSet(Counted, ExpectColumnValuesToNotBeInSet):
    """Values are none of those that are wrong."""


class ExpectCountedBetween(Counted, ExpectColumnValuesToBeBetween):
    """Values are in the range."""


class ExpectCountedRegex(Counted, ExpectColumnValuesToMatchRegex):
    """Values are written as agreed."""


class ExpectCountedLength(Counted, ExpectColumnValueLengthsToBeBetween):
    """Values have the agreed length."""


class RowsBreaking(TableMetricProvider):
    """Rows for which a SQL condition is false; null is not false."""

    metric_name = "table.rows_breaking"
    value_keys = ("condition",)

    @metric_partial(
        engine=SparkDFExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _spark(
        cls,
        execution_engine: SparkDFExecutionEngine,
        metric_domain_kwargs: dict,
        metric_value_kwargs: dict,
        metrics: dict,
        runtime_configuration: dict,
    ) -> tuple[Any, dict, dict]:
        broken = ~F.expr(f"({metric_value_kwargs['condition']})")
        return F.sum(F.when(broken, 1).otherwise(0)), metric_domain_kwargs, {}


class ExpectRowsToSatisfy(BatchExpectation):
    """Every row satisfies a SQL condition over its columns, up to a share of `1 - mostly`."""

    condition: str
    mostly: float = 1.0

    metric_dependencies = ("table.rows_breaking", "table.row_count")
    success_keys = ("condition", "mostly")
    args_keys = ("condition",)

    def _validate(self, metrics: dict, runtime_configuration: dict | None = None, execution_engine: Any = None) -> dict:
        broken = int(metrics["table.rows_breaking"] or 0)
        rows = int(metrics["table.row_count"] or 0)
        counts = {"element_count": rows, "unexpected_count": broken}
        return {"success": broken <= (1 - self.mostly) * rows, "meta": counts}
