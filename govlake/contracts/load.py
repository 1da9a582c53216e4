"""Read ODCS v3 contracts. Every refusal names the file, the field and the remedy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

import yaml
from open_data_contract_standard.model import OpenDataContractStandard, SchemaObject, Server
from pydantic import ValidationError

from govlake.contracts.columns import read_column
from govlake.contracts.model import SILVER_META, Contract, Mode, Source, Table
from govlake.contracts.rules import column_rules, schema_rules, table_rules
from govlake.errors import ContractError

NAME = re.compile(r"[a-z][a-z0-9_]*")
FORMATS = ("csv", "tsv", "xlsx", "xls", "ods", "json", "jsonl", "xml", "parquet")


@dataclass(frozen=True)
class Pack:
    """A folder of contracts: one city, or one set of examples."""

    path: Path
    contracts: tuple[Contract, ...]

    def tables(self) -> list[Table]:
        return [table for contract in self.contracts for table in contract.tables]

    def find(self, name: str) -> Contract:
        """The contract called `name`: its id, its short name, or the key of one of its tables."""
        found = [
            contract
            for contract in self.contracts
            if name in (contract.id, contract.name) or any(name in (t.key, t.name) for t in contract.tables)
        ]
        exact = [contract for contract in found if name == contract.id]
        found = exact or found
        if len(found) == 1:
            return found[0]
        names = ", ".join(sorted(contract.id for contract in (found or self.contracts)))
        if found:
            raise ContractError(f"More than one dataset is called {name}: {names}.", "Use the full name.")
        raise ContractError(f"No dataset is called {name} in {self.path}.", f"Known are: {names or 'none'}.")


def load_pack(folder: Path) -> Pack:
    """Every contract below `folder`. A pack without contracts is an error, and so are two with one name."""
    if not folder.is_dir():
        raise ContractError(f"The pack {folder} is not a folder.", "Give a folder of contracts with --pack.")
    files = sorted(file for file in folder.rglob("*.yaml") if "dbt" not in file.relative_to(folder).parts)
    contracts = tuple(load_contract(file, folder) for file in files)
    if not contracts:
        raise ContractError(
            f"The pack {folder} holds no contract.", "Add one YAML per dataset: docs/add_a_dataset.md."
        )
    seen: dict[str, Path] = {}
    for contract in contracts:
        for table in contract.tables:
            if table.key in seen:
                raise ContractError(
                    f"{contract.path}: the table {table.key} is also described in {seen[table.key]}.",
                    "Give one of them another name (schema[].name).",
                )
            seen[table.key] = contract.path
    return Pack(folder, contracts)


def load_contract(file: Path, pack: Path | None = None) -> Contract:
    """The contract in `file`; its department is the folder it lies in unless it says otherwise."""
    odcs = _parse(file)
    custom = custom_properties(odcs.customProperties)
    folder = file.parent.name if pack is None or file.parent != pack else ""
    domain = str(odcs.domain or folder)
    name = str(odcs.name or file.stem)
    for field_name, value in (("domain", domain), ("name", name)):
        if not NAME.fullmatch(value):
            _refuse(file, field_name, f"is '{value}'", "Use lower-case letters, digits and underscores.")
    team = odcs.team if odcs.team and not isinstance(odcs.team, list) else None
    team_custom = custom_properties(team.customProperties) if team else {}
    department = str(custom.get("department") or folder or domain)
    mode = str(custom.get("delivery", "increment"))
    if mode not in get_args(Mode):
        _refuse(file, "customProperties.delivery", f"is '{mode}'", "Use increment or snapshot.")
    if not odcs.schema_:
        _refuse(file, "schema", "is empty", "Describe at least one table with its columns.")
    timezone = str(custom.get("timezone", "Asia/Shanghai"))
    source = _source(file, odcs.servers)
    tables = tuple(
        _table(file, schema, domain, cast(Mode, mode), timezone, custom) for schema in odcs.schema_ or []
    )
    sla = {entry.property: entry for entry in odcs.slaProperties or []}
    frequency = sla.get("frequency")
    due = sla.get("timeOfAvailability")
    delay = sla.get("latency")
    title_en = str(custom.get("titleEn") or odcs.dataProduct or name.replace("_", " ").capitalize())
    return Contract(
        id=f"{domain}.{name}",
        version=str(odcs.version or "0"),
        department=department,
        department_en=str((team and team.name) or department),
        department_zh=str(team_custom.get("nameZh") or (team and team.name) or department),
        domain=domain,
        name=name,
        title_en=title_en,
        title_zh=str(custom.get("titleZh") or title_en),
        tables=tables,
        source=source,
        mode=cast(Mode, mode),
        timezone=timezone,
        frequency_days=_days(file, frequency.value, frequency.unit) if frequency else 1,
        due_time=str(due.value) if due else "08:00",
        grace_days=_days(file, delay.value, delay.unit) if delay else 0,
        schedule=str((frequency and frequency.schedule) or "0 6 * * *"),
        custom=custom,
        path=file,
    )


def custom_properties(entries: list[Any] | None) -> dict[str, Any]:
    """ODCS custom properties as a plain mapping."""
    return {str(entry.property): entry.value for entry in entries or [] if entry.property}


def _parse(file: Path) -> OpenDataContractStandard:
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ContractError(
            f"{file}: the file is not UTF-8 (byte {error.start}).", "Save it as UTF-8."
        ) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise ContractError(
            f"{file}{where}: not valid YAML, {problem}.", "Correct the indentation there."
        ) from error
    if not isinstance(data, Mapping):
        raise ContractError(
            f"{file}: the file holds no mapping.", "A contract starts with apiVersion, kind and id."
        )
    for field_name in ("apiVersion", "kind", "id", "version", "status"):
        if not data.get(field_name):
            _refuse(file, field_name, "is missing", "ODCS requires it at the top of every contract.")
    if data["kind"] != "DataContract" or not str(data["apiVersion"]).startswith("v3"):
        _refuse(
            file, "kind/apiVersion", f"is {data['kind']} {data['apiVersion']}", "Use DataContract and v3.x."
        )
    try:
        return OpenDataContractStandard(**data)
    except ValidationError as error:
        first = error.errors()[0]
        field_name = ".".join(str(part) for part in first["loc"])
        _refuse(
            file, field_name, f"is not as ODCS has it: {first['msg'].lower()}", "Check its spelling and type."
        )
        raise AssertionError from error


def _source(file: Path, servers: list[Server] | None) -> Source:
    if not servers:
        _refuse(file, "servers", "is empty", "Say where the delivery is found: type, path and format.")
    server = cast(list[Server], servers)[0]
    custom = custom_properties(server.customProperties)
    format_name = str(server.format or "csv").lower()
    if format_name not in FORMATS:
        _refuse(file, "servers[0].format", f"is '{format_name}'", f"Use one of {', '.join(FORMATS)}.")
    deliveries = {
        str(entry["date"]): str(entry["path"]) for entry in custom.get("deliveries") or [] if "path" in entry
    }
    path = str(server.path or server.location or "")
    if not path and not deliveries:
        _refuse(
            file,
            "servers[0].path",
            "is missing",
            "Give the file's path, for example {inbox}/taps_{date:%Y%m%d}.csv.",
        )
    encodings = [
        part.strip() for part in str(server.encoding or custom.get("encoding") or "utf-8").split(",")
    ]
    return Source(
        kind=str(server.type or "local"),
        path=path,
        deliveries=deliveries,
        format=format_name,
        encodings=tuple("utf-8-sig" if e.lower() in ("utf-8", "utf8") else e for e in encodings if e),
        delimiter=str(server.delimiter or custom.get("delimiter") or ("\t" if format_name == "tsv" else ",")),
        quote=str(custom.get("quote", '"')),
        header_row=int(custom.get("headerRow", 1)),
        skip_rows_matching=str(custom.get("skipRowsMatching", "")),
        member=str(custom.get("member", "")),
        sheet=str(custom.get("sheet", "")),
        record_path=str(custom.get("recordPath", "")),
    )


def _table(
    file: Path,
    schema: SchemaObject,
    domain: str,
    mode: Mode,
    timezone: str,
    contract_custom: Mapping[str, Any],
) -> Table:
    name = str(schema.name or "")
    if not NAME.fullmatch(name):
        _refuse(file, "schema[].name", f"is '{name}'", "Use lower-case letters, digits and underscores.")
    custom = {**contract_custom, **custom_properties(schema.customProperties)}
    if not schema.properties:
        _refuse(file, f"schema.{name}.properties", "is empty", "List the columns of the table.")
    columns = tuple(
        read_column(file, name, entry, timezone, custom.get("nullValues"))
        for entry in schema.properties or []
    )
    names = [column.name for column in columns]
    for column in names:
        if names.count(column) > 1:
            _refuse(
                file, f"schema.{name}.properties", f"names {column} twice", "Every column needs its own name."
            )
        if column.startswith("_") or column in SILVER_META:
            _refuse(
                file, f"schema.{name}.{column}", "starts with an underscore", "Those names are govlake's own."
            )
    order_by = str(custom.get("orderBy") or "")
    if order_by and order_by not in names:
        _refuse(file, f"schema.{name}.orderBy", f"names {order_by}", "Use a column of the table.")
    rules = [*schema_rules(columns, schema.properties or [], custom)]
    for column, entry in zip(columns, schema.properties or [], strict=True):
        rules += column_rules(file, name, column, entry)
    rules += table_rules(file, name, schema.quality or [], names)
    ids = [rule.id for rule in rules]
    for rule_id in ids:
        if ids.count(rule_id) > 1:
            _refuse(
                file,
                f"schema.{name}.quality",
                f"has two rules called {rule_id}",
                "Give each rule its own id.",
            )
    title_en = str(custom_properties(schema.customProperties).get("titleEn") or schema.businessName or name)
    return Table(
        domain=domain,
        name=name,
        title_en=title_en,
        title_zh=str(
            custom_properties(schema.customProperties).get("titleZh") or schema.businessName or title_en
        ),
        grain=str(schema.dataGranularityDescription or ""),
        file=str(schema.physicalName or ""),
        columns=columns,
        rules=tuple(rules),
        order_by=order_by,
        occurrence=bool(custom.get("occurrence", False)),
        mode=mode,
        optional=bool(custom.get("optional", False)),
    )


def _days(file: Path, value: object, unit: str | None) -> int:
    days = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "m": 30, "month": 30, "y": 365, "year": 365}
    if isinstance(value, str) and value.lower() in ("daily", "weekly", "monthly", "yearly"):
        return {"daily": 1, "weekly": 7, "monthly": 30, "yearly": 365}[value.lower()]
    factor = days.get((unit or "d").lower())
    if factor is None or not str(value).isdigit():
        _refuse(
            file,
            "slaProperties",
            f"has '{value} {unit or ''}'",
            "Use a whole number with the unit d, w, m or y.",
        )
    return int(str(value)) * cast(int, factor)


def _refuse(file: Path, field_name: str, problem: str, remedy: str) -> None:
    raise ContractError(f"{file}: {field_name} {problem}.", remedy)
