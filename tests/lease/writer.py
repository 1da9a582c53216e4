"""A writer in a process of its own that does what it reads, line by line, and answers each line with one of JSON."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from govlake import lake, lease
from govlake.errors import GovlakeError

SCHEMA = pa.schema([("reading_id", pa.int64()), ("_batch_id", pa.string())])


def address() -> str:
    """The table that everybody writes."""
    return lake.path("bronze", "water", "reading")


def reader(batch: str, rows: int, flag: str = "") -> pa.RecordBatchReader:
    """Rows of a batch; with `flag`, says `<flag>.started` when asked for them and waits for `<flag>.go`."""

    def parts() -> Iterator[pa.RecordBatch]:
        if flag:
            Path(f"{flag}.started").touch()
            while not Path(f"{flag}.go").exists():
                time.sleep(0.02)
        yield pa.record_batch([pa.array(range(rows), pa.int64()), pa.array([batch] * rows)], schema=SCHEMA)

    return pa.RecordBatchReader.from_batches(SCHEMA, parts())


def write(batch: str, rows: int, flag: str = "") -> dict[str, Any]:
    """Replace a batch straight from the reader."""
    return {"rows": lake.replace_batch(address(), reader(batch, rows, flag), batch)}


def engine(batch: str, rows: int, flag: str = "") -> dict[str, Any]:
    """Replace a batch through the engine; with `flag`, the engine's work waits half-way."""
    from govlake.engine import session

    def wait(frames: Iterator[Any]) -> Iterator[Any]:
        import pathlib
        import time

        for frame in frames:
            if flag:
                pathlib.Path(f"{flag}.started").touch()
                while not pathlib.Path(f"{flag}.go").exists():
                    time.sleep(0.02)
            yield frame

    schema = "reading_id bigint, _batch_id string"
    frame = session().createDataFrame([(number, batch) for number in range(rows)], schema).mapInPandas(wait, schema)
    lake.replace_where(frame, address(), f"_batch_id = '{batch}'", ["_batch_id"])
    return {"rows": lake.rows(address(), ("_batch_id", batch))}


def hold() -> dict[str, Any]:
    """Wait for the lease."""
    return {"token": lease.hold("a test").token}


def close() -> dict[str, Any]:
    """Take part no longer."""
    lease.close()
    return {}


COMMANDS = {"write": write, "engine": engine, "hold": hold, "close": close}


def main() -> None:
    """Answer every line `[command, argument, ...]` until there are no more."""
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            answer = COMMANDS[name](*arguments)
        except GovlakeError as error:
            answer = {"refused": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
