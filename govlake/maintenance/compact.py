"""Many small files become few large ones. No row changes, and nobody downstream is told of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from govlake import content, lake, seen
from govlake.maintenance.table import LakeTable

if TYPE_CHECKING:
    from deltalake import DeltaTable

TARGET = 128 << 20  # bytes of a file that is worth a read of its own
SMALL = TARGET // 2


def small_files(table: LakeTable) -> int:
    """How many small files could be put together with another one of their partition."""
    found = lake.delta(table.address)
    return sum(_small_by_partition(found).values()) if found else 0


def compact(table: LakeTable) -> tuple[int, int]:
    """Put small files together; returns how many files went and how many came, 0 and 0 where nothing was to do."""
    content.remember(table.address)  # of a run that was killed after its commit
    found = lake.delta(table.address)
    if found is None or not _small_by_partition(found):
        return 0, 0
    touched = {part[0] for part in _small_by_partition(found)}
    kept = {part: before for part, before in content.parts_of(found, table.address).items() if part in touched}
    report = found.optimize.compact(target_size=TARGET, commit_properties=content.properties(found, kept))
    content.remember(table.address)
    return int(report["numFilesRemoved"]), int(report["numFilesAdded"])


def _small_by_partition(table: DeltaTable) -> dict[tuple[str, ...], int]:
    """Small files per partition, of those that have more than one. The first value is that of the first column."""
    names = [f"partition.{name}" for name in table.metadata().partition_columns]
    files = seen.files_of(table, "size_bytes", *names)
    columns = [files[name] for name in names]
    counts: dict[tuple[str, ...], int] = {}
    for number, size in enumerate(files["size_bytes"]):
        if size < SMALL:
            part = tuple(str(column[number]) for column in columns) or (content.ALL,)
            counts[part] = counts.get(part, 0) + 1
    return {part: count for part, count in counts.items() if count > 1}
