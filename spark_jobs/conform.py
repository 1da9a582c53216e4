"""Bronze to staging: type, conform, judge and classify every row of a batch, written once.

Staging is what silver, quarantine, the row account and gate 2 all read, so they cannot disagree. Its `_outcome` is
silver_new, silver_updated, unchanged, duplicate, superseded or quarantined; every row has exactly one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from govlake import lake
from govlake.batch import Batch, Outcome
from govlake.contracts.model import Rule, Table
from govlake.settings import settings
from spark_jobs import history, parsing, repeats
from spark_jobs.classify import classify, ranked, single
from spark_jobs.standards import columns as standards
from spark_jobs.standards.functions import written_out

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

OUTCOMES = ("silver_new", "silver_updated", "unchanged", "duplicate", "superseded", "quarantined")
NONE = "CAST(array() AS array<string>)"
ORIGIN = ("_source_file", "_row_number", "_malformed")


def run(batch: Batch) -> Outcome:
    """Stage every table of the batch; the counts per outcome are those of the rows really staged."""
    counts: dict[str, dict[str, int]] = {}
    for table in batch.contract.tables:
        staged = lake.table_path("staging", table, batch.id)
        lake.overwrite(stage(batch, table), staged)
        repeats.forget(batch, table)
        found = lake.counts(staged, "_outcome")
        counts[table.key] = {outcome: found.get(outcome, 0) for outcome in OUTCOMES}
    total = {outcome: sum(table[outcome] for table in counts.values()) for outcome in OUTCOMES}
    shown = ", ".join(f"{number:,} {outcome.removeprefix('silver_')}" for outcome, number in total.items() if number)
    return Outcome("done", f"conform {batch.id}: {shown or 'no rows'}", detail={"counts": counts})


def stage(batch: Batch, table: Table) -> DataFrame:
    """Every row of the batch with its outcome: those without a second look, then those that need one.

    Where there is little, every row gets one: finding the few would cost more than looking at all.
    """
    bronze = lake.read(lake.table_path("bronze", table)).where(f"_batch_id = {parsing.quote(batch.id)}")
    newest = _newest(table)
    rows = values(bronze, table)
    if repeats.is_little(batch, table):
        reach = repeats.in_reach(table, rows)
        if reach.rows <= repeats.LITTLE:
            return classify(ranked(judge(rows, table), table), table, batch, reach.silver, newest)
    second = repeats.find(batch, table, rows)
    if not second.repeating and not second.meeting:
        return classify(single(judge(rows, table), table), table, batch, None, newest)
    marked = second.mark(bronze)
    plain, met, twice = (
        judge(values(marked.where(condition), table), table)
        for condition in ("_repeats IS NULL", "NOT _repeats", "_repeats")
    )
    doubtful = ranked(twice, table)
    if second.meeting:
        doubtful = doubtful.union(single(met, table))
    looked = classify(doubtful, table, batch, second.silver, newest)
    return classify(single(plain, table), table, batch, None, newest).union(looked)


def _newest(table: Table) -> int:
    """An order below which a snapshot comes late: a newer one is known to the history, whatever it changed."""
    address = lake.table_path("silver", table)
    if table.mode != "snapshot" or lake.look(address) is None:
        return 0
    newest = lake.read(address).selectExpr("max(_batch_order)").first()
    return max(history.newest(table), int(newest[0] or 0) if newest else 0)


def values(bronze: DataFrame, table: Table) -> DataFrame:
    """Rows of bronze with typed, conformed and derived columns."""
    places = standards.places(typed(cleaned(bronze, table), table), table)
    return standards.dated(derive(places, table), table)


def cleaned(bronze: DataFrame, table: Table) -> DataFrame:
    """Delivered text without padding, null values and delivered codes; personal identifiers become keyed hashes."""
    delivered = table.delivered_columns
    texts = [f"{parsing.clean(column)} AS `{column.name}`" for column in delivered]
    frame = standards.conformed(bronze.selectExpr(*texts, *ORIGIN), table)
    empty = f"coalesce({', '.join(f'`{column.name}`' for column in delivered)}, _malformed) IS NULL"
    key = bytes.fromhex(settings().pseudonym_key()) if any(column.pseudonymise for column in delivered) else b""
    texts = [
        f"{parsing.keyed_hash(f'`{column.name}`', key)} AS `{column.name}`"
        if column.pseudonymise
        else f"`{column.name}`"
        for column in delivered
    ]
    return frame.selectExpr(*texts, *standards.faults(table), *ORIGIN, f"{empty} AS _is_empty")


def typed(texts: DataFrame, table: Table) -> DataFrame:
    """Each column in the contract's type, with `_bad_<column>` where the text could not be read as it."""
    readable = [column for column in table.delivered_columns if column.type != "string"]
    values = [f"{parsing.typed(column)} AS `{column.name}`" for column in table.delivered_columns]
    given = [f"`{column.name}` IS NOT NULL AS _given_{column.name}" for column in readable]
    kept = [*standards.faults(table), *ORIGIN, "_is_empty"]
    frame = texts.selectExpr(*values, *given, *kept)
    bad = [f"_given_{column.name} AND `{column.name}` IS NULL AS _bad_{column.name}" for column in readable]
    names = [f"`{column.name}`" for column in table.delivered_columns]
    return frame.selectExpr(*names, *bad, *kept)


def derive(values: DataFrame, table: Table) -> DataFrame:
    """Columns that the contract computes from others, in the order it lists them."""
    for column in table.columns:
        if column.expression:
            kind = parsing.silver_type(column)
            values = values.selectExpr("*", f"CAST({written_out(column.expression)} AS {kind}) AS `{column.name}`")
    return values


def judge(values: DataFrame, table: Table) -> DataFrame:
    """Every row with the ids of the rules it breaks: `_reasons` keep it out of silver, `_warnings` do not.

    A malformed or empty row carries that one reason: what else would fail follows from it.
    """
    reasons = _failed(
        [rule for rule in table.row_rules if rule.severity != "warn" and rule.kind not in ("malformed", "empty")]
    )
    warnings = _failed([rule for rule in table.row_rules if rule.severity == "warn"])
    broken = "WHEN _malformed IS NOT NULL THEN array('row.malformed') WHEN _is_empty THEN array('row.empty')"
    whole = "_malformed IS NULL AND NOT _is_empty"
    return values.selectExpr(
        "*",
        f"CASE {broken} ELSE {reasons} END AS _reasons",
        f"CASE WHEN {whole} THEN {warnings} ELSE {NONE} END AS _warnings",
    )


def _failed(rules: list[Rule]) -> str:
    if not rules:
        return NONE
    tests = ", ".join(f"CASE WHEN NOT ({rule.expression}) THEN {parsing.quote(rule.id)} END" for rule in rules)
    passed = " AND ".join(f"coalesce({rule.expression}, true)" for rule in rules)
    # The list of names is made for the few rows that need one: it costs more than all the tests.
    return f"CASE WHEN {passed} THEN {NONE} ELSE filter(array({tests}), failed -> failed IS NOT NULL) END"
