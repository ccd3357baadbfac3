"""Write records as Parquet: the columns of CSV with their types, and the words with their times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from floorlog import __version__
from floorlog.clock import parse_rfc3339
from floorlog.exports.frame import Entry, Frame
from floorlog.exports.table import COLUMNS, Row, rows
from floorlog.records import DISCLAIMER

GROUP_ROWS, GROUP_WORDS = 1000, 20_000
"""A group of rows is written after so many rows, or words: it is what is held in memory."""

_TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "truth": pa.bool_(),
    "date": pa.date32(),
    "moment": pa.timestamp("ms", tz="UTC"),
    "texts": pa.list_(pa.string()),
}

_SPAN = pa.struct([("start_ms", pa.int64()), ("end_ms", pa.int64())])
_WORD = pa.struct(
    [
        ("text", pa.string()),
        ("start_ms", pa.int64()),
        ("end_ms", pa.int64()),
        ("confidence", pa.float64()),
        ("source", pa.string()),
    ]
)
_INTERPRETED = pa.struct(
    [("channel", pa.string()), ("language", pa.string()), ("text", pa.string()), ("words", pa.list_(_WORD))]
)

NESTED = (
    ("spans", pa.list_(_SPAN), "When it was said; more than one where it was interrupted and resumed."),
    ("words", pa.list_(_WORD), "The words of `text`, with their times."),
    ("interpreted", pa.list_(_INTERPRETED), "What interpreters said meanwhile, one item a channel."),
)
"""Columns that CSV has no room for."""


class _Sink:
    """A file that keeps what is written to it until it is taken."""

    closed = False

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self._at = 0

    def write(self, data: bytes) -> int:
        self._written.append(bytes(data))
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """There is nowhere to flush to."""

    def close(self) -> None:
        """What was written can still be taken."""

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken, self._written = b"".join(self._written), []
        return taken


def schema(frame: Frame) -> pa.Schema:
    """Return the columns with their meanings, and what the file says of itself."""
    fields = [
        pa.field(column.name, _TYPES[column.type], metadata={"description": column.meaning}) for column in COLUMNS
    ]
    fields += [pa.field(name, kind, metadata={"description": meaning}) for name, kind, meaning in NESTED]
    about = {"title": frame.title, "notice": " ".join(frame.notice()), "disclaimer": DISCLAIMER}
    return pa.schema(fields, metadata=about | {"creator": f"floorlog {__version__}"})


def parquet(entries: Iterable[Entry], frame: Frame) -> Iterator[bytes]:
    """Yield records as a Parquet file, piece by piece; its metadata has the licences of all that is in it."""
    sink, columns = _Sink(), schema(frame)
    licences: dict[str, None] = {}
    synthetic = False
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), columns, compression="zstd") as writer:
        for group in _groups(rows(entries, frame)):
            licences |= dict.fromkeys(row.record["licence"] for row in group)
            synthetic = synthetic or any(row.record["synthetic"] for row in group)
            writer.write_batch(_batch(group, columns))
            yield sink.take()
        writer.add_key_value_metadata({"licence": "; ".join(licences), "synthetic": str(synthetic).lower()})
    yield sink.take()


def _groups(found: Iterable[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    words = 0
    for row in found:
        group.append(row)
        words += len(row.words.words) + sum(len(item["words"]) for item in _interpreted(row))
        if len(group) >= GROUP_ROWS or words >= GROUP_WORDS:
            yield group
            group, words = [], 0
    if group:
        yield group


def _batch(group: list[Row], columns: pa.Schema) -> pa.RecordBatch:
    values = [[_typed(column.type, column.of(row)) for row in group] for column in COLUMNS]
    nested = [
        [[{"start_ms": span["start_ms"], "end_ms": span["end_ms"]} for span in row.record["spans"]] for row in group],
        [list(row.words.words) for row in group],
        [_interpreted(row) for row in group],
    ]
    arrays = [pa.array(column, field.type) for column, field in zip([*values, *nested], columns, strict=True)]
    return pa.record_batch(arrays, schema=columns)


def _interpreted(row: Row) -> list[dict[str, Any]]:
    names = ("channel", "language", "text")
    return [
        {**{name: item[name] for name in names}, "words": item.get("words", [])}
        for item in row.record.get("interpretations", ())
    ]


def _typed(kind: str, value: Any) -> Any:
    if value is None:
        return None
    match kind:
        case "date":
            return date.fromisoformat(value)
        case "moment":
            return parse_rfc3339(value)
        case _:
            return value
