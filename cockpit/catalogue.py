"""Which tables and columns the cockpit may read, and what they are called."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from govlake.errors import CockpitError

READER = "cockpit_reader"
SCHEMAS = ("marts", "ledger_public")


@dataclass(frozen=True)
class Catalogue:
    """Columns with their types per `schema.table`, and titles (Chinese, English) per table and column."""

    columns: Mapping[str, Mapping[str, str]]
    titles: Mapping[str, str] = field(default_factory=dict)

    def missing(self, table: str, wanted: set[str]) -> list[str]:
        """What of `wanted` cannot be read: the table itself, or some of its columns."""
        if table not in self.columns:
            return [table]
        return sorted(f"{table}.{column}" for column in wanted - set(self.columns[table]))


def from_database(url: str, *models: Path) -> Catalogue:
    """What stands in PostgreSQL now and the reader may select, with the titles that the dbt models carry."""
    import psycopg

    query = """
        select c.table_schema || '.' || c.table_name, c.column_name, c.data_type
        from information_schema.columns c
        where c.table_schema = any(%s)
          and has_table_privilege(%s, format('%%I.%%I', c.table_schema, c.table_name), 'select')
        order by c.table_schema, c.table_name, c.ordinal_position"""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            rows = connection.execute(query, (list(SCHEMAS), READER)).fetchall()
    except psycopg.Error as error:
        raise CockpitError(
            f"The marts cannot be listed: {str(error).splitlines()[0]}.", "Start the stack with `govlake up`."
        ) from error
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        columns.setdefault(table, {})[column] = kind
    return Catalogue(columns, described(*models).titles)


def described(*models: Path) -> Catalogue:
    """What the dbt models below the folders `models` promise: their columns, types and titles."""
    columns: dict[str, dict[str, str]] = {}
    titles: dict[str, str] = {}
    for file in sorted(file for folder in models for file in folder.rglob("*.yml")):
        described_there = yaml.load(
            file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
        for model in (described_there or {}).get("models", []):
            table = f"marts.{model['name']}"
            columns[table] = {c["name"]: str(c.get("data_type", "")) for c in model.get("columns", [])}
            titles[table] = _title(model, "title_zh", "title_en")
            titles |= {f"{table}.{c['name']}": _title(c, "zh", "en") for c in model.get("columns", [])}
    return Catalogue(columns, {key: title for key, title in titles.items() if title})


def _title(entry: Mapping[str, Any], zh: str, en: str) -> str:
    meta = (entry.get("config") or {}).get("meta") or {}
    return " ".join(str(meta[key]) for key in (zh, en) if meta.get(key))
