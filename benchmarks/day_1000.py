"""What one more day costs at day 10, 100 and 1,000: small daily deliveries of taps, every one the whole way.

    python -m benchmarks.day_1000 [--days 10 100 1000] [--rows 300] [--measured 5] [--json]

A fresh home with an engine and a PostgreSQL of its own grows day by day through the real steps, with one round of
maintenance every seven days. At each mark some more days are measured one by one, with marts and edition, and their
medians are compared with those of the first mark. Processor seconds hardly depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.day import STEPS, TAPS, generate, place_in_inbox, prepare
from benchmarks.measure import Meter
from benchmarks.places import place

FIRST = date(2023, 1, 1)
WEEK = 7
INGEST = STEPS[:6]
MARTS = "marts, edition"
Report = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Grow, measure at each mark, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, nargs="+", default=[10, 100, 1000], help="marks at which days are measured")
    parser.add_argument("--rows", type=int, default=300, help="taps per day")
    parser.add_argument("--measured", type=int, default=5, help="days measured at each mark")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="govlake-days-") as folder:
        report = _grow(Path(folder), sorted(options.days), options.rows, options.measured)
    print(json.dumps(report, indent=1) if options.json else _shown(report))


def _grow(home: Path, marks: list[int], rows: int, measured: int) -> list[Report]:
    """One report per mark."""
    with place(home) as (_, processes):
        pack = prepare()
        meter = Meter(processes)
        number, reports = 0, []
        for mark in marks:
            while number < mark - measured:
                number += 1
                _ingest(home, pack, number, rows)
                _say(number, mark)
            days = []
            _publish(pack)
            while number < mark:
                number += 1
                days.append(_measured(meter, home, pack, number, rows))
            reports.append(_report(mark, days, home))
            print(_shown(reports), file=sys.stderr)
    return reports


def _ingest(home: Path, pack: Any, number: int, rows: int) -> None:
    """One day without a measurement, and the weekly round."""
    from govlake.maintenance.maintain import maintain
    from govlake.pipeline.run import ingest

    day = _deliver(home, number, rows)
    outcome = ingest(pack.find(TAPS), day, progress=lambda line: None)
    assert outcome.status == "done", outcome.line
    if number % WEEK == 0:
        maintain(progress=lambda line: None)


def _measured(meter: Meter, home: Path, pack: Any, number: int, rows: int) -> dict[str, tuple[float, float]]:
    """Seconds on the clock and of the processor per step of one more day."""
    from govlake.pipeline import pending
    from govlake.pipeline.steps import ingest_step

    contract = pack.find(TAPS)
    day = _deliver(home, number, rows)
    start = len(meter.costs)
    with meter.step("what is new"):
        assert pending(contract) == [day]
    for name in INGEST:
        with meter.step(name):
            outcome = ingest_step(name, contract, day)
        assert outcome.status == "done", outcome.line
    with meter.step(MARTS):
        _publish(pack)
    return {cost.step: (cost.wall_s, cost.cpu_s) for cost in meter.costs[start:]}


def _publish(pack: Any) -> None:
    from govlake.pipeline.publish import marts_and_edition

    marts_and_edition([pack.path], progress=lambda line: None)


def _deliver(home: Path, number: int, rows: int) -> date:
    day = FIRST + timedelta(days=number - 1)
    generate(place_in_inbox(home, day), day, rows)
    return day


def _report(mark: int, days: list[dict[str, tuple[float, float]]], home: Path) -> Report:
    steps = {name: [median(day[name][part] for day in days) for part in (0, 1)] for name in days[0]}
    whole = [median(sum(cost[part] for cost in day.values()) for day in days) for part in (0, 1)]
    files = sum(1 for file in (home / "lake").rglob("*") if file.is_file())
    return {"day": mark, "steps": steps, "clock_s": whole[0], "processor_s": whole[1], "files": files}


def _shown(reports: list[Report]) -> str:
    """The marks side by side, processor seconds first."""
    first = reports[0]
    lines = ["| step | " + " | ".join(f"day {report['day']}" for report in reports) + " |"]
    lines.append("|---|" + "---:|" * len(reports))
    for name in first["steps"]:
        costs = [report["steps"][name] for report in reports]
        lines.append(f"| {name} | " + " | ".join(f"{cost[1]:.2f} ({cost[0]:.2f})" for cost in costs) + " |")
    whole = [f"{report['processor_s']:.2f} ({report['clock_s']:.2f})" for report in reports]
    lines.append("| **one more day** | " + " | ".join(whole) + " |")
    ratios = [
        f"{report['processor_s'] / first['processor_s']:.2f} ({report['clock_s'] / first['clock_s']:.2f})"
        for report in reports
    ]
    lines.append("| ratio | " + " | ".join(ratios) + " |")
    lines.append("| files in the lake | " + " | ".join(f"{report['files']:,}" for report in reports) + " |")
    return "\n".join(lines)


def _say(number: int, mark: int) -> None:
    if number % 20 == 0:
        print(f"{time.strftime('%H:%M:%S')} day {number} of {mark}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
