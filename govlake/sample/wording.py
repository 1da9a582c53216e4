"""Clean values as the department writes them: its headers, its code words, its way to write times and numbers."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from govlake.contracts.model import Column, Table

FORMS = {"yyyy-MM-dd HH:mm:ss": "%Y-%m-%d %H:%M:%S", "yyyy-MM-dd": "%Y-%m-%d"}
TRUE, FALSE = "是", "否"


def worded(rows: pa.Table, agreed: Table) -> pa.Table:
    """Every column as text under its delivered header; null is the empty text."""
    columns = {column.delivered[0]: _texts(rows[column.name], column) for column in agreed.delivered_columns}
    return pa.table(columns)


def _texts(values: pa.ChunkedArray, column: Column) -> pa.Array:
    return _written(values.combine_chunks(), column).fill_null("")


def _written(values: pa.Array, column: Column) -> pa.Array:
    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        form = FORMS[column.formats[0]]
        return pc.call_function("strftime", [values], pc.StrftimeOptions(form))
    if column.type == "boolean":
        return pc.call_function("if_else", [values, pa.scalar(TRUE), pa.scalar(FALSE)])
    if column.type == "time":
        minutes = values.to_numpy() // 60
        return pa.array([f"{minute // 60:02d}:{minute % 60:02d}" for minute in minutes])
    if column.codes:
        conformed = list(dict.fromkeys(column.codes.values()))
        words = {code: word for word, code in reversed(list(column.codes.items()))}
        at = pc.call_function("index_in", [values], pc.SetLookupOptions(pa.array(conformed)))
        return pa.array([words[code] for code in conformed]).take(at)
    return values if pa.types.is_string(values.type) else values.cast(pa.utf8())


def put(texts: pa.Table, header: str, mask: np.ndarray, text: str) -> pa.Table:
    """The table with `text` under `header` where `mask` holds."""
    column = pc.call_function("if_else", [pa.array(mask), pa.scalar(text), texts[header].combine_chunks()])
    return texts.set_column(texts.column_names.index(header), header, column)
