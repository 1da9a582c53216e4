"""`govlake contracts check`: the loader, the standard's own lint and our checks, every finding of every file.

Works without a network. The parsers take a second to load, so nothing but the command imports this module.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty

from govlake.contracts.checks import check_contract
from govlake.contracts.document import read_document
from govlake.contracts.load import contract_files, read_contract
from govlake.contracts.model import HISTORY, Contract
from govlake.contracts.reading import Finding, Reading
from govlake.errors import ContractError

# What the standard's tool says about running our rules itself is not about the contract.
NOT_OURS = ("unknown fields are ignored",)
# Fields of the standard that govlake shows in the catalogue but does not enforce, and what does the work instead.
UNENFORCED = {
    "relationships": "Write a table rule of type sql that counts the rows without a partner.",
    "items": "Deliver one value per column; `recordPath` reaches into nested documents.",
    "properties": "Deliver one value per column; `recordPath` reaches into nested documents.",
}


def check(path: Path) -> tuple[list[Path], list[Finding]]:
    """The contracts at `path` (a file or a pack) and everything found in them, errors of each file first."""
    files = [path] if path.is_file() else contract_files(path)
    if not files:
        raise ContractError(f"The pack {path} holds no contract.", "Add one YAML per dataset: docs/add_a_dataset.md.")
    pack = path if path.is_dir() else None
    readings = [Reading(file) for file in files]
    contracts = [_check_file(reading, pack) for reading in readings]
    _check_pack(readings, contracts)
    return files, [finding for reading in readings for finding in _sorted(reading.findings)]


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(findings), key=lambda finding: finding.severity == "warning")


def _check_file(reading: Reading, pack: Path | None) -> Contract | None:
    contract = read_contract(reading, pack)
    if contract:
        check_contract(reading, contract)
        document = read_document(Reading(reading.file))
        if document:
            _check_unenforced(reading, document)
    _check_standard(reading)
    return contract


def _check_standard(reading: Reading) -> None:
    """Add what the standard's own lint finds and the loader has not said."""
    try:
        text = reading.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return
    said = [finding.field for finding in reading.findings]
    for field_name, problem in _standard_faults(text):
        if not any(field_name.startswith(name) or name.startswith(field_name) for name in said if name):
            reading.refuse(field_name, f"is not as ODCS has it: {problem}", "See docs/contracts.md for the field.")


def _standard_faults(text: str) -> Iterator[tuple[str, str]]:
    from datacontract.data_contract import DataContract
    from datacontract.model.run import ResultEnum

    with _silent("datacontract"):
        run = DataContract(data_contract_str=text, inline_references=False, all_errors=True).lint()
    for check in run.checks or []:
        reason = str(check.reason or "")
        if check.result in (ResultEnum.failed, ResultEnum.error) and not any(word in reason for word in NOT_OURS):
            place, _, problem = reason.partition(": ")
            where = re.sub(r"^data\.?|\.properties(?=\.)", "", place).replace("schema.", "schema.", 1)
            yield where or "the file", (problem or place).rstrip(".")


@contextmanager
def _silent(name: str) -> Iterator[None]:
    """Its findings are returned, so what the library logs about them would say everything twice."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _check_unenforced(reading: Reading, document: OpenDataContractStandard) -> None:
    for schema in document.schema_ or []:
        where = f"schema.{schema.name}"
        if schema.relationships:
            reading.doubt(f"{where}.relationships", "is shown but not enforced", UNENFORCED["relationships"])
        for entry in schema.properties or []:
            _check_unenforced_property(reading, f"{where}.{entry.name}", entry)


def _check_unenforced_property(reading: Reading, where: str, entry: SchemaProperty) -> None:
    for name, remedy in UNENFORCED.items():
        if getattr(entry, name):
            reading.doubt(f"{where}.{name}", "is shown but not enforced", remedy)
    if (entry.logicalTypeOptions or {}).get("multipleOf"):
        remedy = "Write a quality rule, for example `amount % 5 = 0`."
        reading.doubt(f"{where}.logicalTypeOptions.multipleOf", "is shown but not enforced", remedy)


def _check_pack(readings: Sequence[Reading], contracts: Sequence[Contract | None]) -> None:
    """Names that must be unique over the whole pack, and files that two contracts would both take."""
    seen: dict[tuple[str, str], Path] = {}
    for reading, contract in zip(readings, contracts, strict=True):
        for kind, name, field_name in _claims(contract):
            other = seen.setdefault((kind, name), reading.file)
            if other != reading.file and kind == "path":
                reading.doubt(field_name, f"is also read by {other}", "Use `member`, or other file names.")
            elif other != reading.file:
                reading.refuse(field_name, f"makes {name}, as in {other}", "Give one of them another name.")


def _claims(contract: Contract | None) -> Iterator[tuple[str, str, str]]:
    if contract is None:
        return
    yield "contract", contract.id, "name"
    for table in contract.tables:
        yield "table", table.key, f"schema.{table.name}.name"
        if table.mode == "snapshot":
            yield "table", f"{table.key}{HISTORY}", f"schema.{table.name}.name"
    if contract.source.path:
        source = contract.source
        yield "path", f"{source.connection.host} {source.path} {source.member}", "servers.path"
