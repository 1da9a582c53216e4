"""Days that pass over a lake while a benchmark grows it in minutes: what is kept for so many days gets as much older.

Of a file its date, of a file that a table no longer has the day of its removal, in commits and checkpoints. So that
maintenance finds what it would find in a home that really is as old.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

DAY_MS = 86_400_000
REMOVED = re.compile(rb'("deletionTimestamp":)(\d+)')  # milliseconds
WHEN = "deletionTimestamp"


def pass_days(lake: Path, days: int) -> None:
    """Make every file of the lake, and every removal that its tables remember, `days` older."""
    gone = days * DAY_MS
    for file in lake.rglob("*"):
        if file.is_file():
            stat = file.stat()
            if file.parent.name == "_delta_log":
                _age_entry(file, gone)
            os.utime(file, ns=(stat.st_atime_ns - gone * 10**6, stat.st_mtime_ns - gone * 10**6))


def _age_entry(entry: Path, gone: int) -> None:
    """Removals in a table's log, `gone` milliseconds earlier."""
    if entry.name.endswith(".checkpoint.parquet"):
        _age_checkpoint(entry, gone)
    elif entry.suffix == ".json":
        said = entry.read_bytes()
        entry.write_bytes(REMOVED.sub(lambda found: found[1] + str(int(found[2]) - gone).encode(), said))


def _age_checkpoint(checkpoint: Path, gone: int) -> None:
    import pyarrow.parquet as pq

    table = pq.read_table(checkpoint)
    place = table.schema.get_field_index("remove")
    removed = _earlier(table["remove"].combine_chunks(), gone)
    pq.write_table(table.set_column(place, table.schema.field("remove"), removed), checkpoint, compression="snappy")


def _earlier(removed: pa.StructArray, gone: int) -> pa.StructArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    fields = list(removed.type)
    parts = [removed.field(field.name) for field in fields]
    place = removed.type.get_field_index(WHEN)
    parts[place] = pc.subtract(parts[place], gone)
    return pa.StructArray.from_arrays(parts, fields=fields, mask=removed.is_null())
