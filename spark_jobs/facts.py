"""What the coordination marts need from the ledger, as small tables of the lake in domain `coordination`.

They are rewritten only when their content changed, so that a rerun leaves no new version behind.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from govlake import lake

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
# n of d elements are as they must be. For a measure where less is better, `a` counts those that are not.
DIMENSIONS = """
SELECT batch_id, left(dimension, 2) AS dimension,
    sum(CASE direction WHEN 'down' THEN b - a ELSE a END)::double precision AS n, sum(b)::double precision AS d
FROM ledger_public.gate_results
WHERE assessable AND a IS NOT NULL AND b > 0 AND a <= b AND dimension <> '' AND contract_id IS NOT NULL
GROUP BY batch_id, left(dimension, 2) ORDER BY batch_id, 2
"""
COUNTS = ("landed", "bronze", "silver_new", "silver_updated", "unchanged", "duplicate", "superseded", "quarantined")
ONCE_DAYS = 3650  # what is agreed for less than once in ten years is delivered once
MISSING_EN, MISSING_ZH = "Due but not delivered", "到期未交付"
TEXTS = ("dataset", "dataset_en", "dataset_zh", "department", "department_en", "department_zh", "domain")


def refresh(book: Ledger) -> None:
    """Bring the three tables up to date with the ledger."""
    agreements = {str(row["dataset"]): row for row in book.query(AGREEMENTS)}
    made = [
        row | {"due_at": due_at(agreements.get(row["dataset"]), row["logical_date"])} for row in book.query(DELIVERIES)
    ]
    accounts = [row | {"table_key": row["dataset"]} for row in book.accounts() if row["landed"] is not None]
    store("coordination__delivery", made + missing(made, agreements), delivery_schema())
    store("coordination__account", accounts, account_schema())
    store("coordination__dimension", book.query(DIMENSIONS), dimension_schema())


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


def store(name: str, rows: list[Any], schema: pa.Schema) -> None:
    """Replace the table with `rows`, unless it already holds exactly them."""
    import pyarrow as pa

    address = lake.path("silver", "coordination", name.removeprefix("coordination__"))
    wanted = pa.Table.from_pylist([{field.name: row[field.name] for field in schema} for row in rows], schema)
    known = lake.look(address)
    if known is None or not _same(known.to_pyarrow_table(), wanted):
        lake.replace(address, wanted)


def _same(known: pa.Table, wanted: pa.Table) -> bool:
    key = [(name, "ascending") for name in wanted.column_names[:2]]
    if set(known.column_names) != set(wanted.column_names) or known.num_rows != wanted.num_rows:
        return False
    known = known.select(wanted.column_names).cast(wanted.schema)
    return known.sort_by(key).equals(wanted.sort_by(key))


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

    counts = [(name, pa.int64()) for name in COUNTS]
    return pa.schema([("batch_id", pa.string()), ("table_key", pa.string()), *counts, ("closes", pa.bool_())])


def dimension_schema() -> pa.Schema:
    """One row per batch and first-level dimension of GB/T 36344."""
    import pyarrow as pa

    return pa.schema([("batch_id", pa.string()), ("dimension", pa.string()), ("n", pa.float64()), ("d", pa.float64())])
