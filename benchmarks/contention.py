"""Two homes, each with an engine and a command line, write one lake at once: nothing is lost, nothing is doubled.

    .venv/platform/bin/python benchmarks/contention.py [--attempts 1000] [--ttl 2] [--seed 1]

Every attempt writes a batch of its own into one table. Homes give the lake back now and then, so that it changes hands;
meanwhile writers are stopped for longer than their lease lives, and go on. At the end the table must hold exactly the
batches whose writers were told that they are in, each once and whole.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
WRITERS = [("north", "engine"), ("north", "command_line"), ("south", "engine"), ("south", "command_line")]
ROWS = 7  # of an attempt; an attempt in part would show
TURN = 12  # attempts after which a writer gives the lake back
OUTCOMES = {
    "done": "written at once",
    "serial": "written after waiting for the other writer of the home",
    "refused": "refused: another home writes the lake",
    "lost": "refused in the middle: another home had taken the lake over",
    "failed": "failed otherwise",
}


def main() -> int:
    """Run the contest and judge it; 0 where the table holds what the writers were told."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="govlake-contention-") as folder, ExitStack() as stack:
        root = Path(folder)
        started = time.monotonic()
        writers = [stack.enter_context(process) for process in _start(root, options, stack)]
        stops = _disturb(writers, options)
        results = [json.loads(line) for file in sorted(root.glob("*.jsonl")) for line in file.open()]
        return _judge(root, results, stops, time.monotonic() - started)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--attempts", type=int, default=1000)
    parser.add_argument("--ttl", type=float, default=2.0, help="seconds a silent home keeps the lake")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", nargs=3, metavar=("HOME", "KIND", "COUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        home, kind, count = options.write
        _write(Path(os.curdir).resolve(), home, kind, int(count), options.seed)
        sys.exit(0)
    return options


def _start(root: Path, options: argparse.Namespace, stack: ExitStack) -> Iterator[subprocess.Popen[bytes]]:
    from govlake.settings import settings
    from govlake.stack import testing

    (root / "lake").mkdir()
    url = stack.enter_context(testing.postgres(root / "postgres"))
    for home in ("north", "south"):
        (root / home).mkdir()
        (root / home / "lake").symlink_to(root / "lake", target_is_directory=True)
        engine = stack.enter_context(testing.engine(memory_mb=512))
        own = {"HOME": str(root / home), "LEASE_TTL_S": str(options.ttl), "ENGINE_URL": engine, "POSTGRES_URL": url}
        environment = settings().environment() | {f"GOVLAKE_{name}": value for name, value in own.items()}
        for kind in ("engine", "command_line"):
            share = options.attempts // len(WRITERS)
            command = [sys.executable, __file__, "--seed", str(options.seed), "--write", home, kind, str(share)]
            yield subprocess.Popen(command, env=environment | {"PYTHONPATH": str(PROJECT)}, cwd=root)


def _disturb(writers: list[subprocess.Popen[bytes]], options: argparse.Namespace) -> int:
    """Until all are done, stop one now and then for longer than its lease lives; returns how often."""
    chance, stops = random.Random(options.seed), 0
    while any(writer.poll() is None for writer in writers):
        time.sleep(options.ttl * chance.uniform(1, 4))
        running = [writer for writer in writers if writer.poll() is None]
        if running:
            victim = chance.choice(running)
            victim.send_signal(signal.SIGSTOP)
            time.sleep(options.ttl * 1.6)
            victim.send_signal(signal.SIGCONT)
            stops += 1
            _say(f"{len(running)} writers at work, {stops} stopped for a while")
    return stops


def _write(root: Path, home: str, kind: str, count: int, seed: int) -> None:
    from govlake import lease

    chance = random.Random(f"{seed} {home} {kind}")
    with (root / f"{home}_{kind}.jsonl").open("w") as log:
        for number in range(count):
            batch = f"{home}-{kind}-{number}"
            outcome, said = _attempt(home, kind, batch)
            print(json.dumps({"batch": batch, "outcome": outcome, "said": said}), file=log, flush=True)
            if outcome in ("refused", "lost") or number % TURN == TURN - 1:
                lease.close()
                time.sleep(chance.uniform(0, 0.2))
        lease.close()


def _attempt(home: str, kind: str, batch: str) -> tuple[str, str]:
    """Write one batch; says what became of it."""
    from govlake import lease
    from govlake.errors import GovlakeError, LeaseError
    from govlake.ledger import ledger

    try:
        lease.hold(f"contention {kind}")
    except LeaseError as error:
        return "refused", str(error)
    try:
        asked = time.monotonic()
        with ledger().lock(f"{home} water.reading"):
            waited = time.monotonic() - asked
            (_by_engine if kind == "engine" else _by_command_line)(batch)
    except LeaseError as error:
        return "lost", str(error)
    except (GovlakeError, Exception) as error:  # noqa: BLE001 - whatever goes wrong is counted, and told
        return "failed", f"{type(error).__name__}: {error}"
    return ("serial" if waited > 0.05 else "done"), ""


def _address() -> str:
    from govlake import lake

    return lake.path("bronze", "water", "reading")


def _by_command_line(batch: str) -> None:
    import pyarrow as pa

    from govlake import lake

    rows = pa.table({"number": pa.array(range(ROWS), pa.int64()), "_batch_id": [batch] * ROWS})
    lake.replace_batch(_address(), rows.to_reader(), batch)


def _by_engine(batch: str) -> None:
    from govlake import engine, lake

    schema = "number bigint, _batch_id string"
    with engine.work():
        frame = engine.session().createDataFrame([(number, batch) for number in range(ROWS)], schema)
        lake.replace_where(frame, _address(), f"_batch_id = '{batch}'", ["_batch_id"])


def _judge(root: Path, results: list[dict[str, Any]], stops: int, seconds: float) -> int:
    from deltalake import DeltaTable

    table = DeltaTable(str(root / "lake" / "bronze" / "water" / "reading"))
    held = Counter(str(batch) for batch in table.to_pyarrow_table()["_batch_id"].to_pylist())
    told = {result["batch"] for result in results if result["outcome"] in ("done", "serial")}
    counts = Counter(result["outcome"] for result in results)
    _say(f"{len(results):,} attempts in {seconds:.0f} s, {table.version() + 1:,} commits, {stops} writers were stopped")
    for outcome, words in OUTCOMES.items():
        _say(f"  {counts[outcome]:>6,}  {words}")
    for said in sorted({result["said"] for result in results if result["outcome"] == "failed"})[:5]:
        _say(f"          {said[:200]}")
    faults = {
        "lost": sorted(told - set(held)),
        "doubled or in part": sorted(batch for batch, rows in held.items() if rows != ROWS),
        "there although refused": sorted(set(held) - told),
    }
    expected = len(told) * ROWS
    _say(f"  {expected:>6,}  rows are to be in the table, {sum(held.values()):,} are")
    for fault, batches in faults.items():
        _say(f"  {len(batches):>6,}  batches {fault}{': ' + ', '.join(batches[:5]) if batches else ''}")
    return 1 if any(faults.values()) else 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
