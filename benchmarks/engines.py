"""The same batch on every engine and store: landing to edition, and one further day on top.

    python -m benchmarks.engines [--rows 1000000 10000000] [--engines sail spark-local spark-cluster] [--stores disk s3]
                                 [--further 1.0] [--repeat 1] [--runs FILE] [--json]

Every run is a process of its own in a fresh home, with a PostgreSQL, an engine and, for s3, a MinIO of its own;
spark-cluster is a standalone master with two workers on loopback that share the machine's cores. The benchmark fails
where two runs of one size come to other row accounts or sums of the marts. With --runs, runs are kept in a file, one
JSON each, and those that are there are not made again. Results and what they mean: docs/scale.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import day
from benchmarks.measure import Meter
from benchmarks.places import ENGINES, STORES, place

DAYS = {"first": day.DAY, "further": day.DAY + timedelta(days=1)}
PROJECT = Path(__file__).resolve().parent.parent
Report = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run every combination, compare, print."""
    options = _options(arguments)
    if options.one:
        print(json.dumps(_one(*options.one)))
        return
    runs = _kept(options.runs)
    for rows in sorted(options.rows):
        runs += _runs_of(rows, options, runs)
    sizes = {(rows, _further(rows, options)) for rows in options.rows}
    asked = [run for run in runs if (run["rows"], run["further_rows"]) in sizes]
    report = _summary(asked)
    print(json.dumps(report, indent=1) if options.json else _shown(report))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000], help="taps of the first day")
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=ENGINES)
    parser.add_argument("--stores", nargs="+", default=list(STORES), choices=STORES)
    parser.add_argument("--further", type=float, default=1.0, help="taps of the further day, as a share of the first's")
    parser.add_argument("--repeat", type=int, default=1, help="runs of every combination")
    parser.add_argument("--runs", type=Path, help="file that keeps the runs")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--one", nargs=4, metavar=("ENGINE", "STORE", "DELIVERIES", "HOW"), help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _further(rows: int, options: argparse.Namespace) -> int:
    return max(1, round(rows * options.further))


def _kept(file: Path | None) -> list[Report]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file and file.exists() else []


def _runs_of(rows: int, options: argparse.Namespace, known: Sequence[Report]) -> list[Report]:
    """Whatever runs of one size are missing, engines and stores in turn so that a busy hour hits all of them."""
    further = _further(rows, options)
    same = [run for run in known if (run["rows"], run["further_rows"]) == (rows, further)]
    _compare(same)
    done = [_name(run) for run in same]
    wanted = [pair for _ in range(options.repeat) for pair in product(options.engines, options.stores)]
    missing = [pair for n, pair in enumerate(wanted) if done.count(pair) <= wanted[:n].count(pair)]
    if not missing:
        return []
    with tempfile.TemporaryDirectory(prefix="govlake-deliveries-") as folder:
        _say(f"Generating {rows:,} and {further:,} taps")
        for each, taps in zip(DAYS.values(), (rows, further), strict=True):
            day.generate(day.place_in_inbox(Path(folder), each), each, taps)
        for n, (engine, store) in enumerate(missing, 1):
            _say(f"{rows:,} rows on {engine}, {store}: run {n} of {len(missing)}")
            how = "move" if n == len(missing) else "link"
            run = {"rows": rows, "further_rows": further, **_in_a_process(engine, store, folder, how)}
            same.append(run)
            _keep(run, options.runs)
            _compare(same)
            _say(f"{rows:,} rows on {engine}, {store}: {_in_short(run)}")
    return same[len(done) :]


def _in_short(run: Report) -> str:
    parts = [
        f"{name} day {part['cpu_s']:.1f} processor s, {part['wall_s']:.1f} s" for name, part in run["days"].items()
    ]
    return "; ".join([*parts, f"load {run['load']}"])


def _in_a_process(engine: str, store: str, deliveries: str, how: str) -> Report:
    command = [sys.executable, "-m", "benchmarks.engines", "--one", engine, store, deliveries, how]
    done = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"The run on {engine}, {store} failed; the lines above say why.")
    return json.loads(done.stdout.splitlines()[-1])


def _compare(runs: Sequence[Report]) -> None:
    """Fail where runs of the same deliveries came to different results."""
    odd = [run for run in runs if run["results"] != runs[0]["results"]]
    if odd:
        lines = [f"{' on '.join(_name(run))}: {run['results']}" for run in (runs[0], *odd)]
        raise SystemExit("\n".join(["The results differ.", *lines]))


def _keep(run: Report, file: Path | None) -> None:
    if file:
        with file.open("a", encoding="utf-8") as kept:
            kept.write(json.dumps(run) + "\n")


def _one(engine: str, store: str, deliveries: str, how: str) -> Report:
    """One run: both days in a fresh home. A file leaves the inbox once it has landed, for the sake of the disk."""
    load = [os.getloadavg()[0]]
    parts, results = {}, {}
    with tempfile.TemporaryDirectory(prefix="govlake-home-") as folder, place(Path(folder), engine, store) as services:
        postgres, processes = services
        meter = Meter(processes)
        with meter.step("imports"):
            pack = day.prepare()
        delivered = [_deliver(Path(deliveries), Path(folder), each, how) for each in DAYS.values()]
        for name, each in DAYS.items():
            parts[name] = day.take(meter, pack, each, landed=day.place_in_inbox(Path(folder), each).unlink)
            results[name] = {**day.account(), **day.sums(postgres, "marts")}
            load.append(os.getloadavg()[0])
        sizes = {"delivered": sum(delivered), **day.sizes()}
    shown = [round(value, 1) for value in load]
    return {"engine": engine, "store": store, "load": shown, "days": parts, "results": results, "bytes": sizes}


def _deliver(deliveries: Path, home: Path, of: date, how: str) -> int:
    """Link or, for the last run, move the day's file into the inbox; its size."""
    file = day.place_in_inbox(home, of)
    file.parent.mkdir(parents=True, exist_ok=True)
    (os.replace if how == "move" else os.link)(day.place_in_inbox(deliveries, of), file)
    return file.stat().st_size


def _summary(runs: Sequence[Report]) -> list[Report]:
    """One report per size and combination, in the order of sizes."""
    keys = sorted(
        {(run["rows"], run["further_rows"], _name(run)) for run in runs},
        key=lambda key: (key[0], key[1], *_order(key[2])),
    )
    reports: list[Report] = []
    for rows, further, name in keys:
        same = [run for run in runs if (run["rows"], run["further_rows"], _name(run)) == (rows, further, name)]
        parts = {
            part: _costs([run["days"][part] for run in same], count)
            for part, count in zip(DAYS, (rows, further), strict=True)
        }
        report: Report = {"rows": rows, "further_rows": further, "engine": name[0], "store": name[1], "runs": len(same)}
        load = [value for run in same for value in run["load"]]
        report |= {"load": [min(load), max(load)], "cores": os.cpu_count(), "days": parts}
        report["bytes_per_row"] = {part: size / (rows + further) for part, size in same[0]["bytes"].items()}
        smallest = next((each for each in reports if (each["engine"], each["store"]) == name), report)
        for part, costs in parts.items():
            costs["ratio"] = costs["processor_us_per_row"] / smallest["days"][part]["processor_us_per_row"]
        reports.append({**report, "results": same[0]["results"]})
    return reports


def _costs(parts: Sequence[Report], rows: int) -> Report:
    """Median, least and greatest of each step and of all of them; the greatest memory, and whose it was."""
    steps = {
        step["step"]: {
            "clock_s": _spread(part["steps"][n]["wall_s"] for part in parts),
            "processor_s": _spread(part["steps"][n]["cpu_s"] for part in parts),
            "peak_mb": max(part["steps"][n]["peak_mb"] for part in parts),
        }
        for n, step in enumerate(parts[0]["steps"])
    }
    highest = max((step for part in parts for step in part["steps"]), key=lambda step: step["peak_mb"])
    clock, processor = (_spread(part[name] for part in parts) for name in ("wall_s", "cpu_s"))
    costs = {"steps": steps, "clock_s": clock, "processor_s": processor, "peak_mb": highest["peak_mb"]}
    return {**costs, "peaks_mb": highest["peaks"], "processor_us_per_row": processor[0] / rows * 1e6}


def _spread(values: Iterable[float]) -> list[float]:
    listed = list(values)
    return [median(listed), min(listed), max(listed)]


def _name(run: Report) -> tuple[str, str]:
    return run["engine"], run["store"]


def _order(name: tuple[str, str]) -> tuple[int, int]:
    return ENGINES.index(name[0]), STORES.index(name[1])


def _shown(reports: Sequence[Report]) -> str:
    """A table of totals, then per size and day one of steps, in Markdown."""
    lines = [
        "| rows | engine, store | day | processor s | clock s | peak MB | processor us/row | ratio | load | runs |"
    ]
    lines.append("|---:|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for report in reports:
        for name, costs in report["days"].items():
            cells = [f"{report['rows']:,}", f"{report['engine']}, {report['store']}", name]
            cells += [_cell(costs["processor_s"]), _cell(costs["clock_s"]), f"{costs['peak_mb']:,}"]
            cells += [f"{costs['processor_us_per_row']:.1f}", f"{costs['ratio']:.2f}"]
            cells += ["{:.1f}-{:.1f}".format(*report["load"]), str(report["runs"])]
            lines.append(f"| {' | '.join(cells)} |")
    for rows, name in dict.fromkeys((report["rows"], name) for report in reports for name in DAYS):
        lines += _steps([report for report in reports if report["rows"] == rows], name)
    lines += ["", "Bytes per row:"]
    for report in reports:
        each = ", ".join(f"{part} {size:.1f}" for part, size in report["bytes_per_row"].items())
        lines.append(f"- {report['rows']:,} rows, {report['engine']}, {report['store']}: {each}")
    return "\n".join(lines)


def _steps(reports: Sequence[Report], name: str) -> list[str]:
    head = " | ".join(f"{report['engine']}, {report['store']}" for report in reports)
    lines = ["", f"{reports[0]['rows']:,} rows, {name} day: processor s / clock s", "", f"| step | {head} |"]
    lines.append("|---|" + "---:|" * len(reports))
    for step in day.STEPS:
        costs = [report["days"][name]["steps"][step] for report in reports]
        cells = [f"{_cell(cost['processor_s'])} / {_cell(cost['clock_s'])}" for cost in costs]
        lines.append(f"| {step} | {' | '.join(cells)} |")
    return lines


def _cell(spread: Sequence[float]) -> str:
    """The median, and the spread where there is one."""
    middle, least, greatest = spread
    return f"{middle:.1f}" if least == greatest else f"{middle:.1f} ({least:.1f}-{greatest:.1f})"


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
