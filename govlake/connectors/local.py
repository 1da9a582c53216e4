"""The folder connector: departments drop files, the contract says where and what their names look like.

A path may start with a named root (`{inbox}/...`), hold date fields (`{date:%Y%m%d}`, also several, one per
folder level) and wildcards. Besides the usual directives `%E` is the year of the Republic (114 for 2025) and a
dash drops the leading zero (`%-m`). A relative path starts at the contract's own folder. What a supplier says
about its file lies beside it: `<name>.rows` (a number) or `<name>.manifest.json`.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from govlake.contracts.model import Contract
from govlake.errors import ContractError
from govlake.settings import settings

UNFINISHED = (".part", ".tmp", ".uploading", ".filepart", ".crdownload", ".partial")
SIDE_FILES = (".rows", ".manifest.json")
FIELD = re.compile(r"\{date(?::([^}]*))?\}")
ROC_YEARS = 1911
DIRECTIVES: dict[str, tuple[str, Callable[[date], str]]] = {
    "%Y": (r"(?P<Y>\d{4})", lambda day: f"{day:%Y}"),
    "%y": (r"(?P<y>\d{2})", lambda day: f"{day:%y}"),
    "%E": (r"(?P<E>\d{2,3})", lambda day: str(day.year - ROC_YEARS)),
    "%m": (r"(?P<m>\d{2})", lambda day: f"{day:%m}"),
    "%d": (r"(?P<d>\d{2})", lambda day: f"{day:%d}"),
    "%-m": (r"(?P<m>\d{1,2})", lambda day: str(day.month)),
    "%-d": (r"(?P<d>\d{1,2})", lambda day: str(day.day)),
    "%j": (r"(?P<j>\d{3})", lambda day: f"{day:%j}"),
}
DIRECTIVE = re.compile(r"%-?[A-Za-z]")


def find(contract: Contract, day: date) -> list[Path]:
    """The files of the delivery for `day`, finished ones only, sorted by path; none where it has not arrived.

    A path that names only a month or a year belongs to its first day.
    """
    source = contract.source
    if source.deliveries:
        path = source.deliveries.get(day.isoformat(), "")
        return _files(_absolute(contract, path)) if path else []
    if _date_fields(contract):
        files = _files(_absolute(contract, FIELD.sub(lambda field: _written(field, day), source.path)))
        pattern = _pattern(_absolute(contract, source.path))
        return [file for file in files if day in _dates_of([file], pattern)]
    return [file for file in _files(_absolute(contract, source.path)) if _modified_on(contract, file) <= day]


def dates(contract: Contract, until: date = date.max) -> list[date]:
    """The logical dates, up to `until`, for which a delivery is there, oldest first.

    A path without date field has one delivery: that of the day on which its file was last changed.
    """
    source = contract.source
    if source.deliveries:
        days = {date.fromisoformat(day) for day in source.deliveries}
        return sorted(day for day in days if day <= until and find(contract, day))
    if not _date_fields(contract):
        files = _files(_absolute(contract, source.path))
        days = {max(_modified_on(contract, file) for file in files)} if files else set()
    else:
        files = _files(_absolute(contract, FIELD.sub("*", source.path)))
        days = set(_dates_of(files, _pattern(_absolute(contract, source.path))))
    return sorted(day for day in days if day <= until)


def date_in_name(contract: Contract, file: Path) -> date | None:
    """The logical date that a file's own name says under the contract, None where its name holds none."""
    name = contract.source.path.rpartition("/")[2]
    return next(iter(_dates_of([Path(file.name)], _pattern(name))), None) if FIELD.search(name) else None


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
    return sorted(file for file in files if file.is_file() and not _is_aside(file.name))


def _is_aside(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower().endswith((*UNFINISHED, *SIDE_FILES))


def _date_fields(contract: Contract) -> list[re.Match[str]]:
    return list(FIELD.finditer(contract.source.path))


def _written(field: re.Match[str], day: date) -> str:
    form = field.group(1) or "%Y-%m-%d"
    return DIRECTIVE.sub(lambda directive: _known(directive.group())[1](day), form)


def _known(directive: str) -> tuple[str, Callable[[date], str]]:
    if directive not in DIRECTIVES:
        raise ContractError(
            f"A path holds the date directive '{directive}', which is not known.",
            f"Use {', '.join(DIRECTIVES)}.",
        )
    return DIRECTIVES[directive]


def _pattern(path: str) -> re.Pattern[str]:
    """A path with date fields and wildcards as a regular expression over found paths."""
    pieces, position, seen = [], 0, set()
    for field in FIELD.finditer(path):
        pieces.append(_wildcards(path[position : field.start()]))
        form, last = field.group(1) or "%Y-%m-%d", 0
        for directive in DIRECTIVE.finditer(form):
            pieces.append(re.escape(form[last : directive.start()]))
            expression = _known(directive.group())[0]
            group = re.findall(r"\?P<(\w)>", expression)[0]
            pieces.append(f"(?P={group})" if group in seen else expression)
            seen.add(group)
            last = directive.end()
        pieces.append(re.escape(form[last:]))
        position = field.end()
    pieces.append(_wildcards(path[position:]))
    return re.compile("".join(pieces))


def _wildcards(text: str) -> str:
    return re.escape(text).replace(r"\*\*", ".*").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")


def _dates_of(files: Iterable[Path], pattern: re.Pattern[str]) -> Iterable[date]:
    for file in files:
        found = pattern.fullmatch(str(file)) or pattern.match(f"{file}/")
        day = _day(found.groupdict()) if found else None
        if day:
            yield day


def _day(parts: dict[str, str]) -> date | None:
    """The date that the fields of a path spell; the first day where it names only a month or a year."""
    if "E" in parts:
        year = int(parts["E"]) + ROC_YEARS
    else:
        year = int(parts["Y"]) if "Y" in parts else 2000 + int(parts.get("y", 0))
    try:
        if "j" in parts:
            return datetime.strptime(f"{year}-{parts['j']}", "%Y-%j").date()
        return date(year, int(parts.get("m", 1)), int(parts.get("d", 1)))
    except ValueError:
        return None


def _modified_on(contract: Contract, file: Path) -> date:
    return datetime.fromtimestamp(file.stat().st_mtime, ZoneInfo(contract.timezone)).date()
