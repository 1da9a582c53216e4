"""What the coordination marts need from the ledger, as small tables of the lake in domain `coordination`.

They are rewritten only when their content changed, so that a rerun leaves no new version behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from govlake import lake
from govlake.ledger import evidence

if TYPE_CHECKING:
    import pyarrow as pa

    from govlake.ledger import Ledger, Row

DELIVERIES = """
SELECT d.batch_id, d.contract_id AS dataset, coalesce(d.title_en, d.contract_id) AS dataset_en,
    coalesce(d.title_zh, d.contract_id) AS dataset_zh, d.department, d.department_en, d.department_zh,
    split_part(d.contract_id, '.', 1) AS domain, d.logical_date, d.revision, d.status, d.verdict,
    coalesce(d.fetched_at, d.started_at) AS delivered_at, d.reason_en, d.reason_zh
FROM ledger_public.deliveries AS d ORDER BY d.batch_id
"""
AGREEMENTS = """
SELECT DISTINCT ON (contract_id) contract_id AS dataset, frequency_days, due_time, grace_days, timezone, active,
    registered_at
FROM ledger.datasets ORDER BY contract_id, dataset
"""
JUDGED = """
SELECT batch_id, max(judgement) AS judgement FROM ledger.gate_verdicts JOIN ledger.batches USING (batch_id)
GROUP BY batch_id
"""
# n of d elements are as they must be. For a measure where less is better, `a` counts those that are not.
DIMENSIONS = """
SELECT batch_id, left(dimension, 2) AS dimension,
    sum(CASE direction WHEN 'down' THEN b - a ELSE a END)::double precision AS n, sum(b)::double precision AS d
FROM ledger_public.gate_results
WHERE batch_id = ANY(%s) AND assessable AND a IS NOT NULL AND b > 0 AND a <= b AND dimension <> ''
GROUP BY batch_id, left(dimension, 2) ORDER BY batch_id, 2
"""
ACCOUNTS = f"""
SELECT batch_id, dataset AS table_key, {", ".join(evidence.COUNTS)}, closes FROM ({evidence.ACCOUNTS}) AS a
WHERE landed IS NOT NULL ORDER BY batch_id, dataset
"""
JUDGEMENT = "_judgement"
ONCE_DAYS = 3650  # what is agreed for less than once in ten years is delivered once
MISSING_EN, MISSING_ZH = "Due but not delivered", "到期未交付"
TEXTS = ("dataset", "dataset_en", "dataset_zh", "department", "department_en", "department_zh", "domain")


def refresh(book: Ledger) -> None:
    """Bring the three tables up to date with the ledger."""
    agreements = {str(row["dataset"]): row for row in book.query(AGREEMENTS)}
    made = [
        row | {"due_at": due_at(agreements.get(row["dataset"]), row["logical_date"])} for row in book.query(DELIVERIES)
    ]
    store("coordination__delivery", table_of(made + missing(made, agreements), delivery_schema()))
    store("coordination__account", table_of(book.query(ACCOUNTS), account_schema()))
    known = stored("coordination__dimension")
    store("coordination__dimension", dimensions(book, known), known)


def dimensions(book: Ledger, known: pa.Table | None) -> pa.Table:
    """What the gates measured, per batch and dimension; of batches that nobody judged since, what is `known`."""
    import pyarrow as pa

    schema = dimension_schema()
    before = _fitted(known, schema) if known is not None else None
    before = schema.empty_table() if before is None else before
    newest = {row["batch_id"]: row["judgement"] for row in book.query(JUDGED)}
    batches = before["batch_id"].to_pylist()
    summed = dict(zip(batches, before[JUDGEMENT].to_pylist(), strict=True))
    judged = sorted(batch for batch, judgement in newest.items() if summed.get(batch) != judgement)
    is_kept = pa.array([newest.get(batch) == summed[batch] for batch in batches], pa.bool_())
    rows = [row | {JUDGEMENT: newest[row["batch_id"]]} for row in book.query(DIMENSIONS, [judged])]
    return pa.concat_tables([before.filter(is_kept), table_of(rows, schema)])


def due_at(agreement: Row | None, day: date) -> datetime | None:
    """When the delivery of the logical date `day` is due, UTC; None where nothing is agreed or it comes only once.

    What would have been due before the agreement was known here is history, which nobody promised in time.
    """
    if agreement is None or not 0 < agreement["frequency_days"] < ONCE_DAYS:
        return None
    local = datetime.combine(day + timedelta(days=1 + agreement["grace_days"]), agreement["due_time"])
    due = local.replace(tzinfo=ZoneInfo(agreement["timezone"])).astimezone(UTC)
    return due if due >= agreement["registered_at"] else None


def missing(made: list[Row], agreements: dict[str, Row]) -> list[Row]:
    """Deliveries that were due and did not come: gaps of at least one period between a dataset's first delivery and
    the newest delivery of any dataset that is delivered again and again.

    The clock is the last moment at which anything was delivered, never the wall clock.
    """
    periodic = [row for row in made if row["due_at"] is not None]
    if not periodic:
        return []
    newest = max(row["logical_date"] for row in periodic)
    now = max(row["delivered_at"] for row in made)
    days: dict[str, set[date]] = defaultdict(set)
    for row in periodic:
        days[row["dataset"]].add(row["logical_date"])
    found = []
    for template in {row["dataset"]: row for row in periodic}.values():
        agreement = agreements[template["dataset"]]
        period = timedelta(days=agreement["frequency_days"])
        for day in _gaps(sorted(days[template["dataset"]]), newest, period) if agreement["active"] else ():
            due = due_at(agreement, day)
            if due is not None and due < now:
                found.append(_missing_row(template, day, due))
    return found


def _gaps(days: list[date], newest: date, period: timedelta) -> list[date]:
    """Dates on which a delivery was expected and neither came nor was made up for within one more period."""
    gaps = []
    for day, following in zip(days, [*days[1:], newest + period], strict=True):
        expected = day + period
        while expected + period <= following:
            gaps.append(expected)
            expected += period
    return gaps


def _missing_row(template: Row, day: date, due: datetime) -> dict[str, Any]:
    return {name: template[name] for name in TEXTS} | {
        "batch_id": f"{template['dataset']}-{day:%Y%m%d}",
        "logical_date": day,
        "revision": 1,
        "status": "missing",
        "verdict": "missing",
        "due_at": due,
        "delivered_at": None,
        "reason_en": MISSING_EN,
        "reason_zh": MISSING_ZH,
    }


def table_of(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows that have at least the columns of the schema."""
    import pyarrow as pa

    return pa.table([pa.array([row[field.name] for row in rows], field.type) for field in schema], schema=schema)


def stored(name: str) -> pa.Table | None:
    """The table as it is in the lake, None where it is not."""
    found = lake.look(_address(name))
    return found.to_pyarrow_table() if found else None


def store(name: str, wanted: pa.Table, known: pa.Table | None = None) -> None:
    """Replace the table, unless it already holds exactly the rows that are `wanted`; `known` is what was read of it."""
    known = stored(name) if known is None else known
    if known is None or not _same(known, wanted):
        lake.replace(_address(name), wanted)


def _address(name: str) -> str:
    return lake.path("silver", "coordination", name.removeprefix("coordination__"))


def _fitted(known: pa.Table, schema: pa.Schema) -> pa.Table | None:
    """The same rows under the schema, None where they have other columns."""
    return known.select(schema.names).cast(schema) if set(known.column_names) == set(schema.names) else None


def _same(known: pa.Table, wanted: pa.Table) -> bool:
    if known.num_rows != wanted.num_rows:
        return False
    key = [(name, "ascending") for name in wanted.column_names[:2]]
    fitted = _fitted(known, wanted.schema)
    return fitted is not None and fitted.sort_by(key).equals(wanted.sort_by(key))


def delivery_schema() -> pa.Schema:
    """One row per batch or missing delivery."""
    import pyarrow as pa

    moment = pa.timestamp("us", "UTC")
    texts = [(name, pa.string()) for name in ("batch_id", *TEXTS, "status", "verdict", "reason_en", "reason_zh")]
    times = [("logical_date", pa.date32()), ("revision", pa.int32()), ("due_at", moment), ("delivered_at", moment)]
    return pa.schema([*texts, *times])


def account_schema() -> pa.Schema:
    """One row per batch and table."""
    import pyarrow as pa

    counts = [(name, pa.int64()) for name in evidence.COUNTS]
    return pa.schema([("batch_id", pa.string()), ("table_key", pa.string()), *counts, ("closes", pa.bool_())])


def dimension_schema() -> pa.Schema:
    """One row per batch and first-level dimension of GB/T 36344, with the batch's newest judgement that is in it."""
    import pyarrow as pa

    named, measured = (
        [("batch_id", pa.string()), ("dimension", pa.string())],
        [("n", pa.float64()), ("d", pa.float64())],
    )
    return pa.schema([*named, *measured, (JUDGEMENT, pa.int64())])
