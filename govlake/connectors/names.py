"""File names with dates in them: how a contract's path is written for a day, and read from a name.

A path may hold date fields (`{date:%Y%m%d}`, also several, one per folder level) and wildcards. Besides the usual
directives `%E` is the year of the Republic (114 for 2025) and a dash drops the leading zero (`%-m`).
"""

import re
from collections.abc import Callable
from datetime import date, datetime

from govlake.errors import ContractError

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


def has_date(path: str) -> bool:
    """Whether the path holds a date field."""
    return FIELD.search(path) is not None


def written(path: str, day: date) -> str:
    """The path with its date fields filled in for `day`."""
    return FIELD.sub(lambda field: formatted(day, field.group(1) or "%Y-%m-%d"), path)


def formatted(day: date, form: str) -> str:
    """`day` in the form of these directives."""
    return DIRECTIVE.sub(lambda directive: _known(directive.group())[1](day), form)


def undated(path: str) -> str:
    """The path with a wildcard for every date field."""
    return FIELD.sub("*", path)


def is_aside(name: str) -> bool:
    """Whether a file is no delivery: hidden, unfinished, or what a supplier says about another one."""
    return name.startswith((".", "~$")) or name.lower().endswith((*UNFINISHED, *SIDE_FILES))


def day_in(path: str, pattern: re.Pattern[str]) -> date | None:
    """The date that a found path, or a folder above it, says under the pattern; None where it holds none."""
    found = pattern.fullmatch(path) or pattern.match(f"{path}/")
    return _day(found.groupdict()) if found else None


def _known(directive: str) -> tuple[str, Callable[[date], str]]:
    if directive not in DIRECTIVES:
        raise ContractError(
            f"A path holds the date directive '{directive}', which is not known.",
            f"Use {', '.join(DIRECTIVES)}.",
        )
    return DIRECTIVES[directive]


def pattern_of(path: str) -> re.Pattern[str]:
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
