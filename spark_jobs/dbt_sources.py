"""From the contract comes the dbt source: every silver table of a pack, described once, in its contract.

`python -m spark_jobs.dbt_sources` rewrites the file of the built-in city, and the calendar of working days as a model;
other packs' sources are made for each build.
"""

from pathlib import Path
from typing import Any

import yaml

from govlake.calendar import working_days
from govlake.contracts import Pack, Table, load_pack
from govlake.settings import settings
from govlake.versions import SUFFIX

BUILT_IN = Path("models/staging/_silver.yml")
CALENDAR = Path("models/intermediate/city/int_city__calendar.sql")
HEADER = "# Made from the contracts of the built-in city by `python -m spark_jobs.dbt_sources`; a test keeps it true.\n"


def table_name(table: Table) -> str:
    """The table's name in the engine's catalogue, database `silver`."""
    return f"{table.domain}__{table.name}"


def sources(pack: Pack, name: str = "silver") -> dict[str, Any]:
    """The pack's tables as a dbt source called `name`, always in the schema silver; of a snapshot also its versions."""
    tables = [
        {
            "name": f"{table_name(table)}{suffix}",
            "description": f"{table.title_en}{said}. {table.grain} {table.title_zh}。".replace("  ", " "),
            "columns": [{"name": column.name, "description": column.title_en} for column in table.columns],
        }
        for table in sorted(pack.tables(), key=table_name)
        for suffix, said in (("", ""), (SUFFIX, ", every version"))
        if not suffix or table.mode == "snapshot"
    ]
    return {"sources": [{"name": name, "schema": "silver", "tables": tables}]}


def text(pack: Pack, name: str = "silver") -> str:
    """The source as a YAML file."""
    body = yaml.safe_dump(sources(pack, name), allow_unicode=True, sort_keys=False, width=110)
    return HEADER + body if name == "silver" else body


def calendar() -> str:
    """The calendar of working days as a model: every day of the announced years, special days by name."""
    special = [day for day in working_days.days() if day.name]
    listed = ",\n".join(f"        (date'{day.date}', {str(day.is_workday).lower()}, '{day.name}')" for day in special)
    first, last = working_days.span()
    return (
        "{#- Made from govlake/calendar by `python -m spark_jobs.dbt_sources`; a test keeps it true. -#}\n"
        f"with special as (\n    select *\n    from\n        values\n{listed}\n"
        "            as special (date, is_workday, holiday_zh)\n),\n\n"
        f"dates as (\n    select explode(sequence(date'{first}', date'{last}', interval 1 day)) as date\n),\n\n"
        "days as (\n    select\n        dates.date,\n        special.holiday_zh,\n"
        "        coalesce(special.is_workday, {{ is_workday('dates.date') }}) as is_workday\n"
        "    from dates\n    left join special on dates.date = special.date\n)\n\nselect * from days\n"
    )


def main() -> None:
    """Rewrite the built-in city's files."""
    project = settings().project / "dbt_project"
    (project / BUILT_IN).write_text(text(load_pack(settings().project / "contracts")), encoding="utf-8")
    (project / CALENDAR).write_text(calendar(), encoding="utf-8")


if __name__ == "__main__":
    main()
