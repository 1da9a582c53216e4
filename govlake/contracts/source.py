"""The `servers` section read as a Source: where a delivery is found and how it is written."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from open_data_contract_standard.model import Server

from govlake.contracts.connection import ISO_DATE, KINDS, path_of, read_connection
from govlake.contracts.known import SERVER
from govlake.contracts.model import Source
from govlake.contracts.reading import Reading
from govlake.settings import settings

FORMATS = ("csv", "tsv", "xlsx", "xls", "ods", "json", "jsonl", "xml", "parquet")
# How people write a delimiter that YAML or an editor would not show.
DELIMITERS = {"\\t": "\t", "tab": "\t", "space": " ", "semicolon": ";", "comma": ",", "pipe": "|"}


def read_source(reading: Reading, servers: list[Server] | None) -> Source:
    """The server that counts in this home; the others, other places of the same delivery, are only checked."""
    if not servers:
        reading.refuse("servers", "is empty", "Say where the delivery is found: type, path and format.")
        return Source()
    chosen = _chosen(reading, servers, settings().environments())
    sources = [_read(reading, server) for server in servers]
    return sources[servers.index(chosen)]


def _chosen(reading: Reading, servers: list[Server], wanted: Sequence[str]) -> Server:
    """The first server of the most preferred environment; one that names no environment serves in every one."""
    for environment in wanted:
        for server in servers:
            if (server.environment or environment) == environment:
                return server
    if wanted:
        known = ", ".join(str(server.environment) for server in servers)
        remedy = "Add a server for one of them, or name others in the setting sources (GOVLAKE_SOURCES)."
        reading.refuse("servers", f"are for {known}, none for {', '.join(wanted)}", remedy)
    return servers[0]


def _read(reading: Reading, server: Server) -> Source:
    where = f"servers.{server.server or 0}"
    custom = reading.properties(f"{where}.", server.customProperties, SERVER)
    kind = str(server.type or "local")
    usual = KINDS[kind].format if kind in KINDS else "csv"
    format_name = reading.one_of(f"{where}.format", str(server.format or usual).lower(), FORMATS, usual)
    default = "\t" if format_name == "tsv" else ","
    return Source(
        kind=kind,
        path=_path(reading, where, kind, server, custom),
        deliveries=_deliveries(reading, where, custom),
        format=format_name,
        encodings=_encodings(str(server.encoding or custom.get("encoding") or "utf-8")),
        delimiter=_one_character(reading, where, "delimiter", server.delimiter or custom.get("delimiter"), default),
        quote=_one_character(reading, where, "quote", custom.get("quote"), '"'),
        header_row=int(custom.get("headerRow", 1)),
        skip_rows_matching=_pattern(reading, where, custom),
        member=str(custom.get("member", "")),
        sheet=str(custom.get("sheet", "")),
        record_path=str(custom.get("recordPath", "")),
        unpivot=_unpivot(reading, where, custom),
        connection=read_connection(reading, where, kind, server, custom),
    )


def _path(reading: Reading, where: str, kind: str, server: Server, custom: Mapping[str, Any]) -> str:
    path = path_of(kind, server)
    known = KINDS.get(kind, KINDS["local"])
    if not path and not custom.get("deliveries") and known.module == "local":
        remedy = "Give the file's path, for example {inbox}/taps_{date:%Y%m%d}.csv."
        reading.refuse(f"{where}.path", "is missing", remedy)
    return path


def _deliveries(reading: Reading, where: str, custom: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in custom.get("deliveries") or []:
        day = str(entry["date"])
        if not ISO_DATE.fullmatch(day):
            reading.refuse(f"{where}.deliveries", f"has the date '{day}'", "Write it as 2026-09-01.")
        if day in found:
            reading.refuse(f"{where}.deliveries", f"names {day} twice", "One delivery per date.")
        found[day] = str(entry["path"])
    return found


def _encodings(text: str) -> tuple[str, ...]:
    """Tried in order, strictly. UTF-8 is read with or without its byte order mark."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    return tuple("utf-8-sig" if name.lower() in ("utf-8", "utf8") else name for name in names)


def _one_character(reading: Reading, where: str, name: str, value: object, default: str) -> str:
    """A delimiter or a quote. `auto` lets the reader choose the delimiter; an empty quote means that none is used."""
    if value is None:
        return default
    text = DELIMITERS.get(str(value), str(value))
    if (name == "delimiter" and text == "auto") or (name == "quote" and not text):
        return text
    if len(text) != 1 or not text.isascii():
        reading.refuse(f"{where}.{name}", f"is '{value}'", "It must be one plain character such as ';', or tab.")
        return default
    return text


def _unpivot(reading: Reading, where: str, custom: Mapping[str, Any]) -> dict[str, str]:
    parts = {str(part): str(name) for part, name in (custom.get("unpivot") or {}).items()}
    if parts and not {"names", "values"} <= parts.keys() <= {"names", "values", "rows"}:
        remedy = "Name the columns that it makes: {names: slot, values: boardings}, and rows where lines are counted."
        reading.refuse(f"{where}.unpivot", f"names {', '.join(sorted(parts))}", remedy)
        return {}
    return parts


def _pattern(reading: Reading, where: str, custom: Mapping[str, Any]) -> str:
    pattern = str(custom.get("skipRowsMatching", ""))
    try:
        re.compile(pattern)
    except re.error as error:
        reading.refuse(f"{where}.skipRowsMatching", f"is no regular expression ({error})", "Correct it.")
        return ""
    return pattern
