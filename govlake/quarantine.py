"""Quarantined rows as they were delivered, each with the sentences that say why it was kept out."""

from typing import Any

from govlake import lake
from govlake.errors import LedgerError
from govlake.ledger import Row, ledger

WHOLE = "held"  # the reason of every row of a delivery that is held as a whole


def rows_as_delivered(
    dataset: str, batch_id: str | None = None, rule: str | None = None, limit: int = 20
) -> list[dict[str, Any]]:
    """Rows in quarantine, newest delivery first, at most `limit`.

    One entry per row: dataset, batch_id, source_file, row_number, reasons (rule, message_en, message_zh), row.
    Rows of a delivery that is held as a whole are read from bronze, where they stayed.
    """
    causes = _causes(dataset, batch_id, rule)
    if batch_id is not None and ledger().batch(batch_id) is None:
        raise LedgerError(f"The ledger knows no batch {batch_id}.", "See `govlake quarantine list`.")
    found: list[dict[str, Any]] = []
    for (key, batch), rules in causes.items():
        if len(found) < limit:
            found += _rows(key, batch, rules, rule, limit - len(found))
    return found


def _causes(dataset: str, batch_id: str | None, rule: str | None) -> dict[tuple[str, str], dict[str, Row]]:
    """Per table and batch: its causes by rule, where `rule` is among them."""
    keys = ledger().datasets_called(dataset)
    causes: dict[tuple[str, str], dict[str, Row]] = {}
    for row in ledger().quarantine(batch_id=batch_id):
        if row["dataset"] in keys:
            causes.setdefault((row["dataset"], row["batch_id"]), {})[row["rule"]] = row
    return {place: rules for place, rules in causes.items() if rule is None or rule in rules}


def _rows(key: str, batch_id: str, rules: dict[str, Row], rule: str | None, limit: int) -> list[dict[str, Any]]:
    import pyarrow.compute as pc

    domain, _, name = key.partition(".")
    whole = WHOLE in rules
    source = lake.delta(lake.path("bronze" if whole else "quarantine", domain, name))
    if source is None:
        return []
    dataset: Any = source.to_pyarrow_dataset()
    rows: list[dict[str, Any]] = []
    for batch in dataset.to_batches(filter=pc.field("_batch_id") == batch_id, batch_size=4096):
        for row in batch.to_pylist():
            reasons = [WHOLE] if whole else list(row.pop("_reasons", None) or [])
            if rule is None or rule in reasons:
                rows.append(_entry(key, row, [_reason(rules, reason) for reason in reasons]))
            if len(rows) == limit:
                return rows
    return rows


def _entry(key: str, row: dict[str, Any], reasons: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "dataset": key,
        "batch_id": row["_batch_id"],
        "source_file": row.get("_source_file"),
        "row_number": row.get("_row_number"),
        "reasons": reasons,
        "row": _delivered(row),
    }


def _delivered(row: dict[str, Any]) -> dict[str, Any]:
    """What the department sent: the agreed columns, those it added, or the raw text that could not be split."""
    shown = {name: value for name, value in row.items() if not name.startswith("_")}
    extra = {name: row[name] for name in ("_extra", "_malformed") if row.get(name) not in (None, "", "{}")}
    return shown | extra


def _reason(rules: dict[str, Row], rule: str) -> dict[str, str]:
    known = rules.get(rule, {"message_en": "", "message_zh": ""})
    return {"rule": rule, "message_en": known["message_en"], "message_zh": known["message_zh"]}
