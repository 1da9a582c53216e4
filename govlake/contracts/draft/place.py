"""Where a delivered file will be found again: its path with a named folder and the date in its name as a field."""

import re
from dataclasses import dataclass
from pathlib import Path

from govlake.settings import settings

# The date in a file's name: what it looks like, how the path says it, how often such a file comes.
DATES = (
    (r"(?<!\d)(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)", "{date:%Y%m%d}", "d"),
    (r"(?<!\d)(19|20)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?!\d)", "{date:%Y-%m-%d}", "d"),
    (r"(?<!\d)(19|20)\d{2}_(0[1-9]|1[0-2])_(0[1-9]|[12]\d|3[01])(?!\d)", "{date:%Y_%m_%d}", "d"),
    (r"(?<!\d)1\d{2}年\d{1,2}月\d{1,2}日", "{date:%E年%-m月%-d日}", "d"),
    (r"(?<!\d)1\d{2}年\d{1,2}月", "{date:%E年%-m月}", "m"),
    (r"(?<!\d)(19|20)\d{2}年\d{1,2}月", "{date:%Y年%-m月}", "m"),
    (r"(?<!\d)(19|20)\d{2}-(0[1-9]|1[0-2])(?!\d)", "{date:%Y-%m}", "m"),
    (r"(?<!\d)(19|20)\d{2}_(0[1-9]|1[0-2])(?!\d)", "{date:%Y_%m}", "m"),
    (r"(?<!\d)(19|20)\d{2}(0[1-9]|1[0-2])(?!\d)", "{date:%Y%m}", "m"),
    (r"(?<!\d)(?<!19\d\d[-_~])(?<!20\d\d[-_~])(19|20)\d{2}(?!\d)(?![-_~](19|20)\d{2})", "{date:%Y}", "y"),
)


# The same date as SQL over the file's name, for rows that do not say which day or month they are about.
def _digits(pattern: str) -> str:
    return f"CAST(regexp_extract(_source_file, '{pattern}', 1) AS int)"


def _text(pattern: str) -> str:
    return f"regexp_extract(_source_file, '{pattern}', 1)"


_TAIWAN = f"make_date({_digits('([0-9]{3})年')} + 1911, {_digits('年([0-9]{1,2})月')}"
SQL = {
    "{date:%Y%m%d}": f"to_date({_text('([12][0-9]{7})')}, 'yyyyMMdd')",
    "{date:%Y-%m-%d}": f"to_date({_text('([0-9]{4}-[0-9]{2}-[0-9]{2})')}, 'yyyy-MM-dd')",
    "{date:%Y_%m_%d}": f"to_date({_text('([0-9]{4}_[0-9]{2}_[0-9]{2})')}, 'yyyy_MM_dd')",
    "{date:%E年%-m月%-d日}": f"{_TAIWAN}, {_digits('月([0-9]{1,2})日')})",
    "{date:%E年%-m月}": f"{_TAIWAN}, 1)",
    "{date:%Y年%-m月}": f"make_date({_digits('([0-9]{4})年')}, {_digits('年([0-9]{1,2})月')}, 1)",
    "{date:%Y-%m}": f"to_date(concat({_text('([0-9]{4}-[0-9]{2})')}, '-01'), 'yyyy-MM-dd')",
    "{date:%Y_%m}": f"to_date(concat({_text('([0-9]{4}_[0-9]{2})')}, '_01'), 'yyyy_MM_dd')",
    "{date:%Y%m}": f"to_date(concat({_text('([12][0-9]{5})')}, '01'), 'yyyyMMdd')",
    "{date:%Y}": f"make_date({_digits('((19|20)[0-9]{2})')}, 1, 1)",
}
CLOCK = re.compile(r"(?<=\})[_T-]?([01]\d|2[0-3])[0-5]\d([0-5]\d)?(?!\d)")


@dataclass(frozen=True)
class Place:
    """The path of a contract's source; `unit` is how often a file comes (d, m, y), "" where its name does not say."""

    path: str
    unit: str

    @property
    def date_sql(self) -> str:
        """The file's date as SQL over its name; "" where the name has none."""
        return next((expression for field, expression in SQL.items() if field in self.path), "")


def place_of(file: Path) -> Place:
    """The path under which this and later deliveries are found."""
    name, unit = _dated(file.name)
    folder = file.resolve().parent
    for root, where in settings().roots().items():
        if folder.is_relative_to(where):
            return Place("/".join([f"{{{root}}}", *folder.relative_to(where).parts, name]), unit)
    return Place(f"{{inbox}}/{name}", unit)


def stem_of(file: Path) -> str:
    """The file's name without suffixes and date, from which the dataset is named."""
    name = file.name
    for suffix in file.suffixes:
        if re.fullmatch(r"\.[A-Za-z][A-Za-z0-9]{1,6}", suffix):
            name = name.removesuffix(suffix) if name.endswith(suffix) else name.replace(suffix, "")
    dated, _ = _dated(name)
    return re.sub(r"\{date[^}]*\}|\*", "", dated).strip("_- .")


def _dated(name: str) -> tuple[str, str]:
    for pattern, field, unit in DATES:
        if re.search(pattern, name):
            written = re.sub(pattern, field, name, count=1)
            return (CLOCK.sub("_*", written) if unit == "d" else written), unit
    return name, ""
