"""Days of the whole city through the real pipeline: what was planted is found, all of it, and nothing else."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from govlake.ledger import Ledger
from govlake.pipeline.run import deliveries, ingest
from govlake.sample import catalogue
from govlake.sample.deliver import answers_of, deliver

pytestmark = [pytest.mark.engine, pytest.mark.postgres]
LAST = date(2026, 9, 1)
DAYS = 3
DOMAINS = sorted({contract.domain for contract in catalogue.datasets()})
FLAGS = """
SELECT batch_id, rule, (b - a)::bigint AS rows FROM ledger_public.gate_results
WHERE gate = 'gate_2' AND severity = 'warn' AND NOT passed AND rule = ANY(%s)
"""


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_was_planted_is_found_and_nothing_else(domain: str, home: Path, engine: str, ledger: Ledger) -> None:
    files = deliver(home, LAST, only=[domain], first=LAST - timedelta(DAYS - 1))
    pack = catalogue.pack()
    ledger.register_pack(pack)
    lines: list[str] = []
    for contract, when in deliveries(pack, None, None, None):
        outcome = ingest(contract, when, progress=lines.append)
        assert outcome.status == "done", outcome.line
    told = {batch(file.dataset, file.day): told_of(home, file.dataset, file.day) for file in files}
    assert len(told) == len(files) >= len(catalogue.datasets([domain]))
    assert accounts(ledger) == {name: account(answer) for name, answer in told.items()}
    assert reasons(ledger) == {name: answer["reasons"] for name, answer in told.items() if answer["reasons"]}
    assert warnings(ledger) == {name: answer["warnings"] for name, answer in told.items() if answer["warnings"]}


def batch(dataset: str, day: date) -> str:
    return f"{dataset}-{day:%Y%m%d}"


def told_of(home: Path, dataset: str, day: date) -> dict[str, Any]:
    return json.loads(answers_of(home, dataset, day).read_text(encoding="utf-8"))


def account(answer: dict[str, Any]) -> dict[str, int]:
    """The account that the answers ask for; which sound rows are new is the lake's business."""
    counts = {name: answer[name] for name in ("quarantined", "duplicate", "superseded")}
    return {"landed": answer["rows"], **counts, "taken": answer["rows"] - sum(counts.values())}


def accounts(ledger: Ledger) -> dict[str, dict[str, int]]:
    rows = ledger.accounts()
    assert rows and all(row["closes"] for row in rows)
    return {
        row["batch_id"]: {
            **{name: row[name] for name in ("landed", "quarantined", "duplicate", "superseded")},
            "taken": row["silver_new"] + row["silver_updated"] + row["unchanged"],
        }
        for row in rows
    }


def reasons(ledger: Ledger) -> dict[str, dict[str, int]]:
    """Rows in quarantine per delivery and rule."""
    return _by_batch((row["batch_id"], row["rule"], row["rows"]) for row in ledger.quarantine())


def warnings(ledger: Ledger) -> dict[str, dict[str, int]]:
    """Rows that were flagged and let pass, per delivery and rule of the contracts."""
    rules = {rule.id for table in catalogue.pack().tables() for rule in table.row_rules if rule.severity == "warn"}
    return _by_batch((row["batch_id"], row["rule"], row["rows"]) for row in ledger.query(FLAGS, [sorted(rules)]))


def _by_batch(found: Iterator[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {}
    for name, rule, rows in found:
        counted.setdefault(name, Counter())[rule] += rows
    return {name: dict(rules) for name, rules in counted.items()}
