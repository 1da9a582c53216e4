"""How a department's system is reached, read from a contract's server: one table of kinds, no password anywhere."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from open_data_contract_standard.model import Server

from govlake.contracts.reading import Reading

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
SECRET = re.compile(r"[a-z][a-z0-9_]*")
HOST_KEY = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")
NAMED = re.compile(r"\{([a-z][a-z0-9_]*)\}")  # an address or a key that the home knows
NAMED_HOST = re.compile(r"^([a-z0-9]+://)(\{[a-z][a-z0-9_]*\})(?=/)")
OVERLAP = re.compile(r"(\d+)\s*([smhd]?)")
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
# How the pages of an interface follow each other: none (one reply), page and offset (a counted parameter), cursor (a
# token from the reply), next (an address from the reply), link (an address from the Link header).
PAGING = ("none", "page", "offset", "cursor", "next", "link")
TLS = ("disable", "prefer", "require", "verify-ca", "verify-full")


@dataclass(frozen=True)
class Kind:
    """One kind of system: the module that reads it, what a contract must say of it and may say."""

    module: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    scheme: tuple[str, ...] = ()  # how its location begins
    port: int = 0
    format: str = "csv"  # of what it delivers where the contract names none


_PATIENCE = ("timeout", "deadline")
_SQL = Kind("sql", ("host", "database", "user", "secret"), ("cursor", "overlap", "since", "tls", *_PATIENCE), port=5432)
_PAGES = ("paging", "pageParam", "firstPage", "sizeParam", "pageSize", "nextPath", "totalPath")
KINDS: dict[str, Kind] = {
    "local": Kind("local"),
    "file": Kind("local"),
    "postgresql": _SQL,
    "postgres": _SQL,
    "mysql": Kind("sql", _SQL.needs, _SQL.takes, port=3306),
    "sftp": Kind("sftp", ("location", "user", "secret", "hostKey"), _PATIENCE, ("sftp",), 22),
    "api": Kind(
        "rest", ("location",), ("user", "secret", "authHeader", "since", *_PAGES, *_PATIENCE), ("https", "http"),
        format="json",
    ),
    "s3": Kind("objects", ("location", "user", "secret"), _PATIENCE, ("s3",)),
}  # fmt: skip
# What only some kinds act on, so that its meaning elsewhere is doubted.
PROPERTIES = tuple(
    dict.fromkeys(name for kind in KINDS.values() for name in (*kind.needs, *kind.takes) if name != "location")
)
REMEDIES = {
    "host": "Give the machine's name or address.",
    "database": "Give the name of the database.",
    "location": "Give its address, for example {}://files.example.gov/out/taps_{{date:%Y%m%d}}.csv.",
    "user": "Name the account that reads (property user); it needs no right to write.",
    "secret": "Name the secret that holds the password (property secret) and put its value into the settings.",
    "hostKey": "Pin the server's key (property hostKey), as `ssh-keyscan HOST | ssh-keygen -lf -` shows it: SHA256:...",
}


@dataclass(frozen=True)
class Connection:
    """How a department's system is reached. `secret` is the name of a secret in the settings, never the secret.

    `host` and `host_key` may be names in braces, for which the home knows the address (`reached`).
    """

    host: str = ""
    port: int = 0
    database: str = ""
    schema: str = ""
    endpoint: str = ""  # of an S3 server that is not Amazon's
    region: str = ""
    user: str = ""
    secret: str = ""
    host_key: str = ""  # SHA256 fingerprint of an SFTP server
    tls: str = "prefer"
    auth_header: str = ""  # the header that carries the secret, where it is not Authorization
    cursor: str = ""  # the column by which new and changed rows are known
    overlap: int = 0  # seconds (or steps of a whole number) that are read again
    since: str = ""  # the first logical date, ISO
    paging: str = "none"
    page_param: str = ""
    first_page: int = 1
    size_param: str = ""
    page_size: int = 0
    next_path: str = ""
    total_path: str = ""
    timeout_s: int = 30  # without a sign of life
    deadline_s: int = 3600  # for one delivery in all

    def reached(self, known: Callable[[str], str]) -> "Connection":
        """With the names in braces replaced by what `known` says they are: host:port, or a key."""
        key = NAMED.fullmatch(self.host_key)
        found = replace(self, host_key=known(key.group(1)).rstrip("=")) if key else self
        named = NAMED.fullmatch(self.host)
        if not named:
            return found
        address = known(named.group(1))
        host, _, port = address.rpartition(":")
        return replace(found, host=host, port=int(port)) if port.isdigit() else replace(found, host=address)


def read_connection(reading: Reading, where: str, kind: str, server: Server, custom: Mapping[str, Any]) -> Connection:
    """The server's address and everything said about how to ask it; what is missing or senseless is refused."""
    known = KINDS.get(kind, KINDS["local"])
    if kind in KINDS:
        _check_given(reading, where, kind, known, server, custom)
    address = _address(reading, where, kind, known, str(server.location or ""))
    paging = reading.one_of(f"{where}.paging", str(custom.get("paging", "none")), PAGING, "none")
    if paging in ("cursor", "next") and not custom.get("nextPath"):
        reading.refuse(f"{where}.nextPath", "is missing", f"Paging by {paging} needs the place of the next one.")
    return Connection(
        host=str(server.host or _named(server) or address.hostname or ""),
        port=_port(reading, where, server, address) or known.port,
        database=str(server.database or ""),
        schema=str(server.schema_ or ""),
        endpoint=str(server.endpointUrl or ""),
        region=str(server.region or server.regionName or ""),
        user=str(custom.get("user", "")),
        secret=_secret(reading, where, custom),
        host_key=_host_key(reading, where, custom),
        tls=reading.one_of(f"{where}.tls", str(custom.get("tls", "prefer")), TLS, "prefer"),
        auth_header=str(custom.get("authHeader", "")),
        cursor=str(custom.get("cursor", "")),
        overlap=_overlap(reading, where, custom),
        since=_since(reading, where, custom),
        paging=paging,
        page_param=str(custom.get("pageParam", paging)),
        first_page=int(custom.get("firstPage", 0 if paging == "offset" else 1)),
        size_param=str(custom.get("sizeParam", "limit")),
        page_size=int(custom.get("pageSize", 0)),
        next_path=str(custom.get("nextPath", "")),
        total_path=str(custom.get("totalPath", "")),
        timeout_s=int(custom.get("timeout", 30)) or 30,
        deadline_s=int(custom.get("deadline", 3600)) or 3600,
    )


def path_of(kind: str, server: Server) -> str:
    """The path of the delivery at its server: of an interface the whole address, of a database none."""
    known = KINDS.get(kind)
    if known is None or known.module == "local":
        return str(server.path or server.location or "")
    location = str(server.location or "")
    if known.module == "rest" or not location:
        return location
    # Not urlsplit: a question mark is a wildcard here.
    path = location.partition("://")[2].partition("/")[2]
    if known.module == "objects":
        return path
    return path.removeprefix("~/") if path.startswith("~/") else f"/{path}"


def _check_given(
    reading: Reading, where: str, kind: str, known: Kind, server: Server, custom: Mapping[str, Any]
) -> None:
    for name in known.needs:
        if not (getattr(server, name, None) or custom.get(name)):
            scheme = known.scheme[0] if known.scheme else kind
            reading.refuse(f"{where}.{name}", f"is missing for {kind}", REMEDIES[name].format(scheme))
    for name in PROPERTIES:
        if name in custom and name not in (*known.needs, *known.takes):
            reading.doubt(f"{where}.{name}", f"has no meaning for {kind}", "Leave it out.")


def _address(reading: Reading, where: str, kind: str, known: Kind, location: str) -> Any:
    """The parts of a location. A password in it is refused, and never repeated."""
    address = urlsplit(NAMED_HOST.sub(r"\1named", location).partition("{")[0])
    if address.password is not None or "@" in address.netloc:
        remedy = "Take it out; name the account as property user and the secret as property secret."
        reading.refuse(f"{where}.location", "holds an account or a password", remedy)
    elif location and known.scheme and (address.scheme not in known.scheme or not address.netloc):
        begins = " or ".join(f"{scheme}://" for scheme in known.scheme)
        reading.refuse(f"{where}.location", f"is '{location}'", f"For {kind} it begins with {begins} and a name.")
    return address


def _named(server: Server) -> str:
    """The name in braces that stands for the machine in a location."""
    found = NAMED_HOST.match(str(server.location or ""))
    return found.group(2) if found else ""


def _port(reading: Reading, where: str, server: Server, address: Any) -> int:
    try:
        return int(server.port or address.port or 0)
    except ValueError:
        reading.refuse(f"{where}.port", "is no number", "Give a port between 1 and 65535.")
        return 0


def _secret(reading: Reading, where: str, custom: Mapping[str, Any]) -> str:
    name = str(custom.get("secret", ""))
    if name and not SECRET.fullmatch(name):
        remedy = (
            "Give a name such as water_db, and its value as GOVLAKE_SECRET_WATER_DB. If this was a password, change it."
        )
        reading.refuse(f"{where}.secret", "is not the name of a secret", remedy)
        return ""
    return name


def _host_key(reading: Reading, where: str, custom: Mapping[str, Any]) -> str:
    key = str(custom.get("hostKey", ""))
    if key and not (HOST_KEY.fullmatch(key) or NAMED.fullmatch(key)):
        reading.refuse(f"{where}.hostKey", f"is '{key}'", REMEDIES["hostKey"])
    return key.rstrip("=")


def _overlap(reading: Reading, where: str, custom: Mapping[str, Any]) -> int:
    text = str(custom.get("overlap", "0"))
    found = OVERLAP.fullmatch(text)
    if not found:
        reading.refuse(f"{where}.overlap", f"is '{text}'", "Write a number and s, m, h or d, for example 2h.")
        return 0
    return int(found.group(1)) * SECONDS[found.group(2)]


def _since(reading: Reading, where: str, custom: Mapping[str, Any]) -> str:
    text = str(custom.get("since", ""))
    if text and not ISO_DATE.fullmatch(text):
        reading.refuse(f"{where}.since", f"is '{text}'", "Write it as 2026-09-01.")
        return ""
    return text
