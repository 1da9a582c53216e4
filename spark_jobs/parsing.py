"""Delivered text to typed values, as SQL that every engine accepts.

Nothing here fails on a bad value: it becomes null and is reported by the column's `type` rule. The three stages are
*clean* (outer white space, null values, code table), *typed* and, for personal identifiers, *keyed hash*.
"""

from __future__ import annotations

import re

from govlake.contracts.model import Column

BLANKS = " \t\n\r\f\u3000\u00a0\u200b\ufeff"
FULL_WIDTH = "０１２３４５６７８９：／－．，＋"
HALF_WIDTH = "0123456789:/-.,+"
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
# What a cast reads by itself, in a third of the time that a pattern takes.
ISO_DAY, ISO_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
ISO = {"yyyy-MM-dd": f"^{ISO_DAY}$", "yyyy-MM-dd HH:mm:ss": f"^{ISO_DAY} {ISO_TIME}$"}
NAMED_FORMATS = ("roc", "excel", "epoch_s", "epoch_ms", "hms_seconds")


def quote(text: str) -> str:
    """A SQL string literal."""
    for plain, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return f"'{text}'"


def silver_type(column: Column) -> str:
    """The column's type in silver: exact decimals where the contract states a scale."""
    if column.type == "number" and column.decimals is not None:
        return f"decimal(28,{column.decimals})"
    return SILVER_TYPES[column.type]


def clean(column: Column) -> str:
    """The delivered text without outer white space; null values are null, codes are conformed."""
    text = f"btrim(`{column.name}`, {quote(BLANKS)})"
    if column.type != "string":
        text = f"translate({text}, {quote(FULL_WIDTH)}, {quote(HALF_WIDTH)})"
    nulls = ", ".join(quote(value) for value in column.null_values)
    cases = f"WHEN {text} IN ({nulls}) THEN NULL "
    cases += "".join(f"WHEN {text} = {quote(old)} THEN {quote(new)} " for old, new in column.codes.items())
    return f"CASE {cases}ELSE {text} END"


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
        return _seconds(text)
    return _moment(column, text)


def _moment(column: Column, text: str) -> str:
    """A date, or a timestamp in UTC. A value that carries its own zone keeps it; others are local time."""
    patterns = column.formats or default_formats(column.type)
    readings = [_in_utc(pattern, _reading(pattern, text), column) for pattern in patterns]
    moment = readings[0] if len(readings) == 1 else f"coalesce({', '.join(readings)})"
    return f"CAST({moment} AS date)" if column.type == "date" else moment


def _in_utc(pattern: str, moment: str, column: Column) -> str:
    """The moment in UTC: as read where the pattern says the zone, else as local time of the contract's zone."""
    unquoted = re.sub("'[^']*'", "", pattern)
    says_zone = pattern in ("epoch_s", "epoch_ms") or (pattern not in NAMED_FORMATS and re.search("[XxZzVO]", unquoted))
    if column.type == "date" or says_zone or column.timezone in ("", "UTC"):
        return moment
    return f"to_utc_timestamp({moment}, {quote(column.timezone)})"


def default_formats(kind: str) -> tuple[str, ...]:
    """What is tried where the contract names no format: the common ways to write a day, with or without time."""
    if kind == "date":
        return ("yyyy-MM-dd", *DATE_FORMATS, *(day + part for day in DATE_FORMATS[:2] for part in TIME_PARTS))
    days = [day + part for day in DATE_FORMATS[:2] for part in (*TIME_PARTS, "")]
    return ("yyyy-MM-dd HH:mm:ss", *days, "yyyy-MM-dd'T'HH:mm:ss")


def _reading(pattern: str, text: str) -> str:
    if pattern == "roc":
        return _roc(text)
    if pattern == "excel":
        days = f"try_cast({text} AS double)"
        seconds = f"CAST(round(({days} - 25569) * 86400) AS bigint)"
        return f"CASE WHEN {days} BETWEEN 1 AND 2958465 THEN timestamp_seconds({seconds}) END"
    if pattern in ISO:
        return f"CASE WHEN {text} RLIKE {quote(ISO[pattern])} THEN try_cast({text} AS timestamp) END"
    if pattern == "epoch_s":
        return f"timestamp_seconds(try_cast({text} AS bigint))"
    if pattern == "epoch_ms":
        return f"timestamp_millis(try_cast({text} AS bigint))"
    return f"try_to_timestamp({text}, {quote(pattern)})"


def _roc(text: str) -> str:
    """A date of the Republic of China calendar (year 1 = 1912): 1030623, 103/6/23, 103年06月23日 with or without time.

    Six digits are a year before 100. A day that does not exist is null.
    """
    clock = "(([0-9]{1,2})[時时:]([0-9]{1,2})[分:]?(([0-9]{1,2})秒?)?)?"
    shape = f"'^([0-9]{{2,3}})[年./-]?([0-9]{{1,2}})[月./-]?([0-9]{{1,2}})日? ?{clock}$'"
    compact = "'^([0-9]{2,3})([0-9]{2})([0-9]{2})$'"

    def group(number: int) -> str:
        loose = f"regexp_extract({text}, {shape}, {number})"
        if number > 3:
            return f"lpad(CASE WHEN {loose} = '' THEN '0' ELSE {loose} END, 2, '0')"
        return f"CASE WHEN {text} RLIKE {compact} THEN regexp_extract({text}, {compact}, {number}) ELSE {loose} END"

    year = f"CAST(try_cast({group(1)} AS int) + 1911 AS string)"
    day = f"concat({year}, '-', lpad({group(2)}, 2, '0'), '-', lpad({group(3)}, 2, '0'))"
    return f"try_cast(concat({day}, ' ', {group(5)}, ':', {group(6)}, ':', {group(8)}) AS timestamp)"


def _seconds(text: str) -> str:
    """Seconds since the start of the service day, beyond 24:00 where the trip runs past midnight (GTFS)."""
    parts = f"split({text}, ':')"
    return (
        f"CASE WHEN {text} RLIKE '^[0-9]{{1,3}}:[0-5][0-9](:[0-5][0-9])?$' THEN try_cast({parts}[0] AS bigint) * 3600 "
        f"+ try_cast({parts}[1] AS bigint) * 60 + coalesce(try_cast(substring_index({text}, ':', -1) AS bigint) * "
        f"CASE WHEN {text} RLIKE ':.*:' THEN 1 ELSE 0 END, 0) END"
    )


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
        name = f"CAST({name} AS decimal(28,9))"
    if column.type == "timestamp":
        name = f"unix_micros({name})"  # a number is written as text in a quarter of the time
    if column.type == "date":
        name = f"datediff({name}, DATE '1970-01-01')"
    return f"coalesce(CAST({name} AS string), '\\\\N')"
