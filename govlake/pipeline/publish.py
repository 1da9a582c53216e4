"""Marts, gate 3 and the edition: what follows once silver changed.

A mart that fails, or a gate that holds, stops here: leaders keep the last good edition, and the coordinating unit gets
an incident that the next sound build closes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from govlake import content, editions, engine, lake
from govlake.batch import GateVerdict, Outcome
from govlake.contracts import Pack
from govlake.ledger import ledger
from govlake.pipeline import effects
from govlake.pipeline.steps import room_step
from govlake.settings import settings
from govlake.versions import WITH_SILVER

CURSOR = "edition.gold"  # versions of the marts that the current edition was made from
INPUTS = "edition.inputs"  # what those marts were made from
BUILDING = "edition.building"  # what the marts that are under way are made from
SETTLED = "edition.settled"  # what the marts were made from that were last published, or held
DELIVERED = """
SELECT md5(coalesce(string_agg(batch_id || ' ' || attempts, ',' ORDER BY batch_id), '')) AS delivered
FROM ledger.batches WHERE status = 'done'
"""
CENTRAL = "coordination"  # the coordinating unit, owner of what happens after silver


@dataclass(frozen=True)
class Publication:
    """What publishing did: `edition` is the one now shown, `new` whether this run made it."""

    outcome: Outcome
    edition: int | None = None
    new: bool = False


def marts_and_edition(
    packs: Sequence[Path], force: bool = False, progress: Callable[[str], None] = print
) -> Publication:
    """Build what must be built, judge it, publish it; says `nothing_new` where leaders already see all of it.

    A held delivery changes nothing in silver and therefore makes no edition: what is held, the cockpit reads live.
    """
    state = inputs(packs)
    if not force and _is_shown(state):
        outcome = _nothing_new()
        progress(outcome.line)
        effects.tell(_silver(state), packs)
        return Publication(outcome, _shown())
    outcome = Outcome("done", "")
    for work in (lambda: build(packs, force=force), judge, publish):
        outcome = work()
        progress(outcome.line)
        if outcome.status == "held":
            break
    _settle(state, outcome, packs)
    return Publication(outcome, _shown(), outcome.status == "done")


def inputs(packs: Sequence[Path]) -> dict[str, object]:
    """What the marts are made from: the content version of every table of silver and history, the deliveries that are
    done, the models."""
    silver = {
        f"{domain}.{name}{suffix}": content.version(lake.path(layer, domain, name))
        for layer, suffix in WITH_SILVER
        for domain, name in lake.find(layer)
    }
    folders = [settings().project / "dbt_project", *(pack / "dbt" for pack in packs)]
    files = sorted(
        file
        for folder in folders
        for part in ("models", "macros", "tests", "indicators")
        for file in (folder / part).rglob("*")
    )
    digest = sha256()
    for file in files:
        if file.is_file():
            digest.update(file.read_bytes())
    city = {key: version for key, version in silver.items() if not key.startswith(f"{CENTRAL}.")}
    delivered = ledger().one(DELIVERED)
    return {"silver": city, "models": digest.hexdigest()[:16], **(delivered or {})}


def _silver(state: Any) -> dict[str, Any]:
    """The versions of silver in what was made from it; none where nothing was built yet."""
    return (state or {}).get("silver", {})


def _is_shown(state: dict[str, object]) -> bool:
    return is_published() and ledger().cursor(INPUTS) == state


def _nothing_new() -> Outcome:
    return Outcome("nothing_new", f"marts: silver is as it was when edition {_shown()} was made, nothing new")


def _shown() -> int | None:
    current = ledger().current_edition()
    return current["edition"] if current else None


def publish_step(name: str, pack: Pack) -> Outcome:
    """One step of publication by name: build, gate_3, publish or cockpit.

    What a build finds as it should be but nobody published, because a run was killed in between, goes on its way.
    """
    steps: dict[str, Callable[[], Outcome]] = {
        "build": lambda: build([pack.path]),
        "gate_3": judge,
        "publish": publish,
        "cockpit": lambda: room_step("cockpit")(),
    }
    if name == "build":
        state = inputs([pack.path])
        if _is_shown(state):
            return _nothing_new()
        ledger().set_cursor(BUILDING, state)
    outcome = steps[name]()
    nothing_to_build = name == "build" and outcome.status == "nothing_new"
    if nothing_to_build and not is_published():
        return replace(outcome, status="done")
    # Nothing to build: what came while the run before this one was building is in its edition already.
    if outcome.status == "held" or name == "publish" or nothing_to_build:
        _settle(ledger().cursor(BUILDING), outcome, [pack.path])
    return outcome


def _settle(state: Any, outcome: Outcome, packs: Sequence[Path]) -> None:
    """Remember that what was made from `state` is held or, unless it is, shown; tell what the shown one changed."""
    if outcome.status != "held":
        ledger().set_cursor(INPUTS, state)
        effects.tell(_silver(state), packs)
    ledger().set_cursor(SETTLED, state)


def is_settled(pack: Pack) -> bool:
    """Whether what silver holds was published or held: after a run that was killed it may be neither."""
    return not lake.find("silver") or ledger().cursor(SETTLED) == inputs([pack.path])


def build(packs: Sequence[Path] | None = None, domains: Sequence[str] | None = None, force: bool = False) -> Outcome:
    """dbt builds the marts whose inputs changed; a failed model or test holds publication."""
    with engine.work():
        outcome: Outcome = room_step("marts")(domains, packs, force)
    report: Any = outcome.detail["report"]
    failed = [(model.name, model.message, model.message) for model in report.with_status("failed")]
    failed += [
        (check.name, f"{check.message_en} ({check.failures} rows)", f"{check.message_zh}（{check.failures} 行）")
        for check in report.failed_checks
    ]
    for name, en, zh in failed:
        _open(f"dbt.{name}", f"The mart check {name} failed: {en}", f"数据集市检查 {name} 未通过: {zh}")
    _close("dbt.", keep=[f"dbt.{name}" for name, _, _ in failed])
    return outcome


def judge() -> Outcome:
    """Gate 3 on every mart that is not yet what leaders see."""
    if is_published():
        return Outcome("nothing_new", "gate 3: nothing new to judge")
    with engine.work():
        outcome: Outcome = room_step("gate_3")([f"{domain}.{name}" for domain, name in lake.find("gold")])
    verdict = outcome.detail["verdict"]
    assert isinstance(verdict, GateVerdict)
    causes = [result for result in verdict.failures if result.severity == "hold"]
    for cause in causes:
        _open(f"gate_3.{cause.table}.{cause.rule}", cause.message_en, cause.message_zh)
    _close("gate_3.", keep=[f"gate_3.{cause.table}.{cause.rule}" for cause in causes])
    return outcome


def publish() -> Outcome:
    """Make the marts the edition that leaders see, in one transaction; the same content is no new edition."""
    if is_published():
        return Outcome("nothing_new", "publish: leaders already see everything that is known")
    versions = gold_versions()
    held = [dict(row) for row in ledger().held_datasets()]
    edition = editions.publish([editions.Mart(domain, name) for domain, name in lake.find("gold")], held)
    ledger().set_cursor(CURSOR, versions)
    if edition is None:
        return Outcome("nothing_new", "publish: the marts are what leaders already see")
    return Outcome(
        "done", f"publish: edition {edition.edition} with {len(edition.tables)} marts", detail={"edition": edition}
    )


def gold_versions() -> dict[str, int]:
    """Content version of every mart."""
    return {f"{domain}.{name}": content.version(lake.path("gold", domain, name)) for domain, name in lake.find("gold")}


def is_published() -> bool:
    """Whether the current edition was made from the marts as they are."""
    return ledger().current_edition() is not None and ledger().cursor(CURSOR) == gold_versions()


def _open(rule: str, title_en: str, title_zh: str) -> None:
    ledger().open_incident(
        department=CENTRAL, contract_id=CENTRAL, rule=rule, severity="hold", title_en=title_en, title_zh=title_zh
    )


def _close(prefix: str, keep: Sequence[str]) -> None:
    """Close the coordinating unit's incidents of one kind whose cause is gone."""
    open_rules = [row["rule"] for row in ledger().incidents() if row["contract_id"] == CENTRAL]
    gone = [rule for rule in open_rules if rule.startswith(prefix) and rule not in keep]
    if gone:
        ledger().close_incidents(CENTRAL, None, rules=gone)
