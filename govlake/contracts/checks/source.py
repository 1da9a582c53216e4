"""Checks of how a department's system is asked: what would lose rows, leak a secret or never come to an end."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from govlake.connectors.names import has_date
from govlake.contracts.connection import KINDS, Connection
from govlake.contracts.model import Contract, Table
from govlake.contracts.reading import Reading
from govlake.errors import SettingsError
from govlake.settings import settings

PLAIN = {"sql": ("csv",)}  # what a connector itself writes


def check_source(reading: Reading, contract: Contract) -> None:
    """The server's kind against the contract's mode, columns and format."""
    source = contract.source
    module = KINDS[source.kind].module if source.kind in KINDS else ""
    if source.format not in PLAIN.get(module, (source.format,)):
        reading.refuse("servers.format", f"is '{source.format}'", "Leave it out: rows of a database arrive as csv.")
    if module == "sql":
        _check_cursor(reading, contract)
    if module == "rest":
        _check_interface(reading, contract)


def _check_cursor(reading: Reading, contract: Contract) -> None:
    cursor, mode = contract.source.connection.cursor, contract.mode
    if mode == "snapshot" and cursor:
        reading.doubt("servers.cursor", "has no meaning for a snapshot, which reads everything", "Leave it out.")
    if mode == "increment" and not cursor:
        remedy = "Name the column of the last change (cursor), or say that all rows come (delivery: snapshot)."
        reading.doubt("servers.cursor", "is missing: every delivery reads the whole table", remedy)
    for table in contract.tables if cursor else ():
        if not _has(table, cursor):
            remedy = "Right where the database keeps that time itself; `govlake connect test` tells whether it has it."
            reading.doubt("servers.cursor", f"is '{cursor}', no column of {table.name}", remedy)
        if table.occurrence:
            remedy = "Give the rows a key instead: the last rows of a delivery are read again with the next."
            reading.refuse("servers.cursor", f"would count rows of {table.name} twice (occurrence)", remedy)


def _has(table: Table, cursor: str) -> bool:
    return any(cursor in (column.name, *column.delivered) for column in table.delivered_columns)


def _check_interface(reading: Reading, contract: Contract) -> None:
    source, reach = contract.source, contract.source.connection
    if reach.paging != "none" and source.format != "json":
        remedy = "Pages are read from JSON; leave paging out for a file."
        reading.refuse("servers.paging", f"is '{reach.paging}' with format {source.format}", remedy)
    if reach.secret and source.path.startswith("http://") and not _is_loopback(_address(reach)):
        remedy = "Ask the department for https."
        reading.doubt("servers.location", "sends the secret unencrypted (http)", remedy)
    if contract.mode == "increment" and not has_date(source.path):
        remedy = "Name the day in the address, for example ?from={date}&to={next}, or say delivery: snapshot."
        reading.doubt("servers.location", "asks for no day: every delivery holds what the interface shows then", remedy)
    if reach.page_param in urlsplit(source.path).query.split("=") and reach.paging in ("page", "offset", "cursor"):
        reading.refuse("servers.location", f"sets '{reach.page_param}', which paging sets", "Take it out there.")


def _address(reach: Connection) -> str:
    """The machine's address; where the home does not know it, this machine's: nothing is sent anywhere."""
    try:
        return reach.reached(settings().system).host
    except SettingsError:
        return "localhost"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
