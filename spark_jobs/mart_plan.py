"""Which marts must be built, and which days of them: those whose inputs or SQL changed since their last build.

The state of an input is the set of its data files in the Delta log, so knowing it costs no pass over the data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from govlake import content, lake
from govlake.content import ALL, Fingerprints, digest
from govlake.versions import LAYER, SUFFIX, WITH_SILVER

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

    from govlake.ledger import Ledger


@dataclass(frozen=True)
class Mart:
    """One mart of the project. `reads` are silver tables, at any depth; `views` and `marts` lie on the way to them.

    The project's own steps are parts of the mart's query; a pack may make views of its steps.
    """

    name: str
    domain: str
    code: str
    reads: tuple[str, ...]
    views: tuple[str, ...]
    marts: tuple[str, ...]
    day_column: str = ""
    day_source: str = ""

    @property
    def address(self) -> str:
        return lake.path("gold", self.domain, self.name)

    @property
    def log_keeps(self) -> dict[str, str]:
        """Properties of its table: the log tells which days a file holds, where days are built by themselves."""
        return lake.log_keeps([self.day_column] if self.day_column else [])


@dataclass
class Plan:
    """What a build does. `absent` cannot be built because a table they read does not exist; `days` holds the marts
    of which only some days are built."""

    marts: list[Mart] = field(default_factory=list)
    build: list[Mart] = field(default_factory=list)
    unchanged: list[Mart] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    days: dict[str, list[str]] = field(default_factory=dict)
    state: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def whole(self) -> list[Mart]:
        """Marts of which every row is built."""
        return [mart for mart in self.build if mart.name not in self.days]

    @property
    def day_columns(self) -> dict[str, str]:
        """The column with the day of each row, of marts of which only some days are built."""
        return {mart.name: mart.day_column for mart in self.build if mart.name in self.days}

    @property
    def selection(self) -> list[str]:
        """Marts to build with the views they read."""
        return sorted({name for mart in self.build for name in (mart.name, *mart.views)})


def make_plan(manifest: Manifest, book: Ledger, domains: Sequence[str] | None, force: bool = False) -> Plan:
    """The plan for the marts of `domains` (all where None), from the lake and the ledger as they are now."""
    missing = absent(manifest, readable())
    inputs = {source: content.fingerprints(source_path(source)) for source in _sources(manifest)}
    plan = Plan(marts=marts(manifest, missing), absent=missing)
    for mart in plan.marts:
        if domains is not None and mart.domain not in domains:
            continue
        plan.state[mart.name] = state(mart, inputs)
        last = book.last_build(mart.domain, mart.name)
        known = (last or {}).get("inputs") or {}
        days = None if force else changed_days(mart, known, plan.state[mart.name])
        if days == []:
            plan.unchanged.append(mart)
            continue
        plan.build.append(mart)
        if days is not None:
            plan.days[mart.name] = days
    return plan


def marts(manifest: Manifest, missing: Sequence[str]) -> list[Mart]:
    """Every mart that can be built, parents before children. A list of names that no mart reads is not built."""
    macros = digest(
        macro.macro_sql for key, macro in sorted(manifest.macros.items()) if macro.package_name == _project(manifest)
    )
    found = []
    for node in manifest.nodes.values():
        if node.resource_type == "model" and node.config.materialized == "mart" and node.name not in missing:
            above = _above(manifest, node.unique_id)
            models = [manifest.nodes[key] for key in above if key in manifest.nodes]
            models = [model for model in models if model.name not in missing]
            extra = node.config.extra
            found.append(
                Mart(
                    name=node.name,
                    domain=node.fqn[-2],
                    code=digest([macros, *sorted(m.checksum.checksum for m in (node, *models))]),
                    reads=tuple(sorted(manifest.sources[key].name for key in above if key in manifest.sources)),
                    views=tuple(m.name for m in models if m.config.materialized == "view"),
                    marts=tuple(m.name for m in models if m.config.materialized == "mart"),
                    day_column=str(extra.get("day_column") or ""),
                    day_source=str(extra.get("day_source") or ""),
                )
            )
    wanted = {name for mart in found if mart.reads for name in (mart.name, *mart.marts)}
    return sorted((mart for mart in found if mart.name in wanted), key=lambda mart: (len(mart.marts), mart.name))


def absent(manifest: Manifest, silver: set[tuple[str, str]]) -> list[str]:
    """Tables that silver does not have, and models that cannot be built without them."""
    tables = {f"{domain}__{name}" for domain, name in silver}
    missing = {source.name for source in manifest.sources.values()} - tables
    changed = True
    while changed:
        changed = False
        for node in manifest.nodes.values():
            if node.resource_type != "model" or node.name in missing:
                continue
            if not _can_be_built(manifest, node, missing):
                missing.add(node.name)
                changed = True
    return sorted(missing)


def _can_be_built(manifest: Manifest, node: Any, missing: set[str]) -> bool:
    optional = set((node.config.meta or {}).get("optional") or [])
    parents = [manifest.nodes.get(key) or manifest.sources[key] for key in node.depends_on.nodes]
    if any(parent.name in missing and parent.name not in optional for parent in parents):
        return False
    return not optional or any(name not in missing for name in optional)


def readable() -> set[tuple[str, str]]:
    """What models can read: tables of silver, and the histories of snapshots under their names."""
    return {(domain, f"{name}{suffix}") for layer, suffix in WITH_SILVER for domain, name in lake.find(layer)}


def is_history(source: str) -> bool:
    """Whether a source stands for the versions of a table; a table of silver may be called so as well."""
    domain, name = source.split("__", 1)
    return name.endswith(SUFFIX) and lake.look(lake.path("silver", domain, name)) is None


def source_path(source: str) -> str:
    """Address of the table that a source `<domain>__<table>` or `<domain>__<table>_history` stands for."""
    domain, name = source.split("__", 1)
    if is_history(source):
        return lake.path(LAYER, domain, name.removesuffix(SUFFIX))
    return lake.path("silver", domain, name)


def state(mart: Mart, inputs: Mapping[str, Fingerprints]) -> dict[str, Any]:
    """What the mart is built from, to be compared with the next time."""
    whole = {source: inputs.get(source, {}).get(ALL, "") for source in mart.reads}
    days = {key: value for key, value in inputs.get(mart.day_source, {}).items() if key != ALL}
    by_day = {"day_source": mart.day_source, "days": days}
    return {"code": mart.code, "tables": whole, "gold": lake.identity(mart.address), **by_day}


def changed_days(mart: Mart, known: Mapping[str, Any], now: Mapping[str, Any]) -> list[str] | None:
    """Days to build: none where nothing changed, None where the whole mart must be built."""
    if not known or known.get("code") != now["code"] or not now["gold"] or known.get("gold") != now["gold"]:
        return None
    others = [table for table in mart.reads if table != mart.day_source]
    if any(known["tables"].get(table) != now["tables"][table] for table in others):
        return None
    if known["tables"] == now["tables"]:
        return []
    if not mart.day_column:
        return None
    before, after = known.get("days") or {}, now["days"]
    days = sorted(day for day in {*before, *after} if before.get(day) != after.get(day))
    return days if len(days) * 2 <= len(after) else None


def _sources(manifest: Manifest) -> set[str]:
    return {source.name for source in manifest.sources.values()}


def _above(manifest: Manifest, unique_id: str) -> set[str]:
    """Everything a model is made from, at any depth."""
    above: set[str] = set()
    waiting = [unique_id]
    while waiting:
        node: Any = manifest.nodes.get(waiting.pop())
        for key in node.depends_on.nodes if node else ():
            if key not in above:
                above.add(key)
                waiting.append(key)
    return above


def _project(manifest: Manifest) -> str:
    return str(manifest.metadata.project_name)
