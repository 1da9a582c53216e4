"""The folder connector: departments drop files, the contract says where and what their names look like.

A path may start with a named root (`{inbox}/...`); a relative one starts at the contract's own folder. What a supplier
says about its file lies beside it: `<name>.rows` (a number) or `<name>.manifest.json`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from govlake.connectors.names import FIELD, day_in, has_date, is_aside, pattern_of, undated, written
from govlake.contracts.model import Contract
from govlake.errors import ConnectorError, ContractError
from govlake.settings import settings


def find(contract: Contract, day: date) -> list[Path]:
    """The files of the delivery for `day`, finished ones only, sorted by path; none where it has not arrived.

    A path that names only a month or a year belongs to its first day.
    """
    source = contract.source
    if source.deliveries:
        path = source.deliveries.get(day.isoformat(), "")
        return _files(_absolute(contract, path)) if path else []
    if has_date(source.path):
        pattern = pattern_of(_absolute(contract, source.path))
        files = _files(_absolute(contract, written(source.path, day)))
        return [file for file in files if day_in(str(file), pattern) == day]
    return [file for file in _files(_absolute(contract, source.path)) if _modified_on(contract, file) <= day]


def dates(contract: Contract, until: date = date.max) -> list[date]:
    """The logical dates, up to `until`, for which a delivery is there, oldest first.

    A path without date field has one delivery: that of the day on which its file was last changed.
    """
    source = contract.source
    if source.deliveries:
        days = {date.fromisoformat(day) for day in source.deliveries}
        return sorted(day for day in days if day <= until and find(contract, day))
    if not has_date(source.path):
        files = _files(_absolute(contract, source.path))
        days = {max(_modified_on(contract, file) for file in files)} if files else set()
    else:
        pattern = pattern_of(_absolute(contract, source.path))
        found = (day_in(str(file), pattern) for file in _files(_absolute(contract, undated(source.path))))
        days = {day for day in found if day}
    return sorted(day for day in days if day <= until)


def seen(contract: Contract, until: date = date.max) -> dict[date, list[list[Any]]]:
    """Every date with a delivery and what tells whether it changed: path, size and time of change of its files."""
    source = contract.source
    if source.deliveries or not has_date(source.path):
        return {day: stamps(find(contract, day)) for day in dates(contract, until)}
    pattern = pattern_of(_absolute(contract, source.path))
    by_day: dict[date, list[Path]] = {}
    for file in _files(_absolute(contract, undated(source.path))):  # one look at the folder for all dates
        day = day_in(str(file), pattern)
        if day and day <= until:
            by_day.setdefault(day, []).append(file)
    return {day: stamps(files) for day, files in sorted(by_day.items())}


def stamps(files: Sequence[Path]) -> list[list[Any]]:
    """Path, size and time of change of each file."""
    return [[str(file), file.stat().st_size, str(file.stat().st_mtime_ns)] for file in sorted(files)]


def probe(contract: Contract) -> Iterator[str]:
    """What is found at the folder, in sentences. Raises ConnectorError where nothing is."""
    days = dates(contract)
    if not days:
        where = _absolute(contract, contract.source.path) if contract.source.path else "its named files"
        raise ConnectorError(f"No delivery of {contract.id} lies at {where}.", "Check the path, or wait for the first.")
    files = [file.name for file in find(contract, days[-1])]
    yield f"{len(days)} delivery date(s), the newest is {days[-1]}: {', '.join(files[:3])}"


def date_in_name(contract: Contract, file: Path) -> date | None:
    """The logical date that a file's own name says under the contract, None where its name holds none."""
    name = contract.source.path.rpartition("/")[2]
    return day_in(file.name, pattern_of(name)) if FIELD.search(name) else None


def _absolute(contract: Contract, path: str) -> str:
    """`path` with its named root filled in."""
    for name, root in settings().roots().items():
        path = path.replace(f"{{{name}}}", str(root))
    unknown = re.match(r"\{(?!date)(\w*)\}", path)
    if unknown:
        roots = ", ".join(f"{{{name}}}" for name in settings().roots())
        raise ContractError(
            f"{contract.path}: the path starts with {{{unknown.group(1)}}}, which is no known folder.",
            f"Use one of {roots}.",
        )
    return path if path.startswith("/") else str(contract.path.resolve().parent / path)


def _files(pattern: str) -> list[Path]:
    """Finished files that the pattern names; a folder stands for all files in it."""
    path = Path(pattern)
    if path.exists():
        found: Iterable[Path] = [path]
    else:
        anchor = Path(path.anchor)
        found = anchor.glob(str(path.relative_to(anchor)))
    files = (file for entry in found for file in (entry.rglob("*") if entry.is_dir() else [entry]))
    return sorted(file for file in files if file.is_file() and not is_aside(file.name))


def _modified_on(contract: Contract, file: Path) -> date:
    return datetime.fromtimestamp(file.stat().st_mtime, ZoneInfo(contract.timezone)).date()
