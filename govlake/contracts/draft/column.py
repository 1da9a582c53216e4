"""A draft's columns as YAML, each with what a person has to decide about it; and the day columns made from them."""

import json
import re
from collections.abc import Sequence

from govlake.contracts.draft.sample import Sample
from govlake.contracts.draft.scalars import listed, properties, quoted, title
from govlake.contracts.draft.values import Values

CHINESE = re.compile(r"[\u4e00-\u9fff]")
YEAR = re.compile(r"(^|_)year(_|$)")


def column(name: str, header: str, values: Values, key: Sequence[str], partition: str) -> list[str]:
    """One column of the draft, its remarks above it."""
    lines = [f"      # {remark}" for remark in _remarks(name, values)]
    lines += [f"      - name: {name}"]
    shown = re.sub(r"\s+", " ", header).strip()
    lines += [f"        physicalName: {quoted(shown)}"] if shown != name else []
    lines += [f"        businessName: {quoted(title(name))}"]
    person = bool(values.person) and values.type == "string"
    lines += [f"        logicalType: {values.type}"]
    if name in key:
        lines += ["        primaryKey: true", f"        primaryKeyPosition: {list(key).index(name) + 1}"]
    elif values.required:
        lines.append("        required: true")
    if name == partition and values.type == "date":
        lines += ["        partitioned: true", "        partitionKeyPosition: 1"]
    lines += ["        classification: restricted"] if values.person else []
    if values.enum:
        listed = ", ".join(f"{{value: {json.dumps(value, ensure_ascii=False)}}}" for value in values.enum)
        lines.append(f"        enum: [{listed}]")
    return lines + properties(_column_properties(shown, values, person), 8)


def _column_properties(header: str, values: Values, person: bool) -> list[tuple[str, str]]:
    named = [("titleZh", header)] if CHINESE.search(header) else []
    if values.formats:
        named.append(("formats", listed(values.formats)))
    if values.zoned:
        named.append(("timezone", "UTC"))
    if values.null_values:
        told = [value for value in values.read_as_null or {} if value]
        named.append(("nullValues", listed([*told, *values.null_values])))
    if values.decimals is not None:
        named.append(("decimals", str(values.decimals)))
    if person:
        named.append(("pseudonymise", "true"))
    return named


def _remarks(name: str, values: Values) -> list[str]:
    remarks = []
    if name.startswith("column_"):
        remarks.append("Decide: an English name.")
    if values.person:
        remedy = "pseudonymised, so that silver holds a keyed hash" if values.type == "string" else "restricted"
        remarks.append(f"Decide: this looks like personal data ({values.person}). It is {remedy}.")
    if values.is_row_number:
        remarks.append("It only numbers the rows of the file, so it is no key: the next delivery numbers them anew.")
    if values.ambiguous:
        remarks.append("Decide: the values do not show whether the month or the day comes first.")
    if values.misfits:
        count = sum(times for _, times in values.misfits)
        shown = json.dumps(values.misfits[0][0][:40], ensure_ascii=False)
        remarks.append(
            f"Decide: {count:,} of {values.filled:,} values are no {values.type}, such as {shown}: quarantined."
        )
    if values.enum:
        remarks.append("Decide: other values than these will be quarantined; take enum away if more may come.")
    if values.rows and not values.filled:
        remarks.append("No row has a value here.")
    return remarks


def says_when(sample: Sample) -> bool:
    """Whether the rows say which day, month or year they are about."""
    return any(
        value.type in ("date", "timestamp") or (value.type == "integer" and YEAR.search(name))
        for name, value in zip(sample.names, sample.values, strict=True)
    )


def file_column(expression: str, position: int) -> list[str]:
    """The date in the file's name, where nothing in the rows says when they were true."""
    return [
        "      # Decide: only the file's name says when its rows were true, so it is part of what tells them apart.",
        "      - name: file_date",
        "        businessName: Date of the file",
        "        logicalType: date",
        "        primaryKey: true",
        f"        primaryKeyPosition: {position}",
        "        partitioned: true",
        "        partitionKeyPosition: 1",
        f"        transformLogic: {json.dumps(expression, ensure_ascii=False)}",
        *properties([("titleZh", "文件日期")], 8),
    ]


def day_column(partition: str, sample: Sample, timezone: str) -> list[str]:
    """A local calendar day derived from the time that partitions the table."""
    values = dict(zip(sample.names, sample.values, strict=True))
    if not partition or values[partition].type != "timestamp":
        return []
    base = re.sub(r"_(at|time|datetime|date|dt)$", "", partition)
    name = next(f"{base}_{word}" for word in ("date", "day", "local_day") if f"{base}_{word}" not in sample.names)
    return [
        "      # Decide: the day that partitions the table; each delivery then touches only its own days.",
        f"      - name: {name}",
        f"        businessName: {quoted(title(name))}",
        "        logicalType: date",
        "        partitioned: true",
        "        partitionKeyPosition: 1",
        f"        transformLogic: to_date(from_utc_timestamp({partition}, '{timezone}'))",
    ]
