"""The services' own logs: their last lines, and what they add from now on."""

import time
from collections.abc import Iterator
from pathlib import Path

from govlake.errors import StackError
from govlake.settings import settings
from govlake.stack import programs


def files(service: str | None) -> list[Path]:
    """Log files of `service`, of every service whose name starts so (`airflow`), or all. Raises StackError."""
    found = sorted(settings().logs.glob("*.log"))
    picked = [path for path in found if service is None or path.stem == service or path.stem.startswith(f"{service}-")]
    if service and not picked:
        known = ", ".join(path.stem for path in found) or ", ".join(programs.names())
        raise StackError(f"There is no log of {service}.", f"Known are: {known}.")
    return picked


def last(path: Path, lines: int) -> list[str]:
    """The last `lines` lines of a log, without reading all of a long one."""
    with path.open("rb") as file:
        file.seek(0, 2)
        start = max(0, file.tell() - 400 * lines)
        file.seek(start)
        text = file.read().decode("utf-8", "replace")
    return text.splitlines()[-lines:] if lines else []


def follow(paths: list[Path], pause_s: float = 0.3) -> Iterator[tuple[Path, str]]:
    """Every line added from now on, for ever; a log that is rotated is read on from its start."""
    positions = {path: path.stat().st_size for path in paths}
    while True:
        for path in paths:
            size = path.stat().st_size if path.exists() else 0
            if size < positions[path]:
                positions[path] = 0
            if size > positions[path]:
                with path.open("rb") as file:
                    file.seek(positions[path])
                    added = file.read()
                positions[path] += len(added)
                yield from ((path, line) for line in added.decode("utf-8", "replace").splitlines())
        time.sleep(pause_s)
