"""A contract being read: its file and everything found wrong with it, so that one run names every fault."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from govlake.errors import ContractError

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong (error) or doubtful (warning) in a contract, where, and what to do about it."""

    file: Path
    field: str
    problem: str
    remedy: str
    severity: Level = "error"

    def __str__(self) -> str:
        return f"{self.file}: {self.field} {self.problem}."

    def as_dict(self) -> dict[str, str]:
        return {**asdict(self), "file": str(self.file)}


@dataclass
class Reading:
    """Collects findings while a contract is read; the reading goes on with a harmless default after each."""

    file: Path
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]

    def refuse(self, field_name: str, problem: str, remedy: str) -> None:
        self.findings.append(Finding(self.file, field_name, problem, remedy))

    def doubt(self, field_name: str, problem: str, remedy: str) -> None:
        self.findings.append(Finding(self.file, field_name, problem, remedy, "warning"))

    def one_of(self, field_name: str, value: str, known: Sequence[str], default: str) -> str:
        """`value` where it is one of `known`; otherwise it is refused and `default` stands in."""
        if value in known:
            return value
        near = get_close_matches(value, known, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        self.refuse(field_name, f"is '{value}'", f"{hint}Use one of {', '.join(known)}.")
        return default

    def properties(self, where: str, entries: Sequence[Any] | None, known: dict[str, str]) -> dict[str, Any]:
        """ODCS custom properties as a mapping. A value of the wrong kind is refused, an unknown name doubted."""
        values: dict[str, Any] = {}
        for entry in entries or []:
            name, value = str(entry.property or ""), entry.value
            field_name = f"{where}customProperties.{name}"
            if name in known and not _is_kind(value, known[name]):
                self.refuse(field_name, f"is {_shown(value)}", f"It must be {KINDS[known[name]][0]}.")
                continue
            if name not in known:
                self._doubt_unknown(field_name, name, known)
            values[name] = value
        return values

    def _doubt_unknown(self, field_name: str, name: str, known: dict[str, str]) -> None:
        near = get_close_matches(name, known, n=1, cutoff=0.75)
        remedy = f"Did you mean {near[0]}?" if near else "It is kept for readers; see docs/contracts.md."
        self.doubt(field_name, "is not a property that govlake acts on", remedy)

    def raise_first(self) -> None:
        """Raise the first error, saying how many more there are; nothing where there is none."""
        if not self.errors:
            return
        first, *more = self.errors
        rest = f" {len(more)} more: `govlake contracts check {self.file}`." if more else ""
        raise ContractError(str(first), first.remedy + rest)


def _scalar(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _share(value: object) -> bool:
    return value is None or (_scalar(value) and not isinstance(value, str) and 0 <= float(str(value)) <= 1)


def _factor(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 1


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(_scalar(item) for item in value)


def _codes(value: object) -> bool:
    return isinstance(value, dict) and all(_scalar(item) for pair in value.items() for item in pair)


def _deliveries(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(e, dict) and {"date", "path"} <= e.keys() for e in value)


def _places(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


KINDS = {
    "text": ("a text; put it in quotes if it looks like a number or a date", _scalar),
    "flag": ("true or false, without quotes", lambda value: isinstance(value, bool)),
    "whole": ("a whole number, 0 or more", _whole),
    "share": ("a share between 0 and 1, for example 0.05 (null: never)", _share),
    "factor": ("a number of at least 1, for example 3", _factor),
    "texts": ('a list of texts, for example ["-", "N/A"]; put null, true and false in quotes', _texts),
    "codes": ("a mapping of delivered to conformed value, for example {M: male, F: female}", _codes),
    "places": ("a list of entries with longitude and latitude, for example [{longitude: lon, latitude: lat}]", _places),
    "deliveries": ("a list of entries with date and path", _deliveries),
}


def _is_kind(value: object, kind: str) -> bool:
    return KINDS[kind][1](value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
