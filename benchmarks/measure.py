"""What a step costs: seconds on the clock, processor seconds and memory of every process that takes part."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

SAMPLE_S = 0.1


@dataclass(frozen=True)
class Cost:
    """`cpu_s` is user plus system time of all processes; `peak_mb` their resident memory together, sampled.

    A process counts from the second look on: one that was just forked shows the memory of its parent until it becomes
    another program, and would count it twice. Java forks for every file it makes.
    """

    step: str
    wall_s: float
    cpu_s: float
    peak_mb: int
    peaks: dict[str, int] = field(default_factory=dict)


class Meter:
    """Watches named processes with their children; of this process it counts no child, for those are the others."""

    def __init__(self, processes: Mapping[str, psutil.Process]) -> None:
        self.processes = processes
        self.costs: list[Cost] = []
        self._peaks: dict[str, int] = {}
        self._whole = 0
        self._known: set[psutil.Process] = set()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens inside as `name`."""
        self._peaks, self._whole = {}, 0
        done = threading.Event()
        sampler = threading.Thread(target=self._sample, args=(done,), daemon=True)
        cpu, start = self._cpu(), time.perf_counter()
        sampler.start()
        try:
            yield
        finally:
            wall = time.perf_counter() - start
            done.set()
            sampler.join()
            self.costs.append(Cost(name, wall, self._cpu() - cpu, self._whole, dict(self._peaks)))

    def _sample(self, done: threading.Event) -> None:
        while True:
            families = {name: _family(root) for name, root in self.processes.items()}
            sizes = {name: sum(map(_memory, self._known & {*those})) >> 20 for name, those in families.items()}
            self._known = {process for those in families.values() for process in those}
            self._whole = max(self._whole, sum(sizes.values()))
            for name, size in sizes.items():
                self._peaks[name] = max(self._peaks.get(name, 0), size)
            if done.wait(SAMPLE_S):
                return

    def _cpu(self) -> float:
        return sum(_processor_s(process) for root in self.processes.values() for process in _family(root))


def _family(root: psutil.Process) -> list[psutil.Process]:
    try:
        return [root] if root.pid == os.getpid() else [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _memory(process: psutil.Process) -> int:
    """Resident memory of its own: pages that a server's processes share are counted once, in its head."""
    try:
        info = process.memory_info()
        return info.rss - getattr(info, "shared", 0)
    except psutil.NoSuchProcess:
        return 0


def _processor_s(process: psutil.Process) -> float:
    """With what those of its children used that are gone by now."""
    try:
        times = process.cpu_times()
        gone = 0.0 if process.pid == os.getpid() else times.children_user + times.children_system
        return times.user + times.system + gone
    except psutil.NoSuchProcess:
        return 0.0
