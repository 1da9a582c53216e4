"""The register and the contracts as pages for people: docs/indicators.md and one page per domain.

`govlake indicators docs` writes them; a test keeps them true.
"""

from collections.abc import Sequence
from pathlib import Path

from govlake.contracts import Contract, Pack
from govlake.errors import IndicatorError
from govlake.generated import renew
from govlake.indicators.model import Book, Indicator, Register

BEGIN, END = "<!-- begin: from the register -->", "<!-- end: from the register -->"
TITLES = {
    "transit": "Public transport 公共交通",
    "safety": "Public security 社会治安",
    "services": "Government services 政务服务",
    "health": "Health care 健康医疗",
    "hotline": "Citizens and government 政民互动",
}
USES = {
    "public": "may be published once the disclosure guard has passed it; may be ranked. 可公开，可排名",
    "rankable": "inside government; may be ranked, with its interval. 政府内部，可排名",
    "internal": "inside government; compared with its target, not ranked. 政府内部，不排名",
    "monitor_only": "to watch; no target, no ranking, nothing below a district. 仅供监测，不考核、不排名、不下到街道",
}
NOTE = "<!-- Made from contracts and register by `govlake indicators docs`; a test keeps it true. -->"


def pages(register: Register, pack: Pack, docs: Path) -> dict[Path, str]:
    """Every page by its path below the folder `docs`."""
    found = {docs / "domains" / f"{book.domain}.md": domain_page(register, book, pack) for book in register.books}
    return {docs / "indicators.md": overview(register, docs / "indicators.md"), **found}


def write(register: Register, pack: Pack, docs: Path) -> list[Path]:
    """Write the pages that are not yet as register and contracts say; returns those that changed."""
    return renew({path: text.encode() for path, text in pages(register, pack, docs).items()})


def overview(register: Register, file: Path) -> str:
    """The reference with the list of all indicators put between its two marks."""
    text = file.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise IndicatorError(f"{file} has no place for the list.", f"Put the lines {BEGIN} and {END} into it.")
    head, _, rest = text.partition(BEGIN)
    parts = [
        f"### {TITLES[book.domain]}\n\n{_table(_LIST, [_listed(i) for i in book.indicators])}"
        for book in register.books
    ]
    return f"{head}{BEGIN}\n\n{''.join(f'{part}{chr(10)}' for part in parts)}{END}{rest.partition(END)[2]}"


_LIST = ("id", "name", "名称", "unit", "interval", "use")


def _listed(i: Indicator) -> tuple[str, ...]:
    return (f"`{i.id}`", i.name_en, i.name_zh, i.unit_en, i.interval, i.use_policy)


def domain_page(register: Register, book: Book, pack: Pack) -> str:
    """One domain: what is delivered, what is made of it, what is measured, and who may see what."""
    sections = [
        f"{NOTE}\n# {TITLES[book.domain]}\n",
        f"## What is delivered 交付\n\n{_deliveries(book, pack)}",
        f"## What is made of it 集市\n\n{_marts(register, book)}",
        f"## What is measured 指标\n\n{_measured(book)}",
        f"## What to bear in mind 注意事项\n\n{_caveats(book)}",
        f"## Who may see what 使用范围\n\n{_uses(book, pack)}",
    ]
    return "\n".join(sections)


def _deliveries(book: Book, pack: Pack) -> str:
    rows = [_delivery(contract) for contract in _contracts(book, pack)]
    return _table(("delivery", "数据", "from", "one row per", "every", "pseudonyms"), rows)


def _contracts(book: Book, pack: Pack) -> list[Contract]:
    return sorted((contract for contract in pack.contracts if contract.domain == book.domain), key=lambda c: c.id)


def _delivery(contract: Contract) -> tuple[str, ...]:
    grain = "; ".join(table.grain.rstrip(".").removeprefix("One row per ") for table in contract.tables)
    hidden = [f"`{column.name}`" for table in contract.tables for column in table.columns if column.pseudonymise]
    every = "day" if contract.frequency_days == 1 else f"{contract.frequency_days} days"
    title = f"`{contract.id}` {contract.title_en}"
    return title, contract.title_zh, contract.department_en, grain, every, ", ".join(hidden)


def _marts(register: Register, book: Book) -> str:
    used = {i.mart: 0 for i in book.indicators}
    for indicator in book.indicators:
        used[indicator.mart] += 1
    rows = [
        (f"`{name}`", book.marts[name].period, book.marts[name].level, ", ".join(register.marts[name].sources), str(n))
        for name, n in used.items()
    ]
    return _table(("mart", "period", "area", "from", "indicators"), rows)


def _measured(book: Book) -> str:
    rows = [
        (
            f"`{i.id}`",
            f"{i.name_en} {i.name_zh}",
            f"{i.definition_en} {i.definition_zh}",
            _unit(i),
            _target(i),
            _cells(i),
        )
        for i in book.indicators
    ]
    return _table(("id", "indicator", "definition", "unit", "target", "cells"), rows)


def _unit(i: Indicator) -> str:
    return i.unit_en if i.unit_en == i.unit_zh else f"{i.unit_en} {i.unit_zh}"


def _target(i: Indicator) -> str:
    if i.target is None:
        return ""
    sign, other = ("≥", "<") if i.direction == "up" else ("≤", ">")
    return f"green {sign} {i.target.green:g}, red {other} {i.target.limit:g} ({i.target.kind})"


def _cells(i: Indicator) -> str:
    return "; ".join(f"{period}: {', '.join(levels)}" for period, levels in i.cells.items())


def _caveats(book: Book) -> str:
    return "".join(f"- **{i.name_en} {i.name_zh}.** {i.caveat_en} {i.caveat_zh}\n" for i in book.indicators)


def _uses(book: Book, pack: Pack) -> str:
    rows = [
        (f"`{contract.id}`", str(contract.custom.get("sharingClass", "")), str(contract.custom.get("sharingBasis", "")))
        for contract in _contracts(book, pack)
    ]
    lines = [_table(("delivery", "sharing class", "basis"), rows), "\n"]
    for use, meaning in USES.items():
        names = [f"`{i.id}`" for i in book.indicators if i.use_policy == use]
        lines += [f"- **{use}**: {meaning}: {', '.join(names)}.\n"] if names else []
    return "".join(lines)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |\n" for line in lines)
