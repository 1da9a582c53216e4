"""One generated day of taps, step by step from landing to edition, and what it must come to."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost, Meter

DAY = date(2026, 9, 2)
SEED = 2026
TAPS = "transit.card_tap"
STEPS = ("land", "bronze", "gate_1", "conform", "gate_2", "silver", "marts", "gate_3", "publish")
SUMS = {
    "kpi_transit_day": "sum(taps), sum(boardings), sum(riders), sum(senior_boardings), sum(due_cny), sum(revenue_cny)",
    "kpi_transit_hour": "sum(taps), sum(boardings), sum(exits), sum(hour * taps)",
    "kpi_transit_city_day": "sum(taps), sum(boardings), sum(riders), sum(due_cny), sum(revenue_cny)",
}
LAYERS = ("landing", "lake/bronze", "lake/staging", "lake/silver", "lake/quarantine", "lake/gold")
Report = dict[str, Any]


def generate(file: Path, day: date, rows: int) -> Path:
    """Write the delivery of `day`: `rows` taps, the same for the same day and number."""
    from govlake.sample import tap_file

    file.parent.mkdir(parents=True, exist_ok=True)
    tap_file.write_taps(file, rows, day, SEED)
    os.utime(file, (time.time() - 60, time.time() - 60))  # it came a while ago: landing need not wait for it to settle
    return file


def place_in_inbox(home: Path, day: date) -> Path:
    """Where the department of transit drops the taps of `day`."""
    from govlake.sample import deliver

    return deliver.file_of(home / "inbox", "card_tap", day)


def prepare() -> Any:
    """What a worker does once, before its first delivery: imports, the session, the ledger's schema. Gives the pack."""
    import dbt.cli.main  # noqa: F401
    import great_expectations  # noqa: F401

    from govlake.contracts import load_pack
    from govlake.engine import session
    from govlake.ledger import ledger
    from govlake.pipeline.steps import room_step
    from govlake.settings import settings

    for name in STEPS:
        if name not in ("land", "publish"):
            room_step(name)
    session()
    pack = load_pack(settings().pack)
    ledger().migrate()
    ledger().register_pack(pack)
    return pack


def take(meter: Meter, pack: Any, day: date, landed: Callable[[], Any] = lambda: None) -> Report:
    """Every step of the delivery of `day`, one by one, with what it cost; calls `landed` when it has landed.

    Ends the benchmark where one is held.
    """
    from govlake.ledger import ledger
    from govlake.pipeline import publish
    from govlake.pipeline.steps import ingest_step

    contract = pack.find(TAPS)
    later: dict[str, Callable[[], Any]] = {
        "marts": lambda: publish.build([pack.path]),
        "gate_3": publish.judge,
        "publish": publish.publish,
    }
    before = len(meter.costs)
    for name in STEPS:
        with meter.step(name):
            outcome = later[name]() if name in later else ingest_step(name, contract, day)
        print(outcome.line, file=sys.stderr, flush=True)
        if outcome.status == "held":
            causes = [row["title_en"] for row in ledger().incidents()]
            raise SystemExit("\n".join([f"{name} held the delivery.", *causes]))
        if name == "land":
            landed()
    return totals(meter.costs[before:])


def totals(costs: Sequence[Cost]) -> Report:
    """Costs of steps, with their sums and the greatest memory."""
    return {
        "steps": [asdict(cost) for cost in costs],
        "wall_s": sum(cost.wall_s for cost in costs),
        "cpu_s": sum(cost.cpu_s for cost in costs),
        "peak_mb": max(cost.peak_mb for cost in costs),
    }


def account() -> Report:
    """What became of every row, over all deliveries."""
    from govlake.ledger import ledger

    parts = {"quarantined": "quarantined", "duplicate": "duplicate", "superseded": "superseded", "silver": "silver_new"}
    accounts = ledger().accounts(dataset=TAPS)
    reasons = ledger().query("SELECT coalesce(sum(rows), 0) AS n FROM ledger.quarantine_reasons")[0]["n"]
    return {name: sum(int(row[part]) for row in accounts) for name, part in parts.items()} | {"reasons": int(reasons)}


def sums(postgres: str, schema: str) -> Report:
    """Sums over the marts in `schema`, by mart."""
    import psycopg

    with psycopg.connect(postgres) as connection:
        rows = {mart: connection.execute(f"SELECT {of} FROM {schema}.{mart}").fetchone() for mart, of in SUMS.items()}  # pyright: ignore
    return {mart: [float(value) for value in row or ()] for mart, row in rows.items()}


def sizes() -> dict[str, int]:
    """Bytes in the store per layer."""
    from govlake.store import store

    return {layer: sum(entry.size for entry in store().list(f"{layer}/")) for layer in LAYERS}
