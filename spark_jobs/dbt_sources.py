"""From the contract comes the dbt source: every silver table of a pack, described once, in its contract.

`python -m spark_jobs.dbt_sources` rewrites the file of the built-in city; other packs' are made for each build.
"""

from pathlib import Path
from typing import Any

import yaml

from govlake.contracts import Pack, Table, load_pack
from govlake.settings import settings

BUILT_IN = Path("models/staging/_silver.yml")
HEADER = "# Made from the contracts of the built-in city by `python -m spark_jobs.dbt_sources`; a test keeps it true.\n"


def table_name(table: Table) -> str:
    """The table's name in the engine's catalogue, database `silver`."""
    return f"{table.domain}__{table.name}"


def sources(pack: Pack, name: str = "silver") -> dict[str, Any]:
    """The pack's tables as a dbt source called `name`, always in the schema silver."""
    tables = [
        {
            "name": table_name(table),
            "description": f"{table.title_en}. {table.grain} {table.title_zh}。".replace("  ", " "),
            "columns": [{"name": column.name, "description": column.title_en} for column in table.columns],
        }
        for table in sorted(pack.tables(), key=table_name)
    ]
    return {"sources": [{"name": name, "schema": "silver", "tables": tables}]}


def text(pack: Pack, name: str = "silver") -> str:
    """The source as a YAML file."""
    body = yaml.safe_dump(sources(pack, name), allow_unicode=True, sort_keys=False, width=110)
    return HEADER + body if name == "silver" else body


def main() -> None:
    """Rewrite the built-in city's file."""
    path = settings().project / "dbt_project" / BUILT_IN
    path.write_text(text(load_pack(settings().project / "contracts")), encoding="utf-8")


if __name__ == "__main__":
    main()
