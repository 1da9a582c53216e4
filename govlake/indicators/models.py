"""From the register come models of dbt: the sums that the cells are made of, and the register as tables.

`govlake indicators build` writes them; a test keeps them true to the register.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from govlake.generated import renew
from govlake.indicators.model import Book, Indicator, Register

NOTE = "{#- Made from dbt_project/indicators by `govlake indicators build`; a test keeps it true. -#}\n"
CELL = "(indicator_id, version, n, d, less_n, less_d)"
REGISTER = (
    *("indicator_id", "version", "position", "indicator_zh", "indicator_en", "domain", "cockpit_area", "kind"),
    *("definition_zh", "definition_en", "numerator", "denominator"),
    *("scale", "is_scaled_by_days", "unit_zh", "unit_en", "decimals"),
    *("direction", "interval_method", "minimum_denominator", "minimum_coverage", "population"),
    *("target_kind", "target_green", "target_red"),
    *("use_policy", "is_rankable", "caveat_zh", "caveat_en", "standards", "owner"),
    *("effective_from", "effective_to", "supersedes", "overview_position"),
)


def generated(register: Register, root: Path) -> dict[Path, str]:
    """Every file that follows from the register, by its path below the dbt project `root`."""
    city = root / "models" / "intermediate" / "city"
    files = {city / f"int_city__{book.domain}_cells.sql": cells(book) for book in register.domains()}
    files[city / "int_city__cells.sql"] = every_cell(register)
    files[city / "int_city__kpi_lattice.sql"] = lattice(register)
    files[city / "int_city__kpi_sources.sql"] = sources(register)
    files[root / "models" / "marts" / "city" / "dim_kpi.sql"] = registered(register)
    return files


def write(register: Register, root: Path) -> list[Path]:
    """Write what is not yet as the register says; returns the files that changed."""
    return renew({path: text.encode() for path, text in generated(register, root).items()})


def every_cell(register: Register) -> str:
    """The sums of all domains, one below the other."""
    names = [f"int_city__{book.domain}_cells" for book in register.domains()]
    optional = "".join(f"    '{name}',\n" for name in names)
    return f"{NOTE}{{%- set domains = [\n{optional}] -%}}\n{EVERY_CELL}"


def cells(book: Book) -> str:
    """The sums of one domain's indicators, in the grain of the marts they come from."""
    marts = [mart for mart in book.marts if any(i.mart == mart for i in book.indicators)]
    blocks = []
    for place, mart in enumerate(marts):
        before = " or ".join(f"available('{name}')" for name in marts[:place])
        union = f"        {{{{ 'union all' if {before} }}}}\n" if before else ""
        body = _sums(book, mart, [i for i in book.indicators if i.mart == mart])
        blocks.append(f"    {{% if available('{mart}') -%}}\n{union}{body}    {{%- endif %}}\n")
    optional = ", ".join(f"'{mart}'" for mart in marts)
    head = f"{{{{ config(meta={{'optional': [{optional}]}}) }}}}\n\n"
    return f"{NOTE}{head}with cells as (\n{''.join(blocks)})\n\nselect * from cells\n"


EVERY_CELL = """{{ config(meta={'optional': domains}) }}

with cells as (
    {% for name in domains if available(name) -%}
        {{ 'union all' if not loop.first }}
        select * from {{ ref(name) }}
    {% endfor %}
)

select * from cells
"""


def _sums(book: Book, mart: str, indicators: Sequence[Indicator]) -> str:
    source = book.marts[mart]
    area = source.area or "cast(null as string)"
    sums, stacked = [], []
    for number, indicator in enumerate(indicators, 1):
        parts = [indicator.numerator, indicator.denominator]
        parts += [indicator.less.numerator, indicator.less.denominator] if indicator.less else ["", ""]
        names = [f"{name}_{number}" for name in ("n", "d", "less_n", "less_d")]
        sums += [f"{_sum(part, indicator.where)} as {name}" for part, name in zip(parts, names, strict=True) if part]
        shown = [name if part else "cast(null as double)" for part, name in zip(parts, names, strict=True)]
        stacked.append(", ".join([f"'{indicator.id}'", str(indicator.version), *shown]))
    group = ", ".join(name for name in (source.date, source.area) if name)
    lines = [
        "select",
        "    date,",
        "    area_code,",
        "    stack(",
        f"        {len(indicators)},",
        *_listed(stacked, "        "),
        f"    ) as {CELL}",
        "from (",
        "    select",
        f"        {source.date} as date,",
        f"        {area} as area_code,",
        *_listed(sums, "        "),
        f"    from {{{{ ref('{mart}') }}}}",
        f"    group by {group}",
        ") as sums",
    ]
    return "".join(f"        {line}\n" for line in lines)


def _sum(part: str, where: str) -> str:
    inner = f"case when {where} then {part} end" if where else part
    return f"cast(sum({inner}) as double)"


def _listed(entries: Sequence[str], indent: str) -> list[str]:
    return [f"{indent}{entry}{',' if entry is not entries[-1] else ''}" for entry in entries]


def lattice(register: Register) -> str:
    """Which cells an indicator has. One row per indicator, version, period and level."""
    rows = [
        (indicator.id, indicator.version, register.source(indicator).period, period, level)
        for indicator in register.indicators
        for period, levels in indicator.cells.items()
        for level in levels
    ]
    return _table(rows, "lattice", ("indicator_id", "version", "grain", "period", "level"))


def sources(register: Register) -> str:
    """The deliveries behind an indicator. One row per indicator and dataset."""
    rows = [
        (indicator.id, dataset)
        for indicator in register.indicators
        for dataset in register.marts[indicator.mart].sources
    ]
    return _table(sorted(set(rows)), "sources", ("indicator_id", "dataset"))


def registered(register: Register) -> str:
    """The register itself. One row per indicator and version."""
    rows = [_row(register, indicator, place) for place, indicator in enumerate(register.indicators, 1)]
    return _table(rows, "indicators", REGISTER)


def _row(register: Register, i: Indicator, place: int) -> tuple[Any, ...]:
    book = register.book(i)
    target = i.target
    return (
        *(i.id, i.version, place, i.name_zh, i.name_en, book.domain, i.cockpit_area, i.kind),
        *(i.definition_zh, i.definition_en, f"{i.mart}: {i.numerator}", i.denominator),
        *(1.0 if i.scale == "days" else float(i.scale), i.scale == "days", i.unit_zh, i.unit_en, i.decimals),
        *(i.direction, i.interval, float(i.minimum_denominator), i.minimum_coverage, i.population),
        *((target.kind, target.green, target.limit) if target else ("", None, None)),
        *(i.use_policy, i.is_rankable, i.caveat_zh, i.caveat_en, "; ".join(i.standards), i.owner or book.owner),
        *(i.effective_from, i.effective_to, i.supersedes, i.overview),
    )


def _table(rows: Iterable[Sequence[Any]], name: str, columns: Sequence[str]) -> str:
    """A list of values as a model. One list per line: it is read as a table."""
    listed = [
        f"    ({', '.join(_literal(value, column) for value, column in zip(r, columns, strict=True))})" for r in rows
    ]
    body = ",\n".join(listed)
    return (
        f"{NOTE}select *\nfrom\n    values\n{body}\n        as {name} (\n            {', '.join(columns)}\n        )\n"
    )


def _literal(value: Any, column: str) -> str:
    if column in ("effective_from", "effective_to"):
        return f"date'{value}'" if value else "cast(null as date)"
    if value is None:
        return "cast(null as double)"
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, float):
        return f"cast({value:g} as double)"
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
