"""A day of generated taps, landing to edition, beside a script written by hand that does the same to the same file.

    python benchmarks/batch.py [--rows 10000000] [--repeat 1] [--next-day 0] [--json]

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from benchmarks.measure import Cost, Meter

DAY = date(2026, 9, 2)
SEED = 2026
HAND = Path(__file__).with_name("duckdb_batch.py")
STEPS = ("land", "bronze", "gate_1", "conform", "gate_2", "silver", "marts", "gate_3", "publish")
SUMS = {
    "kpi_transit_day": "sum(taps), sum(boardings), sum(riders), sum(senior_boardings), sum(due_cny), sum(revenue_cny)",
    "kpi_transit_hour": "sum(taps), sum(boardings), sum(exits), sum(hour * taps)",
    "kpi_transit_city_day": "sum(taps), sum(boardings), sum(riders), sum(due_cny), sum(revenue_cny)",
}
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
    with services(home) as (postgres, processes):
        file = _generate(home, DAY, rows)
        meter = Meter(processes)
        with meter.step("imports"):
            pack = _prepare()
        ours = _ours(meter, pack, DAY)
        report: Report = {"rows": rows, "bytes": file.stat().st_size, "imports_s": meter.costs[0].wall_s, "ours": ours}
        report["by_hand"] = _by_hand(file, home / "by_hand", postgres)
        report["same"] = _compared(postgres, report["by_hand"]["results"])
        report["disk_mb"] = {layer: _size(home / layer) for layer in ("landing", "lake/bronze", "lake/silver")}
        report["again_s"] = _again(pack)
        if next_day:
            _generate(home, DAY + timedelta(days=1), next_day)
            report["next_day"] = {"rows": next_day, "ours": _ours(meter, pack, DAY + timedelta(days=1))}
    return report


@contextmanager
def services(home: Path) -> Iterator[tuple[str, dict[str, psutil.Process]]]:
    """An engine and a PostgreSQL that this process finds; yields the URL of the latter and who takes part."""
    from govlake.settings import settings
    from govlake.stack import testing

    me = psutil.Process()
    os.environ["GOVLAKE_HOME"] = str(home)
    settings.cache_clear()
    with testing.engine(memory_mb=settings().engine_memory_mb) as address:
        engine = me.children()[0]
        with tempfile.TemporaryDirectory(prefix="govlake-") as folder, testing.postgres(Path(folder) / "data") as url:
            server = next(child for child in me.children() if child.pid != engine.pid)
            os.environ |= {"GOVLAKE_ENGINE_URL": address, "GOVLAKE_POSTGRES_URL": url}
            settings.cache_clear()
            yield url, {"python": me, "engine": engine, "postgres": server}


def _generate(home: Path, day: date, rows: int) -> Path:
    from govlake.sample import deliver, tap_file

    file = deliver.file_of(home / "inbox", "card_tap", day)
    file.parent.mkdir(parents=True, exist_ok=True)
    tap_file.write_taps(file, rows, day, SEED)
    os.utime(file, (time.time() - 60, time.time() - 60))  # it came a while ago: landing need not wait for it to settle
    return file


def _prepare() -> Any:
    """What a worker does once, before its first delivery: imports, the session, the ledger's schema."""
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


def _ours(meter: Meter, pack: Any, day: date) -> Report:
    """Every step of the delivery of `day`, one by one."""
    from govlake.pipeline import publish
    from govlake.pipeline.steps import ingest_step

    contract = pack.find("transit.card_tap")
    later: dict[str, Callable[[], Any]] = {
        "marts": lambda: publish.build([pack.path]),
        "gate_3": publish.judge,
        "publish": publish.publish,
    }
    before = len(meter.costs)
    for name in STEPS:
        with meter.step(name):
            outcome = later[name]() if name in later else ingest_step(name, contract, day)
        print(outcome.line, file=sys.stderr)
        if outcome.status == "held":
            raise SystemExit(f"{name} held the delivery.")
    return _totals(meter.costs[before:])


def _totals(costs: Sequence[Cost]) -> Report:
    return {
        "steps": [asdict(cost) for cost in costs],
        "wall_s": sum(cost.wall_s for cost in costs),
        "cpu_s": sum(cost.cpu_s for cost in costs),
        "peak_mb": max(cost.peak_mb for cost in costs),
    }


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
    import psycopg

    from govlake.ledger import ledger

    account = ledger().accounts(dataset="transit.card_tap")[0]
    reasons = ledger().query("SELECT coalesce(sum(rows), 0) AS n FROM ledger.quarantine_reasons")[0]["n"]
    ours: Report = {name: int(account[name]) for name in ("quarantined", "duplicate", "superseded")}
    ours |= {"silver": int(account["silver_new"]), "reasons": int(reasons)}
    hand: Report = dict(by_hand)
    with psycopg.connect(postgres) as connection:
        for mart, sums in SUMS.items():
            for schema, found in (("marts", ours), ("by_hand", hand)):
                row = connection.execute(f"SELECT {sums} FROM {schema}.{mart}").fetchone()  # pyright: ignore
                found[mart] = [float(value) for value in row or ()]
    if ours != hand:
        raise SystemExit(f"The results differ.\ngovlake: {ours}\nby hand: {hand}")
    return ours


def _again(pack: Any) -> float:
    """Seconds of a whole run that finds nothing new."""
    from govlake import pipeline

    start = time.perf_counter()
    pipeline.run(pack, DAY, dataset="transit.card_tap", progress=lambda line: print(line, file=sys.stderr))
    return time.perf_counter() - start


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) >> 20


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
