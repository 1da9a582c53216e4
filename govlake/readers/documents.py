"""JSON, JSON lines and XML: records whose fields become columns.

Nested objects become columns with dotted names (`properties.name`), unless the contract names the object
itself; lists stay JSON text. Numbers keep the digits they were written with. A column of the contract whose
delivered name starts with `$.` is taken from the document around the records (`$.updated_at`).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, cast
from xml.etree import ElementTree

import pyarrow as pa

from govlake.contracts.model import Source, Table
from govlake.readers.encoding import encoding_of, text_stream
from govlake.readers.layout import known_names
from govlake.readers.parts import Part
from govlake.readers.refusals import refuse
from govlake.readers.sheet import ROWS, Block, Sheet, Tally

LARGEST = 512 << 20  # bytes of one JSON document, which is held in memory
Events = Iterable[tuple[str, ElementTree.Element]]
Record = Mapping[str, str | None] | str  # a string is a line that is no record


class Written(float):
    """A number that remembers how it was written."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __new__(cls, text: str) -> "Written":
        return super().__new__(cls, text)


load = partial(json.loads, parse_float=Written, parse_constant=str)


def as_text(value: Any) -> str | None:
    """A JSON value as the text of a cell."""
    if value is None or isinstance(value, str):
        return value
    return value.text if isinstance(value, Written) else json.dumps(value, ensure_ascii=False, default=str)


def sheets(part: Part, table: Table, source: Source) -> Iterator[Sheet]:
    """The records of one document as one sheet. Its names are all fields that occur in any record."""
    known = known_names(table)
    if source.format == "xml":
        encoding = _declared_encoding(part) or encoding_of(part, source.encodings, known)
    else:
        encoding = encoding_of(part, source.encodings, known)
    if source.format == "json":
        if part.size > LARGEST:
            raise refuse("too_large", file=part.name, kind="JSON", megabytes=part.size >> 20)
        held = list(_json(part, encoding, source, set(known)))
        records = partial(iter, held)
    else:
        reader = _xml if source.format == "xml" else _json_lines
        records = partial(reader, part, encoding, source, set(known))
    names: dict[str, None] = {}
    for record in records():
        if not isinstance(record, str):
            names.update(dict.fromkeys(record))

    def blocks(tally: Tally, narrow: bool) -> Iterator[Block]:
        return _blocks(records(), list(names)[:1] if narrow else list(names))

    yield Sheet(part.name, tuple(names) or known, encoding, blocks)


def _blocks(records: Iterable[Record], names: list[str]) -> Iterator[Block]:
    rows: list[Mapping[str, str | None]] = []
    kept: list[int] = []
    malformed: list[tuple[int, str]] = []

    def block() -> Block:
        columns = [pa.array([row.get(name) for row in rows], pa.string()) for name in names]
        return Block(columns, pa.array(kept, pa.int64()), malformed)

    for number, record in enumerate(records, 1):
        if isinstance(record, str):
            malformed.append((number, record))
        else:
            rows.append(record)
            kept.append(number)
        if len(kept) + len(malformed) >= ROWS:
            yield block()
            rows, kept, malformed = [], [], []
    if kept or malformed:
        yield block()


def _json(part: Part, encoding: str, source: Source, known: set[str]) -> Iterator[Record]:
    with text_stream(part, encoding) as stream:
        try:
            document = load(stream.read())
        except json.JSONDecodeError as error:
            why = f"{error.msg.lower()} in line {error.lineno}, column {error.colno}"
            raise refuse("document", file=part.name, kind="JSON", why=why) from error
        except RecursionError as error:
            raise refuse("document", file=part.name, kind="JSON", why="it is nested too deeply") from error
    records = _descend(part, document, source.record_path)
    around = {name: as_text(_walk(document, name[2:])) for name in known if name.startswith("$.")}
    for record in records:
        yield {**_flatten(record, known), **around}


def _walk(document: Any, path: str) -> Any:
    for step in [step for step in path.removeprefix("$").split(".") if step]:
        if isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict) and step in document:
            document = document[step]
        else:
            return None
    return document


def _descend(part: Part, document: Any, path: str) -> list[dict[str, Any]]:
    """The records at `path`: a list of objects, a list of lists below a header, an object of objects, one object."""
    found = _walk(document, path)
    if found is None and document is not None:
        raise refuse("no_records", file=part.name, where=path or "$")
    if isinstance(found, dict):
        values = list(found.values())
        if not values or not all(isinstance(value, dict) for value in values):
            return [found] if path or values else []
        return [{"@key": key, **value} for key, value in found.items()]
    if not isinstance(found, list) or not all(isinstance(entry, dict | list) for entry in found):
        raise refuse("no_records", file=part.name, where=path or "$")
    if found and all(isinstance(entry, list) for entry in found):
        names = [str(name) for name in found[0]]
        return [dict(zip(names, row, strict=False)) for row in found[1:]]
    if not all(isinstance(entry, dict) for entry in found):
        raise refuse("no_records", file=part.name, where=path or "$")
    return found


def _flatten(record: Mapping[str, Any], known: set[str], prefix: str = "") -> dict[str, str | None]:
    flat: dict[str, str | None] = {}
    for key, value in record.items():
        name = prefix + str(key)
        if isinstance(value, dict) and value and name not in known:
            flat.update(_flatten(value, known, f"{name}."))
        else:
            flat[name] = as_text(value)
    return flat


def _json_lines(part: Part, encoding: str, source: Source, known: set[str]) -> Iterator[Record]:
    with text_stream(part, encoding) as stream:
        for line in stream:
            if not line.strip():
                continue
            try:
                value = load(line)
            except (ValueError, RecursionError):
                value = None
            value = _walk(value, source.record_path)
            yield _flatten(value, known) if isinstance(value, dict) else line.rstrip("\r\n")


def _declared_encoding(part: Part) -> str:
    """The encoding an XML declaration names; such a file says itself what the contract would."""
    found = re.match(rb"[\xef\xbb\xbf\s]*<\?xml[^>]*encoding=[\"']([\w.-]+)[\"']", part.head(512))
    declared = found.group(1).decode().lower() if found else ""
    return encoding_of(part, (declared,), ()) if declared else ""


def _xml(part: Part, encoding: str, source: Source, known: set[str]) -> Iterator[Record]:
    """One record per element whose name (or the end of whose path) is `record_path`."""
    wanted = [step for step in source.record_path.split(".") if step]
    parser = ElementTree.XMLPullParser(("start", "end"))
    above: list[ElementTree.Element] = []
    records = 0
    try:
        with text_stream(part, encoding) as stream:
            while text := stream.read(1 << 18):
                parser.feed(text)
                for event, element in cast(Events, parser.read_events()):
                    if event == "start":
                        above.append(element)
                    elif _is_record(above, wanted):
                        records += 1
                        yield _fields(above.pop())
                        if above:
                            above[-1].remove(element)
                    else:
                        above.pop()
        parser.close()
    except ElementTree.ParseError as error:
        raise refuse("document", file=part.name, kind="XML", why=str(error)) from error
    if not records and wanted:
        raise refuse("no_records", file=part.name, where=source.record_path)


def _is_record(above: list[ElementTree.Element], wanted: list[str]) -> bool:
    """Whether the innermost open element is a record: by its path, or as a child of the root."""
    if not wanted:
        return len(above) == 2
    return [_local(element.tag) for element in above[-len(wanted) :]] == wanted


def _fields(element: ElementTree.Element, prefix: str = "") -> dict[str, str | None]:
    """Attributes and children of an element; children that repeat become a JSON list."""
    values: dict[str, list[str | None]] = {}
    for name, value in element.attrib.items():
        values.setdefault(prefix + _local(name), []).append(value)
    for child in element:
        name = prefix + _local(child.tag)
        if len(child) or child.attrib:
            for inner, value in _fields(child, f"{name}.").items():
                values.setdefault(inner, []).append(value)
        if (child.text and child.text.strip()) or not (len(child) or child.attrib):
            values.setdefault(name, []).append(child.text or "")
    return {
        name: found[0] if len(found) == 1 else json.dumps(found, ensure_ascii=False) for name, found in values.items()
    }


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
