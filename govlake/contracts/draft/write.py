"""A draft as YAML with a comment wherever a person has to decide."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from govlake.contracts.draft.column import column, day_column, file_column, says_when
from govlake.contracts.draft.keys import key_of, moment_of, partition_of
from govlake.contracts.draft.layout import Found
from govlake.contracts.draft.place import Place
from govlake.contracts.draft.sample import Sample, plain_pattern
from govlake.contracts.draft.scalars import properties, quoted, title
from govlake.contracts.model import Source

# Words that are read as null and may be meant.
MEANT = ("无", "空", "None", "NA")
FREQUENCY = {"d": "a file per day", "m": "a file per month", "y": "a file per year"}


@dataclass(frozen=True)
class Draft:
    """What a draft is written from."""

    domain: str
    name: str
    file_name: str
    place: Place
    tables: tuple[tuple[str, Found, Sample], ...]


def text_of(draft: Draft) -> str:
    """The contract as YAML."""
    lines = [*_top(draft), *_server(draft), *_agreement(draft), "schema:"]
    for name, found, sample in draft.tables:
        lines += _table(draft, name, found, sample)
    return "\n".join(lines) + "\n"


def _top(draft: Draft) -> list[str]:
    rows = sum(len(sample.rows) for _, _, sample in draft.tables)
    whole = all(sample.is_whole for _, _, sample in draft.tables)
    read = f"all of its {rows:,} rows" if whole else f"its first {rows:,} rows"
    return [
        f"# Draft from {draft.file_name}, profiled on {read}. Lines that begin with Decide are yours.",
        "apiVersion: v3.2.0",
        "kind: DataContract",
        f"id: urn:govlake:{draft.domain}:{draft.name}",
        f"name: {draft.name}",
        "version: 0.1.0",
        "status: draft",
        f"domain: {draft.domain}",
        "description:",
        "  # Decide: what the data is for, and what it does not say.",
        f"  purpose: {quoted(title(draft.name) + ' as delivered.')}",
        "team:",
        "  # Decide: the department that delivers and can correct it; its Chinese name as custom property nameZh.",
        f"  name: {quoted(title(draft.domain))}",
        "customProperties:",
        f"  - {{property: titleEn, value: {quoted(title(draft.name))}}}",
        "  # Decide: the Chinese title, as {property: titleZh, value: ...}.",
        f"  - {{property: department, value: {draft.domain}}}",
        f"  - {{property: timezone, value: {_timezone(draft)}}}  # Decide: the zone that local times are in.",
        *_mode(draft),
    ]


def _mode(draft: Draft) -> list[str]:
    if draft.place.unit:
        why = "each file holds new rows. Say snapshot if each holds everything that is still valid."
        return [f"  # Decide: increment, {why}", "  - {property: delivery, value: increment}"]
    why = "each file replaces the last, and rows it lacks are withdrawn. Say increment if it only adds rows."
    return [f"  # Decide: snapshot, {why}", "  - {property: delivery, value: snapshot}"]


def _timezone(draft: Draft) -> str:
    formats = {pattern for _, _, sample in draft.tables for value in sample.values for pattern in value.formats}
    encodings = {encoding for _, found, _ in draft.tables for encoding in found.source.encodings}
    return "Asia/Taipei" if "roc" in formats or "cp950" in encodings else "Asia/Shanghai"


def source_of(draft: Draft) -> Source:
    """The source that most tables share; encodings of all."""
    sources = [sample.source for _, _, sample in draft.tables]
    return max(sources, key=sources.count)


def _server(draft: Draft) -> list[str]:
    source = source_of(draft)
    encodings = dict.fromkeys(encoding for _, found, _ in draft.tables for encoding in found.source.encodings)
    lines = ["servers:", "  - server: delivery", "    type: local"]
    if not draft.place.path.startswith("{inbox}"):
        lines.append(
            "    # Decide: the folder from which deliveries are taken; {inbox} is where departments drop files."
        )
    elif not draft.place.unit:
        lines.append("    # Decide: the name under which later files come; {date:%Y%m%d} stands for a date in it.")
    lines += [f"    path: {json.dumps(draft.place.path, ensure_ascii=False)}", f"    format: {source.format}"]
    if source.format in ("csv", "tsv", "json", "jsonl"):
        lines.append(f"    encoding: {', '.join(encodings).replace('utf-8-sig', 'utf-8')}")
    return lines + properties(_layout(source), 4)


def _layout(source: Source) -> list[tuple[str, str]]:
    named: list[tuple[str, str]] = []
    if source.format == "csv" and source.delimiter != ",":
        named.append(("delimiter", "tab" if source.delimiter == "\t" else source.delimiter))
    if not source.quote:
        named.append(("quote", ""))
    if source.header_row != 1 and source.format in ("csv", "tsv", "xlsx", "xls", "ods"):
        named.append(("headerRow", str(source.header_row)))
    for name, value in (("sheet", source.sheet), ("recordPath", source.record_path)):
        named += [(name, value)] if value else []
    if source.skip_rows_matching:
        named.append(("skipRowsMatching", source.skip_rows_matching))
    return named


def _agreement(draft: Draft) -> list[str]:
    unit = draft.place.unit or "d"
    known = FREQUENCY.get(draft.place.unit, "the file's name does not say how often it comes")
    return [
        "slaProperties:",
        f"  # Decide: how often a delivery comes ({known}) and by when it is due.",
        f"  - {{property: frequency, value: 1, unit: {unit}}}",
        '  - {property: timeOfAvailability, value: "08:00"}',
    ]


def _table(draft: Draft, name: str, found: Found, sample: Sample) -> list[str]:
    key = key_of(sample.names, sample.values, sample.rows)
    file_date = "" if says_when(sample) else draft.place.date_sql
    partition = "" if file_date else partition_of(sample.names, sample.values, key)
    if key and draft.place.unit and not file_date:
        key = (*key, *moment_of(sample.names, sample.values, key))
    lines = [f"  # {note}" for note in _notes(found, sample, key, bool(file_date))]
    lines += [f"  - name: {name}"]
    lines += [f"    physicalName: {quoted(found.file)}"] if found.file else []
    lines += [f"    businessName: {quoted(title(name))}", "    # Decide: what one row is."]
    lines += [f"    dataGranularityDescription: {quoted('One row per entry of ' + title(name).lower())}"]
    lines += properties([] if key else [("occurrence", "true")], 4)
    lines.append("    properties:")
    for column_name, header, values in zip(sample.names, sample.headers, sample.values, strict=True):
        lines += column(column_name, header, values, key, partition)
    lines += file_column(file_date, len(key) + 1) if file_date else day_column(partition, sample, _timezone(draft))
    return lines + _rules()


def _notes(found: Found, sample: Sample, key: Sequence[str], by_file: bool) -> list[str]:
    notes = list(found.notes)
    if not key and by_file:
        notes.append(
            "Decide: no few columns tell the rows apart, so a file is kept as a whole: a corrected one replaces it."
        )
    elif not key:
        notes.append(
            "Decide: no few columns tell the rows apart. With occurrence, equal rows count as different facts; "
            "without it, they are one."
        )
    elif sample.rows:
        notes.append(f"Decide: {', '.join(key)} told all rows apart in this file. Is that the key by its meaning?")
    if sample.repeated:
        notes.append(f"{sample.repeated:,} row(s) are equal to another one in every column.")
    if sample.empty:
        notes.append(f"{sample.empty:,} row(s) are completely empty and will be quarantined as such.")
    if sample.malformed:
        notes.append(f"{sample.malformed:,} row(s) do not split into the columns and will be quarantined as such.")
    if sample.totals:
        words = ", ".join(sample.totals)
        pattern = totals_pattern(sample)
        notes.append(f"Decide: rows with {words} seem to be totals. skipRowsMatching '{pattern}' would drop them.")
    words = {word for value in sample.values for word in value.read_as_null or {} if word in MEANT}
    if words:
        shown = ", ".join(sorted(words))
        notes.append(
            f"Decide: {shown} is read as null. Where it means something, list the column's nullValues without it."
        )
    if sample.dropped:
        shown = ", ".join(repr(name) for name in sample.dropped[:6])
        notes.append(f"Columns without a name of their own are kept in _extra only: {shown}.")
    return notes


def totals_pattern(sample: Sample) -> str:
    """A regular expression for rows in which one of the first cells is a word for a total."""
    mark = plain_pattern(sample.source.delimiter)
    return f"(^|{mark})({'|'.join(map(plain_pattern, sample.totals))})({mark}|$)"


def _rules() -> list[str]:
    return [
        "    quality:",
        "      # Decide: what else must hold, such as one time before another or a part below its whole.",
        "      - id: has_rows",
        "        type: library",
        "        metric: rowCount",
        "        mustBeGreaterOrEqualTo: 1",
        "        severity: critical",
        "        dimension: coverage",
        "        description: The delivery holds no row",
        "        customProperties:",
        "          - {property: messageZh, value: 交付文件没有数据行}",
    ]
