"""The standards that a column may conform to: what can be wrong with a value, in words for those who must put it right.

The SQL that finds each fault is in `spark_jobs/standards/`. A value has at most one fault: the first that applies.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from govlake import calendar
from govlake.contracts.functions import OF_THE_CALENDAR, calls
from govlake.contracts.model import Column, Rule

LEVELS = ("province", "city", "county", "township", "village")  # 省、市、县、乡、村


@dataclass(frozen=True)
class Fault:
    """One thing that can be wrong. The messages go behind the column's title; `dimension` is of GB/T 36344."""

    name: str
    message_en: str
    message_zh: str
    dimension: str


EXCEL = Fault(
    "excel",
    "was cut to 15 digits by a spreadsheet (ends in 000 or E+17); export the column as text",
    "被电子表格截成15位有效数字（末尾变成000或E+17），请按文本格式重新导出",
    "0301",
)
STANDARDS: Mapping[str, tuple[Fault, ...]] = {
    "resident_id": (
        Fault(
            "form",
            "is not written as 18 characters (or the 15 digits of before)",
            "不是18位（或旧15位）公民身份号码",
            "0302",
        ),
        EXCEL,
        Fault("area", "begins with digits that no region has", "前两位不是有效的省级区划代码", "0105"),
        Fault("birth_date", "holds a day of birth that does not exist", "其中的出生日期不存在", "0301"),
        Fault(
            "check",
            "does not fit its check digit: a digit is wrong or two are swapped",
            "校验位不符，有数字写错或颠倒",
            "0301",
        ),
    ),
    "credit_code": (
        Fault(
            "form",
            "is not written as a unified social credit code of 18 characters",
            "不是18位统一社会信用代码",
            "0302",
        ),
        EXCEL,
        Fault(
            "organisation",
            "holds an organisation code (characters 9 to 17) that does not fit its check digit",
            "其中的组织机构代码（第9至17位）校验位不符",
            "0301",
        ),
        Fault("check", "does not fit its check digit: a character is wrong", "校验位不符，有字符写错", "0301"),
    ),
    "organisation_code": (
        Fault(
            "form",
            "is neither an organisation code of 9 characters nor a credit code of 18",
            "既不是9位组织机构代码，也不是18位统一社会信用代码",
            "0302",
        ),
        EXCEL,
        Fault("check", "does not fit its check digit: a character is wrong", "校验位不符，有字符写错", "0301"),
    ),
    "area_code": (
        Fault("form", "is not a division code of 6, 9 or 12 digits", "不是6、9或12位行政区划代码", "0302"),
        Fault("level", "is not of the agreed level", "不是约定级别的行政区划代码", "010102"),
        Fault("unknown", "is not in the code table of divisions", "不在行政区划代码表内", "0105"),
        Fault("abolished", "was not valid on the day of the record", "在记录当日未启用或已撤销", "0105"),
    ),
}


def standard_rules(column: Column) -> Iterator[Rule]:
    """One rule per fault that the column's standard, as it is agreed, can find."""
    for fault in STANDARDS.get(column.standard, ()):
        if (
            (fault.name == "level" and not column.levels)
            or (fault.name == "unknown" and not column.areas)
            or (fault.name == "abolished" and not (column.areas and column.valid_on))
        ):
            continue
        yield Rule(
            f"{column.name}.{column.standard}_{fault.name}",
            "quarantine",
            f"{column.title_en} {fault.message_en}",
            f"{column.title_zh}{fault.message_zh}",
            f"_fault_{column.name} <> '{fault.name}'",
            column=column.name,
            kind="standard",
            dimension=fault.dimension,
            arguments={"fault": fault.name},
        )


def calendar_rules(column: Column) -> Iterator[Rule]:
    """A derived column that counts working days needs days for which the calendar is known."""
    for call in calls(column.expression):
        if call.name in OF_THE_CALENDAR:
            first, last = calendar.span()
            missing = "".join(f" OR ({argument}) IS NULL" for argument in call.arguments)
            yield Rule(
                f"{column.name}.calendar",
                "quarantine",
                f"{column.title_en} cannot be counted: the calendar of working days covers {first} to {last}",
                f"{column.title_zh}无法计算：工作日历只覆盖{first}至{last}",
                f"{column.name} IS NOT NULL{missing}",
                column=column.name,
                kind="calendar",
                dimension="0105",
                arguments={"calendar": calendar.version()},
            )
            return
