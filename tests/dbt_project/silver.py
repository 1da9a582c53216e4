"""Small silver tables by hand, as the pipeline would leave them."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
from deltalake import write_deltalake

from govlake import lake, versions
from govlake.contracts import Pack

LOCAL = timedelta(hours=8)
MOMENT = pa.timestamp("us", "UTC")


def at(text: str) -> datetime:
    """UTC instant of a local time such as 2026-09-01 08:15."""
    return (datetime.fromisoformat(text) - LOCAL).replace(tzinfo=UTC)


def tap(number: int, local: str, **values: object) -> dict[str, object]:
    """A bus tap of card a on line B101 in the first district for 2 yuan, 1.90 paid, unless `values` say else."""
    day = date.fromisoformat(local[:10])
    row: dict[str, object] = {
        "tap_id": f"{day:%Y%m%d}{number:09d}",
        "tapped_at": at(local),
        "card_id": "a",
        "card_kind": "adult",
        "tap_type": "bus",
        "line_id": "B101",
        "stop_name": None,
        "district_code": "990101",
        "due_fen": 200,
        "paid_fen": 190,
        "tap_date": day,
        "_batch_id": f"transit.card_tap-{day:%Y%m%d}",
        "_first_batch_id": f"transit.card_tap-{day:%Y%m%d}",
    }
    return row | values


def ticket(number: int, opened: str, **values: object) -> dict[str, object]:
    """An open general ticket about noise in the first district, due in a week, unless `values` say else."""
    day = date.fromisoformat(opened[:10])
    row: dict[str, object] = {
        "ticket_id": f"{day:%Y%m%d}{number:06d}",
        "opened_at": at(opened),
        "channel": "phone",
        "ticket_type": "complaint",
        "topic": "noise",
        "district_code": "990101",
        "area_code": "990101001000",
        "caller_id": None,
        "urgency": "general",
        "due_at": at(opened) + timedelta(days=7),
        "closed_at": None,
        "callback": None,
        "resolution": None,
        "rating": None,
        "opened_date": day,
        "_batch_id": f"hotline.ticket-{day:%Y%m%d}",
        "_first_batch_id": f"hotline.ticket-{day:%Y%m%d}",
    }
    return row | values


def write_taps(*taps: dict[str, object]) -> None:
    """Replace the days that the taps are of."""
    _replace("transit", "card_tap", "tap_date", list(taps), {"tapped_at": MOMENT, "stop_name": pa.string()})


def write_tickets(*tickets: dict[str, object]) -> None:
    """Replace the days on which the tickets were opened."""
    types = dict.fromkeys(("opened_at", "due_at", "closed_at"), MOMENT)
    types |= dict.fromkeys(("callback", "resolution", "rating", "caller_id"), pa.string())
    _replace("hotline", "ticket", "opened_date", list(tickets), types)


def _replace(domain: str, name: str, day_column: str, rows: list[dict[str, object]], types: dict) -> None:
    table = pa.Table.from_pylist(rows)
    schema = pa.schema([(field.name, types.get(field.name, field.type)) for field in table.schema])
    table = pa.Table.from_pylist(rows, schema)
    address = lake.path("silver", domain, name)
    days = ", ".join(sorted({f"'{row[day_column]}'" for row in rows}))
    replaced = {"predicate": f"{day_column} IN ({days})"} if lake.delta(address) else {}
    write_deltalake(address, table, partition_by=[day_column], mode="overwrite", **replaced)


ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "time": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": MOMENT,
}


def write_empty(pack: Pack) -> None:
    """Every table of the pack, and the history of every snapshot, with its contract's columns and no row."""
    meta = [("_batch_id", pa.string()), ("_first_batch_id", pa.string()), ("_batch_order", pa.int64())]
    kinds = {
        "_batch_order": pa.int64(),
        "_row_number": pa.int64(),
        "_occurrence": pa.int32(),
        versions.DAY: pa.date32(),
    }
    changes = [(name, kinds.get(name, pa.string())) for name in versions.META]
    for table in pack.tables():
        columns = [(column.name, ARROW[column.type]) for column in table.columns]
        layers = {"silver": meta} | ({versions.LAYER: changes} if table.mode == "snapshot" else {})
        for layer, own in layers.items():
            address = lake.path(layer, table.domain, table.name)
            write_deltalake(address, pa.schema([*columns, *own]).empty_table(), mode="overwrite")
