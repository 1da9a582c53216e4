"""Read ODCS v3 contracts. Every refusal names the file, the field and the remedy."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from open_data_contract_standard.model import OpenDataContractStandard, ServiceLevelAgreementProperty

from govlake.contracts.document import read_document
from govlake.contracts.known import CONTRACT, INHERITED, TEAM
from govlake.contracts.model import Contract, Mode, Table
from govlake.contracts.reading import Reading
from govlake.contracts.source import read_source
from govlake.contracts.tables import Defaults, read_table
from govlake.errors import ContractError

NAME = re.compile(r"[a-z][a-z0-9_]*")
TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
DAYS = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7}
DAYS |= {"m": 30, "month": 30, "months": 30, "y": 365, "year": 365, "years": 365}
WORDS = {"daily": 1, "weekly": 7, "monthly": 30, "quarterly": 91, "yearly": 365}


@dataclass(frozen=True)
class Pack:
    """A folder of contracts: one city, or one set of examples. `refused` holds what could not be read."""

    path: Path
    contracts: tuple[Contract, ...]
    refused: tuple[ContractError, ...] = ()

    def tables(self) -> list[Table]:
        return [table for contract in self.contracts for table in contract.tables]

    def find(self, name: str) -> Contract:
        """The contract called `name`: its id, its short name, or the key of one of its tables."""
        found = [contract for contract in self.contracts if _is_called(contract, name)]
        found = [contract for contract in found if name == contract.id] or found
        if len(found) == 1:
            return found[0]
        names = ", ".join(sorted(contract.id for contract in (found or self.contracts)))
        if found:
            raise ContractError(f"More than one dataset is called {name}: {names}.", "Use the full name.")
        raise ContractError(f"No dataset is called {name} in {self.path}.", f"Known are: {names or 'none'}.")


def _is_called(contract: Contract, name: str) -> bool:
    return name in (contract.id, contract.name) or any(name in (t.key, t.name) for t in contract.tables)


def contract_files(folder: Path) -> list[Path]:
    """The contracts below `folder`: every YAML that does not belong to the pack's dbt models or to a hidden folder."""
    if not folder.is_dir():
        raise ContractError(f"The pack {folder} is not a folder.", "Give a folder of contracts with --pack.")
    files = sorted({*folder.rglob("*.yaml"), *folder.rglob("*.yml")})
    return [file for file in files if not _is_aside(file.relative_to(folder))]


def _is_aside(path: Path) -> bool:
    return any(part == "dbt" or part.startswith(".") for part in path.parts)


def load_pack(folder: Path, strict: bool = True) -> Pack:
    """Every contract below `folder`. A pack without contracts is an error, and so are two with one name.

    With `strict` off, contracts that cannot be read are left out and listed in `refused`: one department's
    broken contract must not stop the others.
    """
    contracts: list[Contract] = []
    refused: list[ContractError] = []
    for file in contract_files(folder):
        try:
            contract = load_contract(file, folder)
            _refuse_same_names(contract, contracts)
            contracts.append(contract)
        except ContractError as error:
            if strict:
                raise
            refused.append(error)
    if not contracts and not refused:
        remedy = "Add one YAML per dataset: docs/add_a_dataset.md."
        raise ContractError(f"The pack {folder} holds no contract.", remedy)
    return Pack(folder, tuple(contracts), tuple(refused))


def _refuse_same_names(contract: Contract, others: Sequence[Contract]) -> None:
    ids = {other.id: other.path for other in others}
    tables = {table.key: other.path for other in others for table in other.tables}
    if contract.id in ids:
        raise ContractError(
            f"{contract.path}: name makes it {contract.id}, as {ids[contract.id]} is called.",
            "Give one of them another name.",
        )
    for table in contract.tables:
        if table.key in tables:
            raise ContractError(
                f"{contract.path}: schema.{table.name} is also described in {tables[table.key]}.",
                "Give one of them another name (schema[].name).",
            )


def load_contract(file: Path, pack: Path | None = None) -> Contract:
    """The contract in `file`; its department is the folder it lies in unless it says otherwise.

    Raises ContractError with the first thing that is wrong and the number of others.
    """
    reading = Reading(file)
    contract = read_contract(reading, pack)
    reading.raise_first()
    return cast(Contract, contract)


def read_contract(reading: Reading, pack: Path | None = None) -> Contract | None:
    """The contract as far as it can be read; everything wrong with it is in the reading's findings."""
    odcs = read_document(reading)
    if odcs is None:
        return None
    file = reading.file
    custom = reading.properties("", odcs.customProperties, CONTRACT)
    folder = file.parent.name if pack is None or file.parent.resolve() != pack.resolve() else ""
    domain = _name(reading, "domain", str(odcs.domain or folder))
    name = _name(reading, "name", str(odcs.name or file.stem))
    department = _name(reading, "customProperties.department", str(custom.get("department") or folder or domain))
    mode = reading.one_of("customProperties.delivery", custom.get("delivery", "increment"), get_args(Mode), "increment")
    timezone = str(custom.get("timezone", "Asia/Shanghai"))
    title = str(custom.get("titleEn") or odcs.dataProduct or name.replace("_", " ").capitalize())
    defaults = Defaults(domain, cast(Mode, mode), timezone, _inherited(custom))
    return Contract(
        id=f"{domain}.{name}",
        version=str(odcs.version or "0"),
        department=department,
        domain=domain,
        name=name,
        title_en=title,
        title_zh=str(custom.get("titleZh") or title),
        tables=_tables(reading, odcs, defaults),
        source=read_source(reading, odcs.servers),
        mode=cast(Mode, mode),
        timezone=timezone,
        custom=custom,
        path=file,
        **_department(reading, odcs, department),
        **_agreement(reading, odcs.slaProperties),
    )


def _name(reading: Reading, field: str, value: str) -> str:
    if not NAME.fullmatch(value):
        reading.refuse(field, f"is '{value}'", "Use lower-case letters, digits and underscores, a letter first.")
    return value


def _inherited(custom: Mapping[str, Any]) -> dict[str, Any]:
    """What the contract says for all its tables: not its titles, which are its own."""
    return {key: value for key, value in custom.items() if key in INHERITED and not key.startswith("title")}


def _tables(reading: Reading, odcs: OpenDataContractStandard, defaults: Defaults) -> tuple[Table, ...]:
    if not odcs.schema_:
        reading.refuse("schema", "is empty", "Describe at least one table with its columns.")
    tables = tuple(read_table(reading, schema, defaults) for schema in odcs.schema_ or [])
    names = [table.name for table in tables]
    for name in dict.fromkeys(names):
        _name(reading, "schema[].name", name)
        if names.count(name) > 1:
            reading.refuse("schema", f"describes {name} twice", "Every table needs its own name.")
    return tables


def _department(reading: Reading, odcs: OpenDataContractStandard, department: str) -> dict[str, str]:
    """Names of the department that delivers, from `team`."""
    team = odcs.team if odcs.team and not isinstance(odcs.team, list) else None
    custom = reading.properties("team.", team.customProperties, TEAM) if team else {}
    name = str((team and team.name) or department)
    return {"department_en": name, "department_zh": str(custom.get("nameZh") or name)}


def _agreement(reading: Reading, entries: Sequence[ServiceLevelAgreementProperty] | None) -> dict[str, Any]:
    """When deliveries are due, from `slaProperties`: frequency, timeOfAvailability, latency."""
    sla = {str(entry.property): entry for entry in entries or []}
    frequency, due, delay = sla.get("frequency"), sla.get("timeOfAvailability"), sla.get("latency")
    due_time = str(due.value) if due else "08:00"
    if not TIME.fullmatch(due_time):
        reading.refuse("slaProperties.timeOfAvailability", f"is '{due_time}'", "Write a time such as 08:00.")
    days = _days(reading, frequency) if frequency else 1
    if days == 0:
        reading.refuse("slaProperties.frequency", "is 0", "Use 1 or more, for example value 1 and unit d.")
    return {
        "frequency_days": days,
        "due_time": due_time,
        "grace_days": _days(reading, delay) if delay else 0,
        "schedule": str((frequency and frequency.schedule) or "0 6 * * *"),
    }


def _days(reading: Reading, entry: ServiceLevelAgreementProperty) -> int:
    value, unit = str(entry.value).lower(), str(entry.unit or "d").lower()
    if value in WORDS:
        return WORDS[value]
    if not value.isdigit() or unit not in DAYS:
        remedy = "Use a whole number with the unit d, w, m or y, or daily, weekly, monthly, quarterly, yearly."
        reading.refuse(f"slaProperties.{entry.property}", f"is '{entry.value} {entry.unit or ''}'", remedy)
        return 1
    return int(value) * DAYS[unit]
