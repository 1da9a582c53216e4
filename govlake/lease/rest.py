"""When an engine that holds much memory has been left alone long enough to be started afresh."""

from __future__ import annotations

from govlake.lease.place import clock

LOOKS = 6  # while it is left alone


class Rest:
    """Watches the engine with process id `pid`. `above_mb` is the resident memory it may keep, 0 any; `alone_s` how
    long nobody must have been connected: a client that comes while it starts waits for it."""

    def __init__(self, pid: int, above_mb: int, alone_s: float) -> None:
        self.pid, self.above_mb, self.alone_s = pid, above_mb, alone_s
        self._looked = self._busy = clock()

    def is_due(self) -> bool:
        """Whether it holds more, and nobody was connected to it for a while."""
        now = clock()
        if not self.above_mb or now < self._looked + self.alone_s / LOOKS:
            return False
        self._looked = now
        if not self._is_large_and_alone():
            self._busy = now
        return now >= self._busy + self.alone_s

    def _is_large_and_alone(self) -> bool:
        import psutil

        try:
            engine = psutil.Process(self.pid)
            if engine.memory_info().rss <= self.above_mb << 20:
                return False
            connections = engine.net_connections("tcp")
        except psutil.Error:
            return False  # it has just ended
        own = {link.laddr.port for link in connections if link.status == psutil.CONN_LISTEN}
        used = any(link.status == psutil.CONN_ESTABLISHED and link.laddr.port in own for link in connections)
        return bool(own) and not used  # a system that hides where it listens hides who is connected
