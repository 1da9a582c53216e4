"""Parquet, every value as text: numbers and times in the form a person would write them."""

from collections.abc import Iterator
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as parquet

from govlake.contracts.model import Source, Table
from govlake.readers.documents import as_text
from govlake.readers.parts import Part
from govlake.readers.refusals import refuse
from govlake.readers.sheet import ROWS, Block, Sheet, Tally, numbers


def sheets(part: Part, table: Table, source: Source) -> Iterator[Sheet]:
    """The one sheet of a parquet file."""
    try:
        with part.open() as stream:
            names = parquet.ParquetFile(_seekable(part, stream)).schema_arrow.names
    except (pa.ArrowInvalid, OSError) as error:
        raise refuse("document", file=part.name, kind="Parquet", why=str(error).split("\n")[0]) from error

    def blocks(tally: Tally, narrow: bool) -> Iterator[Block]:
        position = 1
        with part.open() as stream:
            file = parquet.ParquetFile(_seekable(part, stream))
            for batch in file.iter_batches(ROWS, columns=names[:1] if narrow else names):
                yield Block([_text(column) for column in batch.columns], numbers(position, batch.num_rows))
                position += batch.num_rows

    yield Sheet(part.name, tuple(names), "", blocks)


def _seekable(part: Part, stream: Any) -> Any:
    """Parquet is read from its end; a member of an archive is held in memory for that."""
    return pa.BufferReader(stream.read()) if part.member else stream


def _text(values: pa.Array) -> pa.Array:
    kind = values.type
    if pa.types.is_string(kind):
        return values
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.array([as_text(_plain(value)) for value in values.to_pylist()], pa.string())
    return cast(pa.Array, values.cast(pa.string()))


def _plain(value: Any) -> Any:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value
