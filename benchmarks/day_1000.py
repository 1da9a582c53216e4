"""What one more day costs after many: every delivery the whole way, land to edition, at marks of a home's age.

    python -m benchmarks.day_1000 [--days 10 100 1000] [--rows 300] [--measured 5] [--json]
    python -m benchmarks.day_1000 --datasets all --stride 30 --days 365 1095 --measured 3 [--scale 0.3]

A fresh home per mark, with a PostgreSQL of its own, grows through the real steps: by a delivery of taps a day, or, with
`--datasets`, by what departments of the sample city deliver (all, or datasets, domains and departments by name). With
`--stride` one day in so many is delivered: what is due daily, and the newest of what is due more rarely. Every seven
days an edition and a round of maintenance follow, and the lake gets seven days older (benchmarks/ageing.py), so that
what is kept for so many days goes when it would go. The last days before each mark are measured one by one, each with
marts and edition, and their medians are compared with those of the first mark.

So that marks differ in the home's age alone, every hundred days, and the measured days of each mark, have a process and
an engine of their own: what these gather while they work is not the home's. All homes are grown first and then measured
in turn, a day of each, so that what else the machine does is the same for all.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from benchmarks.ageing import pass_days
from benchmarks.day import STEPS, TAPS, generate, place_in_inbox, prepare
from benchmarks.measure import Meter
from benchmarks.places import Processes, engine_of, leave, place

FIRST = date(2024, 1, 20)  # a stride of 30 from here meets every month once, for three years
WEEK = 7
SPAN = 100  # days that one process and engine deliver
INGEST = STEPS[:6]
MARTS = "marts, edition"
CAME = date(2020, 1, 1)  # files came a while ago: landing need not wait for them to settle
Report = dict[str, Any]
Costs = dict[str, tuple[float, float]]  # seconds on the clock and of the processor, by step


@dataclass(frozen=True)
class City:
    """Who delivers into the home, how much, and on one day in how many."""

    home: Path
    pack: Any
    datasets: Sequence[str]
    stride: int = 1
    scale: float = 0.3
    rows: int = 300

    @property
    def taps_alone(self) -> bool:
        return list(self.datasets) == [TAPS]

    @property
    def contracts(self) -> list[Any]:
        """Those under which something may be delivered."""
        return [self.pack.find(TAPS)] if self.taps_alone else self.pack.contracts

    def pending(self) -> list[tuple[Any, date]]:
        """Deliveries that are not in the lake yet."""
        from govlake.pipeline import pending

        return [(contract, day) for contract in self.contracts for day in pending(contract)]

    def day(self, number: int) -> date:
        return FIRST + timedelta(days=(number - 1) * self.stride)

    def deliver(self, number: int) -> list[tuple[Any, date]]:
        """Deliver the day, and tell what of it is not in the lake yet."""
        from govlake.sample.deliver import deliver

        day = self.day(number)
        if self.taps_alone:
            generate(place_in_inbox(self.home, day), day, self.rows)
            return [(contract, day) for contract in self.contracts]
        for file in deliver(self.home, day, self.scale, only=() if "all" in self.datasets else self.datasets):
            stamp = time.mktime(CAME.timetuple())
            os.utime(file.path, (stamp, stamp))
        return self.pending()


def main(arguments: Sequence[str] | None = None) -> None:
    """Grow, measure at each mark, print."""
    options = _options(arguments)
    if options.span:
        folder, first, last, measured, others = json.loads(options.span)
        given = (options.datasets, options.stride, options.scale, options.rows)
        _work(City(Path(folder), prepare(), *given), range(first, last + 1), measured, others)
        return
    with ExitStack() as stack:
        reports = _marks(stack, options, list(arguments or sys.argv[1:]))
        print(json.dumps(reports, indent=1) if options.json else _shown(reports), flush=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, nargs="+", default=[10, 100, 1000], help="marks at which days are measured")
    parser.add_argument(
        "--datasets", nargs="+", default=[TAPS], help="who delivers: all, or names; taps alone by default"
    )
    parser.add_argument("--stride", type=int, default=1, help="one day in so many is delivered")
    parser.add_argument("--scale", type=float, default=0.3, help="size of the sample city's deliveries")
    parser.add_argument("--rows", type=int, default=300, help="taps per day, where they are delivered alone")
    parser.add_argument("--measured", type=int, default=5, help="days measured at each mark")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--span", help=argparse.SUPPRESS)  # what a process of its own does: JSON
    return parser.parse_args(arguments)


@dataclass(frozen=True)
class Home:
    """Where it is, how its own processes find their services, and which of these take part. `days` are measured."""

    mark: int
    folder: Path
    days: range
    services: dict[str, str]
    processes: Processes


def _marks(stack: ExitStack, options: argparse.Namespace, given: list[str]) -> list[Report]:
    """One report per mark."""
    homes = [_grown(stack, mark, options, given) for mark in sorted(options.days)]
    workers = [stack.enter_context(_process(home, home.days, True, given)) for home in homes]
    for turn in range(options.measured):
        print(f"{time.strftime('%H:%M:%S')} measured {turn} of {options.measured}", file=sys.stderr, flush=True)
        for worker in workers:
            worker.measure()
    pairs = zip(homes, workers, strict=True)
    return [{"day": home.mark, **_report(worker.days, home.folder)} for home, worker in pairs]


def _grown(stack: ExitStack, mark: int, options: argparse.Namespace, given: list[str]) -> Home:
    """A home with all days before those that are measured."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="govlake-days-")))
    url, processes = stack.enter_context(place(folder, engine=None))
    last = max(mark // options.stride, options.measured)
    days = range(last - options.measured + 1, last + 1)
    services = {"GOVLAKE_HOME": str(folder), "GOVLAKE_POSTGRES_URL": url}
    home = Home(mark, folder, days, services, processes)
    for first in range(1, days.start, SPAN):
        with _process(home, range(first, min(first + SPAN, days.start)), False, given):
            pass
    return home


@dataclass
class Worker:
    """A process that delivers a span of days, one when it is told where they are measured."""

    process: subprocess.Popen[str]
    days: list[tuple[Costs, int]] = field(default_factory=list)

    def measure(self) -> None:
        """One more day."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        costs, deliveries = json.loads(self.process.stdout.readline())
        self.days.append((costs, deliveries))


@contextmanager
def _process(home: Home, days: range, measured: bool, given: list[str]) -> Iterator[Worker]:
    """A process with an engine of its own."""
    with engine_of(home.processes) as (address, taking_part):
        others = {name: process.pid for name, process in taking_part.items() if process.pid != os.getpid()}
        asked = json.dumps([str(home.folder), days.start, days.stop - 1, measured, others])
        command = [sys.executable, "-m", "benchmarks.day_1000", *given, "--span", asked]
        environment = {**os.environ, **home.services, "GOVLAKE_ENGINE_URL": address}
        pipe = subprocess.PIPE
        with subprocess.Popen(command, env=environment, text=True, stdin=pipe, stdout=pipe) as process:
            yield Worker(process)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)


def _work(city: City, days: Sequence[int], measured: bool, others: dict[str, int]) -> None:
    """A span of days: delivered at once, or each when a line comes in, and its costs told in one."""
    if measured:
        _publish(city)
        processes = {"python": psutil.Process(), **{name: psutil.Process(pid) for name, pid in others.items()}}
        meter = Meter(processes)
        for number in days:
            if not sys.stdin.readline():
                break
            print(json.dumps(_measured(meter, city, number)), flush=True)
    else:
        for number in days:
            _ingest(city, number)
            _say(city, number)
    leave()


def _ingest(city: City, number: int) -> None:
    """One day without a measurement; once a week the edition and the round of maintenance."""
    from govlake.maintenance.maintain import maintain
    from govlake.pipeline.run import ingest

    for contract, day in city.deliver(number):
        outcome = ingest(contract, day, progress=lambda line: None)
        _tell(outcome)
    if number % max(WEEK // city.stride, 1) == 0:
        _publish(city)
        maintain(progress=lambda line: None)
        pass_days(city.home / "lake", max(WEEK, city.stride))


def _measured(meter: Meter, city: City, number: int) -> tuple[Costs, int]:
    """What one more day cost, step by step over all its deliveries, and how many these are."""
    from govlake.pipeline.steps import ingest_step

    new = city.deliver(number)
    start = len(meter.costs)
    with meter.step("what is new"):
        found = city.pending()
    assert found == new
    for contract, day in new:
        for name in INGEST:
            with meter.step(name):
                outcome = ingest_step(name, contract, day)
            if _tell(outcome):
                break
    with meter.step(MARTS):
        _publish(city)
    costs: Costs = {}
    for cost in meter.costs[start:]:
        wall, cpu = costs.get(cost.step, (0.0, 0.0))
        costs[cost.step] = (wall + cost.wall_s, cpu + cost.cpu_s)
    return costs, len(new)


def _tell(outcome: Any) -> bool:
    """Whether the delivery is held: the smaller it is, the larger the share of its planted defects."""
    if outcome.status != "done":
        print(outcome.line, file=sys.stderr, flush=True)
    return outcome.status != "done"


def _publish(city: City) -> None:
    from govlake.pipeline.publish import marts_and_edition

    marts_and_edition([city.pack.path], progress=lambda line: None)


def _report(measured: list[tuple[Costs, int]], home: Path) -> Report:
    days = [costs for costs, _ in measured]
    steps = {name: [median(day[name][part] for day in days) for part in (0, 1)] for name in days[0]}
    each = [[sum(cost[part] for cost in day.values()) for day in days] for part in (0, 1)]
    whole = [median(seconds) for seconds in each]
    files = sum(1 for file in (home / "lake").rglob("*") if file.is_file())
    deliveries = median(number for _, number in measured)
    return {
        **{"steps": steps, "clock_s": whole[0], "processor_s": whole[1]},
        **{"each": each[1], "deliveries": deliveries, "files": files},
    }


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
    each = [" ".join(f"{seconds:.2f}" for seconds in report["each"]) for report in reports]
    lines.append("| day by day | " + " | ".join(each) + " |")
    lines.append("| deliveries of the day | " + " | ".join(f"{report['deliveries']:g}" for report in reports) + " |")
    lines.append("| files in the lake | " + " | ".join(f"{report['files']:,}" for report in reports) + " |")
    return "\n".join(lines)


def _say(city: City, number: int) -> None:
    if number % 20 == 0 or city.stride > 1:
        print(f"{time.strftime('%H:%M:%S')} day {number}: {city.day(number)}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
