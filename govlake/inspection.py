"""A first look into a landed delivery: every table's header and rows, and what its supplier declared."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from govlake.contracts.model import Contract, Table
from govlake.errors import DeliveryError
from govlake.manifest import LandedTable, Manifest
from govlake.readers.refusals import refuse


def declared_beside(files: Sequence[Path]) -> dict[str, dict[str, Any]]:
    """What suppliers wrote beside their files, by file name: `rows` and `sha256` where given."""
    declared: dict[str, dict[str, Any]] = {}
    for file in files:
        rows = file.with_name(f"{file.name}.rows")
        said = file.with_name(f"{file.name}.manifest.json")
        if said.is_file():
            try:
                content = json.loads(said.read_text(encoding="utf-8-sig"))
                declared[file.name] = {key: content[key] for key in ("rows", "sha256") if key in content}
            except (ValueError, TypeError):
                declared[file.name] = {"unreadable": said.name}
        elif rows.is_file():
            text = rows.read_text(encoding="utf-8-sig", errors="replace").strip()
            declared[file.name] = {"rows": int(text)} if text.isdigit() else {"unreadable": rows.name}
    return declared


def inspect(contract: Contract, manifest: Manifest, files: Sequence[Path]) -> Manifest:
    """The manifest with every table's header and rows, or with the reason why they cannot be read."""
    try:
        _check_sums(manifest)
        tables = {table.key: _survey(files, table, contract) for table in contract.tables}
    except DeliveryError as error:
        reason = {
            "message_en": error.message,
            "message_zh": error.message_zh,
            "remedy": error.remedy,
            "remedy_en": error.remedy,
            "remedy_zh": error.remedy_zh,
        }
        nothing = {table.key: LandedTable(present=False) for table in contract.tables}
        return replace(manifest, tables=nothing, unreadable=reason, warnings=())
    warnings = _warnings(manifest, sum(table.rows for table in tables.values()))
    return replace(manifest, tables=tables, unreadable=None, warnings=warnings)


def _survey(files: Sequence[Path], table: Table, contract: Contract) -> LandedTable:
    from govlake import readers

    header, tally = readers.survey(files, table, contract.source)
    known = asdict(header)
    known["parts"] = known.pop("files")
    return LandedTable(**known, **asdict(tally))


def _check_sums(manifest: Manifest) -> None:
    for file in manifest.files:
        declared = str(manifest.declared.get(Path(file.source).name, {}).get("sha256", "")).lower()
        if declared and declared != file.sha256:
            raise refuse("checksum", file=file.name)


def _warnings(manifest: Manifest, rows: int) -> tuple[Mapping[str, str], ...]:
    declared = [entry["rows"] for entry in manifest.declared.values() if "rows" in entry]
    if not declared or sum(declared) == rows or len(declared) < len(manifest.files):
        return ()
    return (
        {
            "message_en": f"The supplier declared {sum(declared):,} rows; {rows:,} were counted",
            "message_zh": f"报送方声明 {sum(declared):,} 行,实际为 {rows:,} 行",
        },
    )
