"""Delivered text to typed values, as SQL that every engine accepts.

Nothing here fails on a bad value: it becomes null and is reported by the column's `type` rule. The three stages are
*clean* (outer white space, null values, code table), *typed* and, for personal identifiers, *keyed hash*.
"""

from __future__ import annotations

import re

from govlake.contracts.formats import NAMED, ZONED
from govlake.contracts.model import Column
from spark_jobs.standards import dates
from spark_jobs.standards.text import half_width, half_width_number, null_where, quote, trimmed

SILVER_TYPES = {
    "string": "string",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "time": "bigint",
}
TRUE = ("true", "t", "yes", "y", "1", "是")
FALSE = ("false", "f", "no", "n", "0", "否")
DATE_FORMATS = ("yyyy-M-d", "yyyy/M/d", "yyyyMMdd", "yyyy年M月d日", "yyyy.M.d")
TIME_PARTS = (" H:mm:ss", " H:mm")


def silver_type(column: Column) -> str:
    """The column's type in silver: exact decimals where the contract states a scale."""
    if column.type == "number" and column.decimals is not None:
        return f"decimal(28,{column.decimals})"
    return SILVER_TYPES[column.type]


def clean(column: Column) -> str:
    """The delivered text without outer white space; null values are null, codes are conformed."""
    text = trimmed(f"`{column.name}`")
    if column.type != "string":
        text = half_width_number(text)
    elif column.fold_width:
        text = half_width(text)
    cases = f"WHEN {null_where(text, column.null_values)} THEN NULL "
    if column.sentinels:
        cases += f"WHEN {_is_sentinel(column, text)} THEN NULL "
    cases += "".join(f"WHEN {text} = {quote(old)} THEN {quote(new)} " for old, new in column.codes.items())
    return f"CASE {cases}ELSE {text} END"


def _is_sentinel(column: Column, text: str) -> str:
    """Whether the text, however it is written, is a day or a number that stands for nothing."""
    if column.type in ("date", "timestamp"):
        day = f"CAST({_first(_readings(column, text))} AS date)"
        return f"{day} IN ({', '.join(f'DATE {quote(value)}' for value in column.sentinels)})"
    if column.type in ("integer", "number"):
        number = f"try_cast(replace({text}, ',', '') AS double)"
        return f"{number} IN ({', '.join(f'{value}D' for value in column.sentinels)})"
    return null_where(text, column.sentinels)


def typed(column: Column) -> str:
    """The cleaned text (a column of the same name) as the contract's type; null where it cannot be read so."""
    text = f"`{column.name}`"
    if column.type == "string":
        return text
    if column.type == "integer":
        plain = f"replace({text}, ',', '')"
        whole = f"CASE WHEN {plain} RLIKE '^[+-]?[0-9]+[.]0*$' THEN try_cast(split({plain}, '[.]')[0] AS bigint) END"
        strict = f"CASE WHEN {plain} RLIKE '^[+-]?[0-9]+$' THEN try_cast({plain} AS bigint) END"
        return f"coalesce({strict}, {whole})"
    if column.type == "number":
        return f"try_cast(replace({text}, ',', '') AS {silver_type(column)})"
    if column.type == "boolean":
        true, false = (", ".join(quote(word) for word in words) for words in (TRUE, FALSE))
        return f"CASE WHEN lower({text}) IN ({true}) THEN true WHEN lower({text}) IN ({false}) THEN false END"
    if column.type == "time":
        halves = [dates.clock12_seconds(text)] if "clock12" in column.formats else []
        return _first([dates.seconds(text), *halves])
    return _moment(column, text)


def _moment(column: Column, text: str) -> str:
    """A date, or a timestamp in UTC. A value that carries its own zone keeps it; others are local time."""
    patterns = column.formats or default_formats(column.type)
    readings = zip(patterns, _readings(column, text), strict=True)
    moment = _first([_in_utc(pattern, reading, column) for pattern, reading in readings])
    return f"CAST({moment} AS date)" if column.type == "date" else moment


def _readings(column: Column, text: str) -> list[str]:
    """The text as a timestamp, in each of the ways of writing that are agreed."""
    return [dates.reading(pattern, text) for pattern in column.formats or default_formats(column.type)]


def _first(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"coalesce({', '.join(values)})"


def _in_utc(pattern: str, moment: str, column: Column) -> str:
    """The moment in UTC: as read where the pattern says the zone, else as local time of the contract's zone."""
    unquoted = re.sub("'[^']*'", "", pattern)
    says_zone = pattern in ZONED or (pattern not in NAMED and re.search("[XxZzVO]", unquoted))
    if column.type == "date" or says_zone or column.timezone in ("", "UTC"):
        return moment
    return f"to_utc_timestamp({moment}, {quote(column.timezone)})"


def default_formats(kind: str) -> tuple[str, ...]:
    """What is tried where the contract names no format: the common ways to write a day, with or without time."""
    if kind == "date":
        return ("yyyy-MM-dd", *DATE_FORMATS, *(day + part for day in DATE_FORMATS[:2] for part in TIME_PARTS))
    days = [day + part for day in DATE_FORMATS[:2] for part in (*TIME_PARTS, "")]
    return ("yyyy-MM-dd HH:mm:ss", *days, "yyyy-MM-dd'T'HH:mm:ss")


def keyed_hash(text: str, key: bytes) -> str:
    """HMAC-SHA256 (RFC 2104) of `text` as hexadecimal digits, built from sha2 alone."""
    block = key.ljust(64, b"\0")
    inner = bytes(byte ^ 0x36 for byte in block).hex()
    outer = bytes(byte ^ 0x5C for byte in block).hex()
    digest = f"sha2(concat(unhex('{inner}'), encode({text}, 'utf-8')), 256)"
    return f"sha2(concat(unhex('{outer}'), unhex({digest})), 256)"


def canonical(column: Column) -> str:
    """The silver value as text that is the same on every engine; null has a mark of its own."""
    name = f"`{column.name}`"
    if column.type == "number" and column.decimals is None:
        # In billionths: engines write a decimal that is nothing, or nearly so, in different ways.
        name = f"CAST({name} * 1e9D AS decimal(38,0))"
    if column.type == "timestamp":
        name = f"unix_micros({name})"  # a number is written as text in a quarter of the time
    if column.type == "date":
        name = f"datediff({name}, DATE '1970-01-01')"
    return f"coalesce(CAST({name} AS string), '\\\\N')"
