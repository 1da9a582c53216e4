"""Which of a batch's good rows are new to silver, change it, repeat it or come too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from govlake.batch import Batch
from govlake.contracts.model import Table
from spark_jobs import parsing

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SEPARATOR = "'\\u001f'"
KEY = ["_key", "_occurrence"]


def classify(
    rows: DataFrame, table: Table, batch: Batch, silver: DataFrame | None = None, latest_order: int = 0
) -> DataFrame:
    """One outcome per row. Order of precedence: rules, the batch's own repeats, what silver already holds.

    `rows` come from `single` or `ranked`. Of several rows with one key the latest wins: by the contract's `orderBy`,
    then by place in the delivery. Between batches the latest `orderBy` wins, then the later delivery. `latest_order`
    is the order of the newest batch in silver: a snapshot older than that changes nothing.
    """
    names = [f"d.`{column.name}`" for column in table.columns] + _meta(table)
    unknown = "superseded" if _is_stale(table, batch, latest_order) else "silver_new"
    if silver is None:
        return rows.alias("d").selectExpr(
            *names,
            f"{_own_outcome(parsing.quote(unknown))} AS _outcome",
            f"{parsing.quote(batch.id)} AS _first_batch_id",
            "true AS _changes",
            *_stamp(batch),
        )
    from pyspark.sql.functions import expr

    same = expr(" AND ".join(f"d.{name} = s.{name}" for name in KEY))
    joined = _known(silver, table).alias("s").join(rows.alias("d"), on=same, how="right")
    return joined.selectExpr(
        *names,
        f"{_own_outcome(_against_silver(table, batch, unknown))} AS _outcome",
        f"coalesce(s._first_batch_id, {parsing.quote(batch.id)}) AS _first_batch_id",
        "s._content_hash IS NULL OR s._content_hash <> d._content_hash AS _changes",
        *_stamp(batch),
    )


def single(judged: DataFrame, table: Table) -> DataFrame:
    """Rows that share their key with no other row of the batch."""
    return _hashed(judged, table).selectExpr("*", "1 AS _occurrence", "1 AS _rank", "_content_hash AS _winner_hash")


def ranked(judged: DataFrame, table: Table) -> DataFrame:
    """Rows that may share their key: of each key the winner has rank 1."""
    return _ranked(_occurrences(_hashed(judged, table), table), table)


def content_hash(table: Table) -> str:
    """Hash of a row's contract columns: equal content is equal on every engine and in every delivery."""
    return f"md5(concat_ws({SEPARATOR}, {', '.join(parsing.canonical(column) for column in table.columns)}))"


def row_key(table: Table) -> str:
    """The business key as one text."""
    keys = [column for column in table.columns if column.name in table.key_columns]
    return f"concat_ws({SEPARATOR}, {', '.join(parsing.canonical(column) for column in keys)})"


def key_hash(table: Table) -> str:
    """A number for the business key; two keys may share one.

    Of one text: given several columns, one of them the same in a whole file, the embedded engine's hash panics.
    """
    return f"xxhash64({row_key(table)})"


def _hashed(judged: DataFrame, table: Table) -> DataFrame:
    return judged.selectExpr(
        "*",
        "size(_reasons) = 0 AS _good",
        f"{row_key(table)} AS _key",
        f"{content_hash(table)} AS _content_hash",
    )


def _occurrences(rows: DataFrame, table: Table) -> DataFrame:
    """Number identical facts where the contract says that each stands for itself."""
    if not table.occurrence:
        return rows.selectExpr("*", "1 AS _occurrence")
    window = "PARTITION BY _good, _key ORDER BY _content_hash, _source_file, _row_number"
    return rows.selectExpr("*", f"CAST(row_number() OVER ({window}) AS int) AS _occurrence")


def latest_first(table: Table) -> str:
    """The order in which rows of one key stand: the first of them wins."""
    latest = f"`{table.order_by}` DESC NULLS LAST, " if table.order_by else ""
    return f"ORDER BY {latest}_source_file DESC, _row_number DESC"


def _ranked(rows: DataFrame, table: Table) -> DataFrame:
    first = f"PARTITION BY _good, _key, _occurrence {latest_first(table)}"
    window = f"{first} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
    return rows.selectExpr(
        "*",
        f"CASE WHEN _good THEN row_number() OVER ({first}) ELSE 1 END AS _rank",
        f"first_value(_content_hash) OVER ({window}) AS _winner_hash",
    )


def _own_outcome(otherwise: str) -> str:
    return (
        "CASE WHEN NOT d._good THEN 'quarantined' "
        "WHEN d._rank > 1 AND d._content_hash = d._winner_hash THEN 'duplicate' "
        f"WHEN d._rank > 1 THEN 'superseded' ELSE {otherwise} END"
    )


def _is_stale(table: Table, batch: Batch, latest_order: int) -> bool:
    return table.mode == "snapshot" and latest_order > batch.order


def _against_silver(table: Table, batch: Batch, unknown: str) -> str:
    """What a winning row is to silver. A row that an earlier attempt of this batch wrote counts as it did then."""
    own = parsing.quote(batch.id)
    newer = f"s._batch_order <= {batch.order}"
    if table.order_by:
        mine, known = f"d.`{table.order_by}`", "s._known_order_by"
        newer = f"CASE WHEN {mine} <> {known} THEN {mine} > {known} ELSE {newer} END"
    return (
        f"CASE WHEN s._key IS NULL THEN '{unknown}' "
        f"WHEN s._batch_id = {own} AND s._first_batch_id = {own} THEN 'silver_new' "
        f"WHEN s._batch_id = {own} THEN 'silver_updated' "
        "WHEN s._content_hash = d._content_hash THEN 'unchanged' "
        f"WHEN {unknown == 'silver_new'} AND {newer} THEN 'silver_updated' ELSE 'superseded' END"
    )


def _known(silver: DataFrame, table: Table) -> DataFrame:
    latest = f"`{table.order_by}`" if table.order_by else "CAST(NULL AS timestamp)"
    return silver.selectExpr(
        f"{row_key(table)} AS _key",
        "_occurrence",
        "_content_hash",
        "_batch_id",
        "_first_batch_id",
        "_batch_order",
        f"{latest} AS _known_order_by",
    )


def _meta(table: Table) -> list[str]:
    bad = [f"d._bad_{column.name}" for column in table.delivered_columns if column.type != "string"]
    return [
        *bad,
        *(f"d._fault_{name}" for name in table.judged_columns),
        "d._is_empty",
        "d._malformed",
        "d._reasons",
        "d._warnings",
        "d._source_file",
        "d._row_number",
        "d._content_hash",
        "d._occurrence",
    ]


def _stamp(batch: Batch) -> list[str]:
    return [f"{parsing.quote(batch.id)} AS _batch_id", f"CAST({batch.order} AS bigint) AS _batch_order"]
