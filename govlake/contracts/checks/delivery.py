"""Checks of a delivery: where it is found, how it is written, when it is due, who delivers it."""

import codecs
import re
from datetime import date
from zoneinfo import available_timezones

from govlake.connectors.names import DIRECTIVE, DIRECTIVES
from govlake.contracts.checks.source import check_source
from govlake.contracts.connection import KINDS, NAMED_HOST
from govlake.contracts.model import Contract
from govlake.contracts.reading import Reading
from govlake.settings import settings

FIELD = re.compile(r"\{([^}]*)\}")
WORKBOOKS = ("xlsx", "xls", "ods")
DOCUMENTS = ("json", "jsonl", "xml")


def check_delivery(reading: Reading, contract: Contract) -> None:
    """The contract's source, calendar and names."""
    _check_paths(reading, contract)
    check_source(reading, contract)
    _check_layout(reading, contract)
    _check_matrix(reading, contract)
    _check_calendar(reading, contract)
    _check_names(reading, contract)


def _check_paths(reading: Reading, contract: Contract) -> None:
    source = contract.source
    if source.kind not in KINDS:
        problem = f"is '{source.kind}', for which there is no connector"
        reading.doubt("servers.type", problem, f"Use {', '.join(KINDS)}, or deliver with `govlake land`.")
    at_home = source.kind not in KINDS or KINDS[source.kind].module == "local"
    for path in (source.path, *source.deliveries.values()):
        _check_path(reading, path, tuple(settings().roots()) if at_home else ())


def _check_path(reading: Reading, path: str, roots: tuple[str, ...]) -> None:
    """Named folders come first and are known; date fields hold directives that the connector knows."""
    for field in FIELD.finditer(path):
        name = field.group(1)
        if re.fullmatch(r"(date|next)(:.*)?", name):
            unknown = [code for code in DIRECTIVE.findall(name) if code not in DIRECTIVES]
            if unknown or (":" in name and "%" not in name):
                remedy = f"Use {', '.join(DIRECTIVES)}, for example {{date:%Y%m%d}}."
                reading.refuse("servers.path", f"has the date field '{{{name}}}'", remedy)
        elif not roots and NAMED_HOST.match(path) and path.startswith("://", field.start() - 3):
            continue  # the machine, by a name that the home knows
        elif not roots:
            remedy = "Only {date:%Y%m%d} is filled in there, and {next:...}, the day after, for an interface."
            reading.refuse("servers.location", f"names the unknown field '{{{name}}}'", remedy)
        elif name not in roots:
            remedy = f"Begin with one of {', '.join('{' + root + '}' for root in roots)}, or an absolute path."
            reading.refuse("servers.path", f"names the unknown folder '{{{name}}}'", remedy)
        elif field.start():
            reading.refuse("servers.path", f"has '{{{name}}}' in its middle", "A folder's name comes first.")


def _check_layout(reading: Reading, contract: Contract) -> None:
    source = contract.source
    for encoding in source.encodings:
        try:
            codecs.lookup(encoding)
        except LookupError:
            reading.refuse("servers.encoding", f"is '{encoding}'", "Use for example utf-8, gb18030, cp950, utf-16.")
    if source.sheet and source.format not in WORKBOOKS:
        reading.doubt("servers.sheet", f"has no meaning for {source.format}", "Leave it out.")
    if source.record_path and source.format not in DOCUMENTS:
        reading.doubt("servers.recordPath", f"has no meaning for {source.format}", "Leave it out.")
    if source.header_row == 0 and not source.unpivot and source.format in ("csv", "tsv", *WORKBOOKS):
        remedy = "The columns are taken by position: list all of them in the order of the file."
        reading.doubt("servers.headerRow", "is 0, a file without a header", remedy)


def _check_matrix(reading: Reading, contract: Contract) -> None:
    """What `unpivot` makes must be columns of every table that is read from the matrix."""
    for table in contract.tables:
        known = {name for column in table.delivered_columns for name in column.delivered}
        for part, name in contract.source.unpivot.items():
            if name not in known:
                remedy = f"Name a column of {table.name}, or add it there."
                reading.refuse(
                    "servers.unpivot", f"calls its {part} {name}, which is no column of {table.name}", remedy
                )


def _check_calendar(reading: Reading, contract: Contract) -> None:
    zones = available_timezones()
    if contract.timezone not in zones:
        reading.refuse("customProperties.timezone", f"is '{contract.timezone}'", "Use a name such as Asia/Shanghai.")
    for table in contract.tables:
        for column in table.columns:
            if column.timezone not in (contract.timezone, "") and column.timezone not in zones:
                where = f"schema.{table.name}.{column.name}.timezone"
                reading.refuse(where, f"is '{column.timezone}'", "Use a name such as Asia/Shanghai.")
    if not _is_schedule(contract.schedule):
        remedy = "Write five fields: minute, hour, day, month, weekday, for example 30 6 * * *."
        reading.refuse("slaProperties.frequency.schedule", f"is '{contract.schedule}'", remedy)
    for day in contract.source.deliveries:
        try:
            date.fromisoformat(day)
        except ValueError:
            reading.refuse("servers.deliveries", f"has the date '{day}'", "Use a day that exists.")


def _is_schedule(text: str) -> bool:
    from croniter import croniter

    return len(text.split()) == 5 and croniter.is_valid(text)


def _check_names(reading: Reading, contract: Contract) -> None:
    """What leaders and departments read is there in both languages."""
    if not is_chinese(contract.title_zh):
        reading.doubt("customProperties.titleZh", "is missing", "Give the dataset a Chinese title.")
    if is_chinese(contract.title_en):
        reading.doubt("customProperties.titleEn", "is missing", "Give the dataset an English title.")
    if not is_chinese(contract.department_zh):
        remedy = "Name the department: team.name, and nameZh in the team's customProperties."
        reading.doubt("team", "has no Chinese name", remedy)


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)
