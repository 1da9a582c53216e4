"""A day of generated taps, landing to edition, beside a script written by hand that does the same to the same file.

    python -m benchmarks.batch [--rows 10000000] [--repeat 1] [--next-day 0] [--json]

Everything lives in a temporary folder with an engine and a PostgreSQL of its own. Both sides must end with the same
rows and the same marts, or the benchmark fails. Results and what they mean: docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import day
from benchmarks.measure import Meter
from benchmarks.places import place

HAND = Path(__file__).with_name("duckdb_batch.py")
Report = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, compare, print."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="govlake-batch-") as folder:
        runs = [_run(Path(folder) / str(n), options.rows, options.next_day) for n in range(options.repeat)]
    report = _median(runs)
    print(json.dumps(report, indent=1) if options.json else _shown(report))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000, help="taps in the day's file")
    parser.add_argument("--repeat", type=int, default=1, help="whole runs; the one of median length is reported")
    parser.add_argument("--next-day", type=int, default=0, help="rows of one more day, onto the first one's history")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args(arguments)


def _run(home: Path, rows: int, next_day: int) -> Report:
    """Both sides once, in a fresh home."""
    home.mkdir(parents=True)
    with place(home) as (postgres, processes):
        file = day.generate(day.place_in_inbox(home, day.DAY), day.DAY, rows)
        meter = Meter(processes)
        with meter.step("imports"):
            pack = day.prepare()
        ours = day.take(meter, pack, day.DAY)
        report: Report = {"rows": rows, "bytes": file.stat().st_size, "imports_s": meter.costs[0].wall_s, "ours": ours}
        report["by_hand"] = _by_hand(file, home / "by_hand", postgres)
        report["same"] = _compared(postgres, report["by_hand"]["results"])
        report["disk_mb"] = {layer: size >> 20 for layer, size in day.sizes().items()}
        report["again_s"] = _again(pack)
        if next_day:
            after = day.DAY + timedelta(days=1)
            day.generate(day.place_in_inbox(home, after), after, next_day)
            report["next_day"] = {"rows": next_day, "ours": day.take(meter, pack, after)}
    return report


def _by_hand(file: Path, folder: Path, postgres: str) -> Report:
    """The script, in a process of its own, under the key that govlake used."""
    from govlake.settings import settings

    command = [sys.executable, str(HAND), str(file), str(folder), postgres, settings().pseudonym_key()]
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    steps = answer["steps"]
    totals = {"wall_s": sum(step["wall_s"] for step in steps), "cpu_s": sum(step["cpu_s"] for step in steps)}
    return {**answer, **totals}


def _compared(postgres: str, by_hand: dict[str, int]) -> Report:
    """What both sides found; fails where they differ."""
    ours = {**day.account(), **day.sums(postgres, "marts")}
    hand = {**by_hand, **day.sums(postgres, "by_hand")}
    if ours != hand:
        raise SystemExit(f"The results differ.\ngovlake: {ours}\nby hand: {hand}")
    return ours


def _again(pack: Any) -> float:
    """Seconds of a whole run that finds nothing new."""
    from govlake import pipeline

    start = time.perf_counter()
    pipeline.run(pack, day.DAY, dataset=day.TAPS, progress=lambda line: print(line, file=sys.stderr))
    return time.perf_counter() - start


def _median(runs: Sequence[Report]) -> Report:
    """The run whose govlake side took the median time, with the ratio of the medians."""
    chosen = sorted(runs, key=lambda run: run["ours"]["wall_s"])[len(runs) // 2]
    ratio = {
        measure: median(run["ours"][measure] for run in runs) / median(run["by_hand"][measure] for run in runs)
        for measure in ("wall_s", "cpu_s")
    }
    return {**chosen, "runs": len(runs), "ratio": ratio, "load": os.getloadavg(), "cores": os.cpu_count()}


def _shown(report: Report) -> str:
    lines = [
        f"{report['rows']:,} rows, {report['bytes'] / 1e6:,.0f} MB, {report['cores']} cores, {report['runs']} run(s)"
    ]
    lines += _table("govlake", report["ours"]) + _table("by hand", report["by_hand"])
    ratio = report["ratio"]
    lines.append(f"ratio: {ratio['wall_s']:.2f} on the clock, {ratio['cpu_s']:.2f} in processor seconds")
    lines.append(
        f"the same run again, nothing new: {report['again_s']:.1f} s; imports, once: {report['imports_s']:.1f} s"
    )
    lines.append(f"on disk, MB: {report['disk_mb']}; both found {report['same']}")
    if "next_day" in report:
        lines += _table(f"next day, {report['next_day']['rows']:,} rows", report["next_day"]["ours"])
    return "\n".join(lines)


def _table(title: str, side: Report) -> list[str]:
    def line(name: str, wall: float, cpu: float, peak: object) -> str:
        return f"{name:<24}{wall:>9.1f}{100 * wall / side['wall_s']:>6.0f} %{cpu:>11.1f}{peak!s:>9}"

    head = f"\n{title:<24}{'clock s':>9}{'share':>8}{'processor s':>11}{'MB':>9}"
    steps = [line(s["step"], s["wall_s"], s["cpu_s"], s.get("peak_mb", "")) for s in side["steps"]]
    return [head, *steps, line("all", side["wall_s"], side["cpu_s"], side["peak_mb"])]


if __name__ == "__main__":
    main()
