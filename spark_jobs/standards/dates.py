"""Days and times in the ways that departments write them, as SQL timestamps; null where a text cannot be read so.

Readings give local time as written; the zone is the contract's business. A day that does not exist is null, and so
is a time whose half of the day contradicts its hour: nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spark_jobs.standards.text import bind, quote

# What a cast reads by itself, in a third of the time that a pattern takes.
ISO_DAY, ISO_TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
ISO = {"yyyy-MM-dd": f"^{ISO_DAY}$", "yyyy-MM-dd HH:mm:ss": f"^{ISO_DAY} {ISO_TIME}$"}
ROC_YEARS = 1911  # year 1 of the Republic of China is 1912
EXCEL_EPOCH = 25569  # the serial number of 1970-01-01
EXCEL_LEAP = 60  # spreadsheets know a 29 February 1900: the numbers before it are one behind
NUMERALS, DIGITS = "〇○零一二三四五六七八九", "000123456789"
DAY_ENDS, TIME_ENDS = "月日号號", "时時点點分秒"
MORNING, AFTERNOON = "(上午|凌晨|早上|早晨|清晨|AM|A[.]M[.])", "(下午|午后|傍晚|PM|P[.]M[.])"
EVENING, NOON = "(晚上|晚间|夜间)", "中午"
HALVES = "上午|凌晨|早上|早晨|清晨|下午|午后|傍晚|晚上|晚间|夜间|中午|[AP]M|[AP][.]M[.]"


def reading(pattern: str, text: str) -> str:
    """The timestamp that `text` is in the named way of writing, or in a pattern of Java's."""
    if pattern in NAMED:
        return NAMED[pattern](text)
    if pattern in ISO:
        return f"CASE WHEN {text} RLIKE {quote(ISO[pattern])} THEN try_cast({text} AS timestamp) END"
    return f"try_to_timestamp({text}, {quote(pattern)})"


def excel(text: str) -> str:
    """Days of a spreadsheet with the 1900 calendar; 60, the day that never was, is null."""
    days = f"try_cast({text} AS double)"
    shift = f"CASE WHEN {days} < {EXCEL_LEAP} THEN {EXCEL_EPOCH - 1} ELSE {EXCEL_EPOCH} END"
    seconds = f"CAST(round(({days} - {shift}) * 86400) AS bigint)"
    leap = f"({days} >= {EXCEL_LEAP} AND {days} < {EXCEL_LEAP + 1})"
    return f"CASE WHEN {days} BETWEEN 1 AND 2958465 AND NOT {leap} THEN timestamp_seconds({seconds}) END"


def epoch_s(text: str) -> str:
    """Seconds since 1970 in UTC."""
    return f"timestamp_seconds(try_cast({text} AS bigint))"


def epoch_ms(text: str) -> str:
    """Milliseconds since 1970 in UTC."""
    return f"timestamp_millis(try_cast({text} AS bigint))"


def roc(text: str) -> str:
    """A date of the Republic of China calendar: 1030623, 103/6/23, 103年06月23日 with or without time.

    Six digits are a year before 100.
    """
    clock = "(([0-9]{1,2})[時时:]([0-9]{1,2})[分:]?(([0-9]{1,2})秒?)?)?"
    shape = f"'^([0-9]{{2,3}})[年./-]?([0-9]{{1,2}})[月./-]?([0-9]{{1,2}})日? ?{clock}$'"
    compact = "'^([0-9]{2,3})([0-9]{2})([0-9]{2})$'"

    def group(number: int) -> str:
        loose = f"regexp_extract({text}, {shape}, {number})"
        if number > 3:
            return _two(loose)
        return f"CASE WHEN {text} RLIKE {compact} THEN regexp_extract({text}, {compact}, {number}) ELSE {loose} END"

    year = f"CAST(try_cast({group(1)} AS int) + {ROC_YEARS} AS string)"
    return _moment(year, group(2), group(3), group(5), group(6), group(8))


def clock12(text: str) -> str:
    """A day in digits with a clock of twelve or twenty-four hours: 2024/3/1 下午 3:05, 2024-03-01 03:05:00 PM.

    中午 1:05 is 13:05, and 下午 15:05 says the same thing twice. 晚上 12:00 could be either midnight: null.
    """
    clock = f"( *({HALVES}))? *([0-9]{{1,2}})[时時点點:]([0-9]{{1,2}})?[分:]?([0-9]{{1,2}})?秒?( *({HALVES}))?"
    shape = f"^([0-9]{{4}})[年./-]([0-9]{{1,2}})[月./-]([0-9]{{1,2}})[日号號]?({clock})?$"
    whole = f"regexp_replace(upper({text}), '{shape}', '$1|$2|$3|$6$11|$7|$8|$9')"
    year, month, day, half, hour, minute, second = (f"parts[{i}]" for i in range(7))
    moment = _moment(year, month, day, _hour(half, hour), _two(minute), _two(second))
    return bind(f"split({whole}, '[|]')", "parts", f"CASE WHEN size(parts) = 7 THEN {moment} END")


def chinese(text: str) -> str:
    """A day in Chinese numerals, or in digits with 年月日, with or without a clock of twelve or twenty-four hours.

    二〇二四年三月一日, 二零二四年十二月卅一日, 2024年3月1日下午3时05分.
    """
    digits = f"translate(replace(replace({text}, '廿', '二十'), '卅', '三十'), {quote(NUMERALS)}, {quote(DIGITS)})"
    digits = f"replace(replace({digits}, '点半', '点30分'), '整', '')"
    for before in "年月日号號午晨上时時点點分 ":
        digits = f"replace({digits}, '{before}十', '{before}1十')"
    for after in DAY_ENDS + TIME_ENDS:
        digits = f"replace({digits}, '十{after}', '0{after}')"
    plain = f"CASE WHEN {text} RLIKE '[{NUMERALS}十廿卅]' THEN replace({digits}, '十', '') ELSE {text} END"
    return bind(plain, "plain", f"CASE WHEN plain RLIKE '年' THEN {clock12('plain')} END")


def seconds(text: str) -> str:
    """Seconds since the start of the service day, beyond 24:00 where the trip runs past midnight (GTFS)."""
    parts = f"split({text}, ':')"
    return (
        f"CASE WHEN {text} RLIKE '^[0-9]{{1,3}}:[0-5][0-9](:[0-5][0-9])?$' THEN try_cast({parts}[0] AS bigint) * 3600 "
        f"+ try_cast({parts}[1] AS bigint) * 60 + coalesce(try_cast(substring_index({text}, ':', -1) AS bigint) * "
        f"CASE WHEN {text} RLIKE ':.*:' THEN 1 ELSE 0 END, 0) END"
    )


def clock12_seconds(text: str) -> str:
    """Seconds since midnight of a time of day with its half: 下午3:05, 03:05 PM."""
    moment = clock12(f"concat('2000-01-01 ', {text})")
    return f"CAST(unix_seconds({moment}) - 946684800 AS bigint)"


def _hour(half: str, hour: str) -> str:
    """The hour of the day in two digits; '' (no clock) is midnight, null where half and hour contradict each other."""
    h = f"try_cast({hour} AS int)"
    early, late = f"{half} RLIKE '^{MORNING}$'", f"{half} RLIKE '^{AFTERNOON}$'"
    return (
        f"CASE WHEN {hour} = '' THEN '00' WHEN {half} = '' THEN lpad({hour}, 2, '0') "
        f"WHEN {early} AND {h} <= 12 THEN lpad(CAST({h} % 12 AS string), 2, '0') "
        f"WHEN {late} AND {h} BETWEEN 1 AND 12 THEN CAST({h} % 12 + 12 AS string) "
        f"WHEN {late} AND {h} BETWEEN 13 AND 23 THEN CAST({h} AS string) "
        f"WHEN {half} RLIKE '^{EVENING}$' AND {h} BETWEEN 5 AND 11 THEN CAST({h} + 12 AS string) "
        f"WHEN {half} RLIKE '^{EVENING}$' AND {h} BETWEEN 17 AND 23 THEN CAST({h} AS string) "
        f"WHEN {half} = '{NOON}' AND {h} BETWEEN 11 AND 13 THEN CAST({h} AS string) "
        f"WHEN {half} = '{NOON}' AND {h} BETWEEN 1 AND 2 THEN CAST({h} + 12 AS string) END"
    )


def _two(digits: str) -> str:
    return f"lpad(CASE WHEN {digits} = '' THEN '0' ELSE {digits} END, 2, '0')"


def _moment(year: str, month: str, day: str, hour: str, minute: str, second: str) -> str:
    date = f"concat({year}, '-', lpad({month}, 2, '0'), '-', lpad({day}, 2, '0'))"
    return f"try_cast(concat({date}, ' ', {hour}, ':', {minute}, ':', {second}) AS timestamp)"


NAMED: Mapping[str, Callable[[str], str]] = {
    "roc": roc,
    "excel": excel,
    "epoch_s": epoch_s,
    "epoch_ms": epoch_ms,
    "chinese": chinese,
    "clock12": clock12,
}
