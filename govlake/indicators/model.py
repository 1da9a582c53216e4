"""An indicator as the register states it. The fields' meaning is in docs/indicators.md."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

DOMAINS = ("transit", "safety", "services", "health", "hotline")
PERIODS = ("day", "week", "month", "quarter", "year")
LEVELS = ("city", "district", "street")
# A week lies in no one month, so only days and weeks and what is made of months follow each other.
LONGER = {
    "day": ("day", "week", "month", "quarter", "year"),
    "week": ("week",),
    "month": ("month", "quarter", "year"),
    "quarter": ("quarter", "year"),
    "year": ("year",),
}
COVERED = {"street": LEVELS, "district": ("city", "district"), "city": ("city",)}

Period = Literal["day", "week", "month", "quarter", "year"]
Level = Literal["city", "district", "street"]


class Strict(BaseModel):
    """Refuses fields it does not know: a misspelt one would be lost without a word."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(Strict):
    """Where green ends and where red begins. With one value only, nothing is amber."""

    kind: Literal["law", "standard", "plan", "peer", "trend"]
    green: float
    red: float | None = None
    source: str = ""

    @property
    def limit(self) -> float:
        return self.green if self.red is None else self.red


class Ratio(Strict):
    """A second ratio that is taken off the first, for example the wait that the timetable promises."""

    numerator: str
    denominator: str


class Indicator(Strict):
    """One indicator in one version. `numerator` and `denominator` are columns of `mart`, or sums of them."""

    id: str
    version: int = 1
    name_zh: str
    name_en: str
    overview: int = Field(default=0, ge=0)
    cockpit_area: Literal["sense", "decide", "act", "evaluate"]
    definition_zh: str
    definition_en: str
    kind: Literal["share", "rate", "ratio", "count"]
    mart: str
    where: str = ""
    numerator: str
    denominator: str = ""
    less: Ratio | None = None
    scale: float | Literal["days"] = 1.0
    unit_zh: str = ""
    unit_en: str = ""
    decimals: int = 1
    direction: Literal["up", "down", "none"]
    cells: dict[Period, list[Level]]
    minimum_denominator: float = 0
    minimum_coverage: float = Field(default=0.9, gt=0, le=1)
    interval: Literal["wilson", "byar", "none"]
    population: Literal["", "registered", "resident", "present"] = ""
    target: Target | None = None
    use_policy: Literal["public", "rankable", "internal", "monitor_only"]
    caveat_zh: str
    caveat_en: str
    standards: list[str] = []
    owner: str = ""
    steward: str = ""
    effective_from: date = date(2026, 1, 1)
    effective_to: date | None = None
    supersedes: str = ""

    @cached_property
    def columns(self) -> set[str]:
        """Columns of the mart that the indicator is computed from."""
        parts = [self.numerator, self.denominator, self.where]
        parts += [self.less.numerator, self.less.denominator] if self.less else []
        texts = [re.sub(r"'[^']*'", " ", part) for part in parts]
        return {word for text in texts for word in re.findall(r"[a-z_]\w*", text)} - WORDS

    @property
    def is_rankable(self) -> bool:
        return self.use_policy in ("public", "rankable")


WORDS = {"and", "or", "not", "in", "is", "null", "true", "false", "case", "when", "then", "else", "end"}


class Source(Strict):
    """A mart that indicators read: the period of one of its rows, and where the period and the area stand."""

    period: Period
    date: str
    area: str = ""
    level: Level = "city"


class Book(Strict):
    """One file of the register: a domain, the marts it reads and its indicators."""

    domain: str = Field(pattern=r"^[a-z][a-z_]*$")
    owner: str
    steward: str = ""
    marts: dict[str, Source]
    indicators: list[Indicator]


@dataclass(frozen=True)
class Mart:
    """What the description beside a mart says: its columns, and the deliveries it is made from."""

    name: str
    domain: str
    columns: frozenset[str]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Register:
    """Every book, and the marts of the project and of the packs that bring books of their own."""

    books: tuple[Book, ...]
    marts: dict[str, Mart] = field(default_factory=dict)

    @property
    def indicators(self) -> list[Indicator]:
        return [indicator for book in self.books for indicator in book.indicators]

    def domains(self) -> list[Book]:
        """One book per domain: what packs say of a domain stands behind what the project says."""
        names = dict.fromkeys(book.domain for book in self.books)
        return [_bound([book for book in self.books if book.domain == name]) for name in names]

    def source(self, indicator: Indicator) -> Source:
        """The mart of an indicator, as its book describes it."""
        return self.book(indicator).marts[indicator.mart]

    def book(self, indicator: Indicator) -> Book:
        """The book in which the indicator stands."""
        return next(book for book in self.books if indicator in book.indicators)


def _bound(books: list[Book]) -> Book:
    """Books of one domain as one; every indicator keeps the owner that its own book names."""
    marts = {name: source for book in books for name, source in book.marts.items()}
    indicators = [i.model_copy(update={"owner": i.owner or book.owner}) for book in books for i in book.indicators]
    return books[0].model_copy(update={"marts": marts, "indicators": indicators})
