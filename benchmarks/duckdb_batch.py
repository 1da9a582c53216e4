"""The same day of taps by hand: one script for one file, written for speed, without contract, gates or ledger.

It does what govlake does to `transit.card_tap`: keep the file byte for byte with its hash, decode it, store every row
as text with a hash, clean, type, conform and pseudonymise, judge every row with all its reasons, set bad rows aside as
delivered, keep the latest of each key, store the rest by day, build the three marts and bring them to PostgreSQL.

    python benchmarks/duckdb_batch.py FILE FOLDER POSTGRES_URL KEY

prints one JSON object: seconds and processor seconds per step, and what became of the rows.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

CHUNK = 4 << 20
BATCH = "transit.card_tap"
TEXTS = (
    *("tap_id", "tapped_at", "card_id", "card_kind", "tap_type", "line_id", "stop_name", "device_id"),
    *("district_code", "due_fen", "paid_fen", "settled_date", "uploaded_at"),
)
TYPED = ("tapped_at", "due_fen", "paid_fen", "settled_date", "uploaded_at")
BLANKS = "chr(32) || chr(9) || chr(10) || chr(13) || chr(12) || chr(12288) || chr(160) || chr(8203) || chr(65279)"
NULLS = "'', '-', '--', 'N/A', 'n/a', 'NA', 'NULL', 'null', 'Null', '\\N', 'None', 'nan', 'NaN', '无', '空'"
WIDE, NARROW = "０１２３４５６７８９：／－．，＋", "0123456789:/-.,+"
CODES = {
    "card_kind": {"普通卡": "adult", "学生卡": "student", "老年卡": "senior", "爱心卡": "care"},
    "tap_type": {"地铁入站": "metro_in", "地铁出站": "metro_out", "巴士": "bus"},
    "line_id": {f"{n}号线": f"M{n}" for n in range(1, 5)} | {f"{n}路": f"B{n}" for n in range(101, 113)},
}
ROW = """
SELECT file_row_number AS row_number, tap_id,
    try_strptime(tapped_at, '%Y-%m-%d %H:%M:%S') - INTERVAL 8 HOUR AS tapped_at, tapped_at AS given_tapped_at,
    CASE WHEN card_id IS NOT NULL THEN
        sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode(card_id)))) END AS card_id,
    card_kind, tap_type, line_id, stop_name, device_id, district_code,
    try_cast(replace(due_fen, ',', '') AS BIGINT) AS due_fen, due_fen AS given_due_fen,
    try_cast(replace(paid_fen, ',', '') AS BIGINT) AS paid_fen, paid_fen AS given_paid_fen,
    CAST(try_strptime(settled_date, '%Y-%m-%d') AS DATE) AS settled_date, settled_date AS given_settled_date,
    try_strptime(uploaded_at, '%Y-%m-%d %H:%M:%S') - INTERVAL 8 HOUR AS uploaded_at, uploaded_at AS given_uploaded_at,
    CAST(try_strptime(tapped_at, '%Y-%m-%d %H:%M:%S') AS DATE) AS tap_date
FROM cleaned
"""
RULES = {
    "tap_id.required": "tap_id IS NULL",
    "tap_id.pattern": "NOT regexp_full_match(tap_id, '[0-9]{17}')",
    "tapped_at.type": "tapped_at IS NULL AND given_tapped_at IS NOT NULL",
    "tapped_at.required": "given_tapped_at IS NULL",
    "card_id.required": "card_id IS NULL",
    "card_kind.required": "card_kind IS NULL",
    "card_kind.enum": "card_kind NOT IN ('adult', 'student', 'senior', 'care')",
    "tap_type.required": "tap_type IS NULL",
    "tap_type.enum": "tap_type NOT IN ('metro_in', 'metro_out', 'bus')",
    "line_id.required": "line_id IS NULL",
    "line_id.pattern": "NOT regexp_full_match(line_id, '[MB][0-9]{1,3}')",
    "district_code.required": "district_code IS NULL",
    "district_code.enum": "district_code NOT IN ('990101', '990102', '990103', '990104', '990105', '990106', "
    "'990107', '990108')",
    "due_fen.type": "due_fen IS NULL AND given_due_fen IS NOT NULL",
    "due_fen.required": "given_due_fen IS NULL",
    "due_fen.range": "due_fen NOT BETWEEN 0 AND 5000",
    "paid_fen.type": "paid_fen IS NULL AND given_paid_fen IS NOT NULL",
    "paid_fen.required": "given_paid_fen IS NULL",
    "paid_fen.range": "paid_fen NOT BETWEEN 0 AND 5000",
    "settled_date.type": "settled_date IS NULL AND given_settled_date IS NOT NULL",
    "settled_date.required": "given_settled_date IS NULL",
    "uploaded_at.type": "uploaded_at IS NULL AND given_uploaded_at IS NOT NULL",
    "uploaded_at.required": "given_uploaded_at IS NULL",
    "tap_date.required": "tap_date IS NULL",
    "paid_within_due": "paid_fen > due_fen",
    "tapped_before_upload": "tapped_at > uploaded_at",
}
SILVER = (*TEXTS, "tap_date")
MARTS = {
    "kpi_transit_day": """
SELECT tap_date, district_code, line_id, count(*) AS taps, count_if(tap_type <> 'metro_out') AS boardings,
    count(DISTINCT rider) AS riders, count_if(tap_type <> 'metro_out' AND card_kind = 'senior') AS senior_boardings,
    CAST(sum(due_fen) / 100 AS DECIMAL(18, 2)) AS due_cny, CAST(sum(paid_fen) / 100 AS DECIMAL(18, 2)) AS revenue_cny,
    CAST((sum(due_fen) - sum(paid_fen)) / 100 AS DECIMAL(18, 2)) AS discount_cny,
    CASE WHEN line_id LIKE 'M%' THEN 'metro' ELSE 'bus' END AS mode
FROM taps GROUP BY ALL""",
    "kpi_transit_hour": """
SELECT tap_date, hour(tapped_at + INTERVAL 8 HOUR) AS hour, district_code,
    CASE WHEN tap_type = 'bus' THEN 'bus' ELSE 'metro' END AS mode, count(*) AS taps,
    count_if(tap_type <> 'metro_out') AS boardings, count_if(tap_type = 'metro_out') AS exits
FROM taps GROUP BY ALL""",
    "kpi_transit_city_day": """
SELECT tap_date, count(*) AS taps, count_if(tap_type <> 'metro_out') AS boardings, count(DISTINCT rider) AS riders,
    CAST(sum(due_fen) / 100 AS DECIMAL(18, 2)) AS due_cny, CAST(sum(paid_fen) / 100 AS DECIMAL(18, 2)) AS revenue_cny
FROM taps GROUP BY ALL""",
}


def trimmed(name: str) -> str:
    """Without outer blanks, full-width digits as plain ones."""
    text = f"trim({name}, {BLANKS})"
    return f"translate({text}, '{WIDE}', '{NARROW}')" if name in TYPED else text


def known(name: str) -> str:
    """Null where the text says that there is nothing."""
    return f"CASE WHEN NOT list_contains([{NULLS}], {name}) THEN {name} END"


def conformed(name: str) -> str:
    """Codes as the city writes them."""
    codes = " ".join(f"WHEN '{old}' THEN '{new}'" for old, new in CODES.get(name, {}).items())
    return f"CASE {name} {codes} ELSE {name} END" if codes else name


CLEANING = (trimmed, known, conformed)


class Script:
    """One run: its folder, its DuckDB and what its steps cost."""

    def __init__(self, file: Path, folder: Path, postgres: str, key: bytes) -> None:
        self.file, self.folder, self.postgres, self.key = file, folder, postgres, key
        self.day = f"{file.stem[-8:-4]}-{file.stem[-4:-2]}-{file.stem[-2:]}"
        folder.mkdir(parents=True)
        self.database = duckdb.connect(str(folder / "scratch.duckdb"))
        self.database.execute(f"SET memory_limit = '4GB'; SET temp_directory = '{folder}/spill'; SET TimeZone = 'UTC'")
        self.steps: list[dict[str, Any]] = []

    def run(self) -> dict[str, Any]:
        """All steps: what each cost, and the results."""
        for step in (self.land, self.decode, self.bronze, self.judge, self.keep_latest, self.silver, self.marts):
            self._timed(step)
        return {"steps": self.steps, "results": self.results(), "peak_mb": _peak_mb()}

    def _timed(self, step: Callable[[], None]) -> None:
        start, cpu = time.perf_counter(), time.process_time()
        step()
        cost = {"wall_s": time.perf_counter() - start, "cpu_s": time.process_time() - cpu}
        self.steps.append({"step": step.__name__, **cost})

    def land(self) -> None:
        """Copy byte for byte, hashing on the way."""
        digest = hashlib.sha256()
        with self.file.open("rb") as source, (self.folder / "landed.csv").open("wb") as copy:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            os.fsync(copy.fileno())
        (self.folder / "landed.sha256").write_text(digest.hexdigest())

    def decode(self) -> None:
        """GB18030 to UTF-8; DuckDB reads GB18030 only with an extension that it must download."""
        decoder = codecs.getincrementaldecoder("gb18030")()
        with (self.folder / "landed.csv").open("rb") as source, (self.folder / "utf8.csv").open("wb") as target:
            while chunk := source.read(CHUNK):
                target.write(decoder.decode(chunk).encode())
            target.write(decoder.decode(b"", final=True).encode())

    def bronze(self) -> None:
        """Every row as text with a hash of it; lines that do not split go beside."""
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in TEXTS)
        read = f"read_csv('{self.folder}/utf8.csv', columns = {{{columns}}}, header = true, delim = ',', quote = '\"', "
        read += "auto_detect = false, nullstr = '\\N', store_rejects = true)"
        self.database.execute(
            f"COPY (SELECT *, md5(concat_ws(chr(31), {', '.join(TEXTS)})) AS row_hash, '{BATCH}' AS batch FROM {read}) "
            f"TO '{self.folder}/bronze.parquet' (FORMAT parquet)"
        )
        self.database.execute(
            f"COPY (SELECT DISTINCT line, csv_line FROM reject_errors) TO '{self.folder}/malformed.parquet'"
        )
        (self.folder / "utf8.csv").unlink()

    def judge(self) -> None:
        """Clean, conform, type, pseudonymise; every row with all its reasons and a hash of its content."""
        trimmed, known, conformed = (", ".join(f"{step(name)} AS {name}" for name in TEXTS) for step in CLEANING)
        self.database.execute(
            f"CREATE VIEW cleaned AS SELECT file_row_number, {conformed} FROM (SELECT file_row_number, {known} FROM ("
            f"SELECT file_row_number, {trimmed} "
            f"FROM read_parquet('{self.folder}/bronze.parquet', file_row_number = true)))"
        )
        outer, inner = (bytes(byte ^ pad for byte in self.key.ljust(64, b"\0")).hex() for pad in (0x5C, 0x36))
        tests = ", ".join(f"CASE WHEN {test} THEN '{rule}' END" for rule, test in RULES.items())
        empty = " AND ".join(f"{name if name not in TYPED else f'given_{name}'} IS NULL" for name in TEXTS)
        content = ", ".join(f"coalesce(CAST({name} AS VARCHAR), '\\N')" for name in SILVER)
        self.database.execute(
            f"CREATE TABLE judged AS SELECT row_number, {', '.join(SILVER)}, "
            f"CASE WHEN {empty} THEN ['row.empty'] "
            f"ELSE list_filter([{tests}], lambda rule: rule IS NOT NULL) END AS reasons, stop_name IS NULL AS warned, "
            f"md5(concat_ws(chr(31), {content})) AS content_hash FROM ({ROW.format(outer=outer, inner=inner)})"
        )

    def keep_latest(self) -> None:
        """Rows that lose against another one of their key: repeats, and those a later upload replaces."""
        self.database.execute(
            "CREATE TABLE repeated AS SELECT tap_date, tap_id FROM judged WHERE len(reasons) = 0 "
            "GROUP BY ALL HAVING count(*) > 1"
        )
        latest = "(PARTITION BY tap_date, tap_id ORDER BY uploaded_at DESC, row_number DESC)"
        self.database.execute(
            "CREATE TABLE beaten AS SELECT row_number, content_hash = winner AS is_duplicate FROM ("
            f"SELECT row_number, content_hash, row_number() OVER {latest} AS place, "
            f"first_value(content_hash) OVER {latest} AS winner "
            "FROM judged SEMI JOIN repeated USING (tap_date, tap_id) WHERE len(reasons) = 0) WHERE place > 1"
        )

    def silver(self) -> None:
        """Good rows by day; bad rows as delivered, with their reasons."""
        self.database.execute(
            f"COPY (SELECT row_number, {', '.join(SILVER)}, content_hash, '{BATCH}' AS batch "
            "FROM judged ANTI JOIN beaten USING (row_number) WHERE len(reasons) = 0) "
            f"TO '{self.folder}/silver' (FORMAT parquet, PARTITION_BY (tap_date))"
        )
        self.database.execute(
            f"COPY (SELECT * FROM read_parquet('{self.folder}/bronze.parquet', file_row_number = true) AS bronze "
            "JOIN (SELECT row_number, reasons FROM judged WHERE len(reasons) > 0) AS bad "
            f"ON bronze.file_row_number = bad.row_number) TO '{self.folder}/quarantine.parquet' (FORMAT parquet)"
        )

    def marts(self) -> None:
        """The three marts of the delivered day, in a fresh schema of PostgreSQL."""
        from adbc_driver_postgresql import dbapi

        self.database.execute(
            f"CREATE VIEW taps AS SELECT *, hash(card_id) AS rider "
            f"FROM read_parquet('{self.folder}/silver/*/*.parquet') WHERE tap_date >= DATE '{self.day}'"
        )
        with dbapi.connect(self.postgres) as connection, connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS by_hand CASCADE")
            cursor.execute("CREATE SCHEMA by_hand")
            for name, query in MARTS.items():
                table = self.database.execute(query).to_arrow_table()
                cursor.adbc_ingest(name, table, mode="create", db_schema_name="by_hand")
            connection.commit()

    def results(self) -> dict[str, int]:
        """What became of the rows, to be compared with others' counts."""
        queries = {
            "silver": f"SELECT count(*) FROM read_parquet('{self.folder}/silver/*/*.parquet')",
            "quarantined": f"SELECT (SELECT count(*) FROM '{self.folder}/quarantine.parquet') "
            f"+ (SELECT count(*) FROM '{self.folder}/malformed.parquet')",
            "duplicate": "SELECT count(*) FROM beaten WHERE is_duplicate",
            "superseded": "SELECT count(*) FROM beaten WHERE NOT is_duplicate",
            "reasons": "SELECT coalesce(sum(len(reasons)), 0) FROM judged",
        }
        found = {name: int(self.database.execute(query).fetchall()[0][0]) for name, query in queries.items()}
        malformed = self.database.execute(f"SELECT count(*) FROM '{self.folder}/malformed.parquet'").fetchall()[0][0]
        return found | {"reasons": found["reasons"] + int(malformed)}


def _peak_mb() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> (20 if sys.platform == "darwin" else 10)


if __name__ == "__main__":
    file, folder, postgres, key = sys.argv[1:]
    print(json.dumps(Script(Path(file), Path(folder), postgres, bytes.fromhex(key)).run()))
