"""What is wrong with the register, in plain sentences."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from govlake.indicators.model import COVERED, LONGER, Indicator, Register, Source

PUBLIC = "public"
WATCHED = ("safety",)  # domains whose numbers are watched and never ranked


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with an indicator, and what to do."""

    indicator: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.indicator}: {self.problem} {self.remedy}"


def check(register: Register) -> list[Finding]:
    """Everything that is wrong; nothing where the register can be used."""
    findings = [*_defined_twice(register), *_described_twice(register)]
    for indicator in register.indicators:
        for problem, remedy in _problems(register, indicator):
            findings.append(Finding(f"{indicator.id} v{indicator.version}", problem, remedy))
    return findings


def _problems(register: Register, indicator: Indicator) -> Iterator[tuple[str, str]]:
    yield from _mart(register, indicator)
    yield from _arithmetic(indicator)
    yield from _use(register, indicator)
    yield from _first_page(register, indicator)
    yield from _life(register, indicator)


def _mart(register: Register, indicator: Indicator) -> Iterator[tuple[str, str]]:
    book = register.book(indicator)
    mart, source = register.marts.get(indicator.mart), book.marts.get(indicator.mart)
    if mart is None:
        yield f"The mart {indicator.mart} does not exist.", "Name a model of dbt_project/models/marts."
        return
    if source is None:
        yield f"The book says nothing of the mart {indicator.mart}.", "Add it under marts: period, date, area, level."
        return
    named = indicator.columns | {source.date} | ({source.area} if source.area else set())
    for column in sorted(named - mart.columns):
        yield f"The mart {indicator.mart} has no column {column}.", "Name a column from the description beside it."
    for period, levels in indicator.cells.items():
        if period not in LONGER[source.period]:
            yield f"A {period} cannot be made of the {source.period}s of {indicator.mart}.", "Take the period away."
        for level in set(levels) - set(COVERED[source.level]):
            yield f"{indicator.mart} knows no {level}.", f"Take {level} out of the cells of each {period}."


def _arithmetic(indicator: Indicator) -> Iterator[tuple[str, str]]:
    if (indicator.kind == "count") != (not indicator.denominator):
        yield f"A {indicator.kind} and its denominator do not go together.", "Only a count has none."
    if (indicator.kind == "share") != (indicator.interval == "wilson"):
        yield "Only a share has a Wilson interval, and each share has one.", "Correct kind or interval."
    if indicator.interval == "byar" and indicator.kind != "rate":
        yield "Byar's interval is for events counted over an exposure.", "Make it a rate, or say interval: none."
    if indicator.less and indicator.kind != "ratio":
        yield "Only a ratio can have another taken off.", "Make it a ratio with interval: none."
    if indicator.denominator and not indicator.minimum_denominator:
        yield "Nothing says how small a denominator may be.", "Give it a minimum_denominator."
    if indicator.population and len(indicator.cells) > 1:
        yield "A population is a stock: it cannot be summed over time.", "Give it cells of one period only."


def _use(register: Register, indicator: Indicator) -> Iterator[tuple[str, str]]:
    domain = register.book(indicator).domain
    if not indicator.id.startswith(f"{domain}."):
        yield f"Its id does not begin with its domain {domain}.", f"Call it {domain}.<name>."
    if domain in WATCHED and indicator.use_policy != "monitor_only":
        yield f"Numbers of {domain} are watched, never ranked.", "Say use_policy: monitor_only."
    if indicator.use_policy == "monitor_only" and indicator.target:
        yield "What is only watched has no target.", "Take the target away."
    if indicator.use_policy == "monitor_only" and any("street" in levels for levels in indicator.cells.values()):
        yield "What is only watched is shown for districts and the city.", "Take street out of its cells."
    if indicator.target and indicator.direction == "none":
        yield "It has a target but no better side.", "Say direction: up or down."
    if indicator.target and not _is_ordered(indicator):
        yield "Red begins on the better side of green.", "Exchange the two thresholds."


def _first_page(register: Register, indicator: Indicator) -> Iterator[tuple[str, str]]:
    """Leaders' first page shows whole-city days of one delivery each, and greys those whose delivery is held."""
    mart = register.marts.get(indicator.mart)
    if not indicator.overview or mart is None:
        return
    if "city" not in indicator.cells.get("day", []) or indicator.less:
        yield "Leaders' first page shows days of the whole city.", "Give it cells {day: [city]}, or take overview away."
    if len(mart.sources) != 1:
        yield "On leaders' first page an indicator is of one delivery.", f"{indicator.mart} is of {len(mart.sources)}."


def _is_ordered(indicator: Indicator) -> bool:
    target = indicator.target
    assert target is not None
    return target.limit <= target.green if indicator.direction == "up" else target.limit >= target.green


def _life(register: Register, indicator: Indicator) -> Iterator[tuple[str, str]]:
    if indicator.effective_to and indicator.effective_to < indicator.effective_from:
        yield "It ends before it begins.", "Correct effective_from or effective_to."
    if indicator.supersedes and indicator.supersedes not in {other.id for other in register.indicators}:
        yield f"It supersedes {indicator.supersedes}, which nobody knows.", "Name an indicator of the register."
    if not re.search(r"[\u4e00-\u9fff]", indicator.name_zh + indicator.definition_zh):
        yield "It has no Chinese name and definition.", "Give it both."


def _defined_twice(register: Register) -> Iterator[Finding]:
    """One indicator, one definition; two indicators, two computations and two names."""
    keys: dict[tuple, list[str]] = defaultdict(list)
    for indicator in register.indicators:
        formula = [indicator.mart, indicator.where, indicator.numerator, indicator.denominator]
        keys["id", indicator.id, indicator.version].append(indicator.id)
        keys["Chinese name", indicator.name_zh, indicator.version].append(indicator.id)
        keys["name", indicator.name_en.lower(), indicator.version].append(indicator.id)
        formula += [indicator.scale, indicator.less]
        if indicator.overview:
            keys["place on the first page", indicator.overview].append(indicator.id)
        keys["computation", *formula, indicator.version].append(indicator.id)
    for (what, *_), ids in keys.items():
        if len(ids) > 1:
            yield Finding(ids[1], f"It has the {what} of {ids[0]}.", "Keep one of the two, or say how they differ.")


def _described_twice(register: Register) -> Iterator[Finding]:
    """Two books of one domain must say the same of a mart that both read."""
    known: dict[str, Source] = {}
    for book in register.books:
        for name, source in book.marts.items():
            if known.setdefault(name, source) != source:
                yield Finding(
                    f"book {book.domain}", f"It describes {name} unlike another book.", "Say the same in both."
                )
