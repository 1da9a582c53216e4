"""Days that pass over a lake while a benchmark grows it in minutes: what is kept for so many days gets as much older.

Of a file its date, of a file that a table no longer has the day of its removal, in commits and checkpoints. So that
maintenance finds what it would find in a home that really is as old.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

REMOVED = re.compile(rb'("deletionTimestamp":)(\d+)')  # milliseconds
WHEN = "deletionTimestamp"


def pass_days(lake: Path, days: int) -> None:
    """Make every file of the lake, and every removal that its tables remember, `days` older."""
    past = timedelta(days=days)
    for log in lake.glob("*/*/*/_delta_log"):
        for commit in log.glob("*.json"):
            _rewrite(commit, past)
        for checkpoint in log.glob("*.checkpoint.parquet"):
            _rewrite_checkpoint(checkpoint, past)
    for file in lake.rglob("*"):
        if file.is_file():
            _date_back(file, file.stat(), past)


def _rewrite(commit: Path, past: timedelta) -> None:
    before, stat = commit.read_bytes(), commit.stat()
    gone = round(past.total_seconds() * 1000)
    after = REMOVED.sub(lambda found: found[1] + str(int(found[2]) - gone).encode(), before)
    if after != before:
        commit.write_bytes(after)
        os.utime(commit, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def _rewrite_checkpoint(checkpoint: Path, past: timedelta) -> None:
    import pyarrow.parquet as pq

    table, stat = pq.read_table(checkpoint), checkpoint.stat()
    removed = table["remove"].combine_chunks()
    if removed.null_count == len(removed):
        return
    place = table.schema.get_field_index("remove")
    aged = table.set_column(place, table.schema.field("remove"), _earlier(removed, past))
    pq.write_table(aged, checkpoint, compression="snappy")
    os.utime(checkpoint, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def _earlier(removed: pa.StructArray, past: timedelta) -> pa.StructArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    fields = list(removed.type)
    parts = [
        pc.subtract(removed.field(field.name), round(past.total_seconds() * 1000))
        if field.name == WHEN
        else removed.field(field.name)
        for field in fields
    ]
    return pa.StructArray.from_arrays(parts, fields=fields, mask=removed.is_null())


def _date_back(file: Path, stat: os.stat_result, past: timedelta) -> None:
    gone = round(past.total_seconds() * 10**9)
    os.utime(file, ns=(stat.st_atime_ns - gone, stat.st_mtime_ns - gone))
