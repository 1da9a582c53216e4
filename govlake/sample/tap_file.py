"""The transport department's daily file: taps with their planted defects, as GB18030 CSV under Chinese headers.

How many of each defect there are is counted while it is planted and goes to the answer file, which no code of the
pipeline reads.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from govlake.sample import city
from govlake.sample.taps import CARD_KINDS, DISTRICT_OF_STOP, LINE_OF_STOP, STOPS, TAP_TYPES, Taps, make_taps
from govlake.sample.text import dates, digits, moments, put, words

ENCODING = "gb18030"
PART = 500_000
HEADERS = (
    *("流水号", "刷卡时间", "卡号", "卡类型", "交易类型", "线路", "站点", "设备号", "区划代码"),
    *("应付金额(分)", "实付金额(分)", "清算日期", "上传时间"),
)
# Defects per row of the file, and the rules of the contract that each of them breaks.
SHARES = {
    "null_card": 12e-4,
    "unknown_type": 7e-4,
    "paid_over_due": 9e-4,
    "future_tap": 6e-4,
    "bad_time": 5e-4,
    "unknown_district": 4e-4,
    "duplicate": 16e-4,
    "superseded": 7e-4,
    "late": 50e-4,
    "empty": 3e-4,
    "ragged": 2e-4,
}
RULES = {
    "null_card": ("card_id.required",),
    "unknown_type": ("tap_type.enum",),
    "paid_over_due": ("paid_within_due",),
    "future_tap": ("tapped_before_upload",),
    "bad_time": ("tapped_at.type", "tap_date.required"),
    "unknown_district": ("district_code.enum",),
    "empty": ("row.empty",),
    "ragged": ("row.malformed",),
}
LATE_FIRST, CORRECTABLE_FIRST = 900_000_001, 950_000_001
# Taps that are delivered again the next day with another amount. The same on every day: both days make them.
CORRECTABLE = 10


def write_taps(path: Path, rows: int, day: date, seed: int) -> dict[str, int]:
    """Write a file of exactly `rows` data rows; returns how many of each defect it has. Memory is bounded."""
    answers: Counter[str] = Counter()
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="none", batch_size=65_536)
    with path.open("wb") as file:
        file.write(",".join(HEADERS).encode(ENCODING) + b"\n")
        for table, raw, counts in _parts(rows, day, seed):
            arrow_csv.write_csv(table, file, options)
            file.write(raw)
            answers.update(counts)
    return dict(answers)


def _parts(rows: int, day: date, seed: int) -> Iterator[tuple[pa.Table, bytes, dict[str, int]]]:
    """The file in pieces of bounded size: a table, lines that are no rows of a table, and what was planted."""
    sizes = [min(PART, rows - start) for start in range(0, rows, PART)]
    for part, size in enumerate(sizes):
        counts = {name: round(share * size) for name, share in SHARES.items()}
        counts |= {"correctable": CORRECTABLE, "corrected": CORRECTABLE}
        if part:
            counts |= {"late": 0, "correctable": 0, "corrected": 0}
        appended = ("duplicate", "superseded", "late", "correctable", "corrected", "empty", "ragged")
        base = size - sum(counts[name] for name in appended)
        first = 1 + part * PART
        taps = make_taps(day, base, seed, part, first, pool=max(rows * 2 // 5, 1))
        yield _table(taps, day, seed, part, counts), _raw_lines(counts), counts


def _table(taps: Taps, day: date, seed: int, part: int, counts: dict[str, int]) -> pa.Table:
    rng = np.random.default_rng([seed, day.toordinal(), 2, part])
    spoilt = ("null_card", "unknown_type", "paid_over_due", "future_tap", "bad_time", "unknown_district")
    wanted = sum(counts[name] for name in (*spoilt, "duplicate", "superseded"))
    chosen = rng.choice(len(taps), wanted, replace=False)
    picks = {}
    for name in (*spoilt, "duplicate", "superseded"):
        picks[name], chosen = chosen[: counts[name]], chosen[counts[name] :]
    again = taps.take(picks["superseded"])
    again.uploaded, again.paid = again.uploaded + 600, again.paid // 2
    taps.paid[picks["paid_over_due"]] = taps.due[picks["paid_over_due"]] + 100
    taps.second[picks["future_tap"]] += 3 * 86_400
    table = _columns(taps)
    table = _put(table, "卡号", picks["null_card"], "")
    table = _put(table, "交易类型", picks["unknown_type"], "补登")
    table = _put(table, "刷卡时间", picks["bad_time"], f"{day:%Y}-13-41 25:61:61")
    table = _put(table, "区划代码", picks["unknown_district"], "990199")
    others = [table.take(pa.array(picks["duplicate"])), _columns(again), *_neighbour_days(day, seed, counts)]
    return pa.concat_tables([table, *others])


def _neighbour_days(day: date, seed: int, counts: dict[str, int]) -> list[pa.Table]:
    """Taps of yesterday that arrive late, taps that will be corrected tomorrow, and yesterday's corrected ones."""
    yesterday = day - timedelta(days=1)
    late = make_taps(yesterday, counts["late"], seed, 9001, LATE_FIRST, pool=4000)
    late.uploaded = late.uploaded + 86_400
    today = make_taps(day, counts["correctable"], seed, 9002, CORRECTABLE_FIRST, pool=4000)
    corrected = make_taps(yesterday, counts["corrected"], seed, 9002, CORRECTABLE_FIRST, pool=4000)
    corrected.uploaded, corrected.paid = corrected.uploaded + 86_400, corrected.paid // 2
    return [_columns(taps) for taps in (late, today, corrected)]


def _columns(taps: Taps) -> pa.Table:
    """The taps as the department delivers them."""
    names = [stop for _, stop, _ in STOPS]
    columns = [
        digits(taps.number, 9, f"{taps.day:%Y%m%d}"),
        moments(taps.day, taps.second),
        digits(taps.card, 12, "9900"),
        words(CARD_KINDS, taps.kind, ENCODING),
        words(TAP_TYPES, taps.type, ENCODING),
        words([line.zh for line in city.LINES], LINE_OF_STOP[taps.stop], ENCODING),
        words(names, taps.stop, ENCODING),
        digits(taps.stop * 10 + taps.card % 10, 6, "D"),
        words([district.code for district in city.DISTRICTS], DISTRICT_OF_STOP[taps.stop], ENCODING),
        pa.array(taps.due).cast(pa.utf8()),
        pa.array(taps.paid).cast(pa.utf8()),
        dates(taps.day, taps.settled),
        moments(taps.day, taps.uploaded),
    ]
    return pa.table(columns, names=list(HEADERS))


def _put(table: pa.Table, header: str, picks: np.ndarray, value: str) -> pa.Table:
    at = HEADERS.index(header)
    column = put(table.column(at).combine_chunks(), picks, value, ENCODING)
    return table.set_column(at, header, column)


def _raw_lines(counts: dict[str, int]) -> bytes:
    empty = b"," * (len(HEADERS) - 1) + b"\n"
    ragged = "设备重启,日志中断\n".encode(ENCODING)
    return empty * counts["empty"] + ragged * counts["ragged"]
