"""Independent readers find the same content in every file, whatever the texts hold."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
import srt as srt_reader
import webvtt

from floorlog import contract
from floorlog.adapters.parquet import parquet
from floorlog.clock import parse_rfc3339
from floorlog.exports.formats import FORMATS
from floorlog.exports.frame import Frame, speaker
from floorlog.exports.plain import plain
from floorlog.exports.table import COLUMNS
from tests.exported import CHINA, EGYPT, UNION, entries, hostile, interpreted, meeting, record

RECORDS = [
    *hostile(),
    record(
        "Merci Monsieur le Président", 2_000_000, language="fr", interpretations=[interpreted("Thank you", 2_001_000)]
    ),
    record("شكرا", 2_060_000, EGYPT, language="ar", aligned_with=[UNION, CHINA]),
    record("", 2_120_000, None, language=None, kind="minute_of_silence"),
]

Facts = tuple[str, str, int, int, datetime, str | None, tuple[str, ...], str]
"""Id, state, times, code, codes of those who were spoken for, and text of a record."""


def facts(item: dict[str, Any]) -> Facts:
    """What every format must keep of a record document."""
    return (
        item["id"],
        item["review"]["state"],
        item["spans"][0]["start_ms"],
        item["spans"][-1]["end_ms"],
        parse_rfc3339(item["spans"][0]["start_utc"]),
        item["speaker"]["entity"]["code"] if item["speaker"] else None,
        tuple(entity["code"] for entity in item["on_behalf_of"]),
        item["text"],
    )


EXPECTED = [facts(item) for item in RECORDS]


@pytest.fixture
def written(tmp_path: Path) -> dict[str, Path]:
    """A file of each format."""
    files = {}
    for name, form in FORMATS.items():
        frame = Frame(meeting(), base_url="https://log.example")
        pieces = (
            parquet(entries(RECORDS), frame)
            if form.text is None
            else (piece.encode() for piece in form.text(entries(RECORDS), frame))
        )
        files[name] = tmp_path / f"small.{name}"
        files[name].write_bytes(b"".join(pieces))
    return files


def test_json_lines_are_the_records(written: dict[str, Path]) -> None:
    """A line that is not a whole record, or two of them, stops every reader of the format."""
    lines = written["jsonl"].read_text("utf-8").splitlines()  # also cuts at U+2028, as careless readers do
    assert [json.loads(line) for line in lines] == RECORDS
    for line in lines:
        contract.validate("record", json.loads(line))


def test_duckdb_and_pandas_read_json_lines(written: dict[str, Path]) -> None:
    """They guess types from the values: what looks like a number or a date in a text must stay a text."""
    found = query(
        "select id, review.state, spans[1].start_ms, spans[-1].end_ms, spans[1].start_utc::timestamptz,"
        " speaker.entity.code, list_transform(on_behalf_of, lambda x: x.code), text"
        f" from read_json('{written['jsonl']}', format = 'newline_delimited', maximum_object_size = 1000000)"
    )
    assert [(*row[:4], row[4], row[5], tuple(row[6]), row[7]) for row in found] == EXPECTED
    frame = pd.read_json(written["jsonl"], lines=True, dtype=False).astype(object)
    rows = frame.where(frame.notna(), None).to_dict("records")
    assert [facts({str(name): value for name, value in item.items()}) for item in rows] == EXPECTED


def query(sql: str) -> list[tuple[Any, ...]]:
    """What DuckDB answers."""
    found = duckdb.sql(sql)
    assert found is not None
    return found.fetchall()


def cell(value: str) -> str:
    """A text of a CSV file as it was, as docs/exports.md says."""
    return value.removeprefix("'")


def from_csv(rows: Iterator[dict[str, str]]) -> list[Facts]:
    """The facts in rows of texts."""
    return [
        (
            row["record_id"],
            row["state"],
            int(row["start_ms"]),
            int(row["end_ms"]),
            parse_rfc3339(row["start_utc"]),
            row["entity"] or None,
            tuple(row["on_behalf_of"].split(";")) if row["on_behalf_of"] else (),
            cell(row["text"]),
        )
        for row in rows
    ]


def test_python_duckdb_and_pandas_read_csv(written: dict[str, Path]) -> None:
    """Three readers with three ideas of quotes and ends of lines."""
    with written["csv"].open(encoding="utf-8", newline="") as file:
        assert from_csv(iter(csv.DictReader(file))) == EXPECTED
    names = [column.name for column in COLUMNS]
    table = query(f"select * from read_csv('{written['csv']}', header = true, all_varchar = true)")
    rows = [dict(zip(names, [each or "" for each in row], strict=True)) for row in table]
    assert from_csv(iter(rows)) == EXPECTED
    frame = pd.read_csv(written["csv"], dtype=str, keep_default_na=False)
    assert from_csv(iter(frame.to_dict("records"))) == EXPECTED


def test_no_cell_of_csv_is_a_formula(written: dict[str, Path]) -> None:
    """A spreadsheet that opens what somebody said must not carry it out."""
    with written["csv"].open(encoding="utf-8", newline="") as file:
        cells = [value for row in csv.reader(file) for value in row]
    assert [value for value in cells if value.startswith(tuple("=+-@\t\r\n＝＋－＠"))] == []


def test_duckdb_and_pandas_read_parquet(written: dict[str, Path]) -> None:
    """The types are in the file: nothing is left to guess."""
    found = query(
        "select record_id, state, start_ms, end_ms, start_utc, entity, on_behalf_of, text"
        f" from read_parquet('{written['parquet']}')"
    )
    assert [(*row[:6], tuple(row[6]), row[7]) for row in found] == EXPECTED
    frame = pd.read_parquet(written["parquet"])
    names = ["record_id", "state", "start_ms", "end_ms", "start_utc", "entity", "on_behalf_of", "text"]
    rows = frame[names].astype(object).where(frame[names].notna(), None).itertuples(index=False)
    assert [(*row[:4], row[4].to_pydatetime(), row[5], tuple(row[6]), row[7]) for row in rows] == EXPECTED


def test_parquet_has_the_words_with_their_times(written: dict[str, Path]) -> None:
    """Whoever cuts the video, or measures how fast people speak, needs each word."""
    found = query(f"select words, interpreted from read_parquet('{written['parquet']}')")
    assert [row[0] for row in found] == [item["words"] for item in RECORDS]
    assert [[each["words"] for each in row[1]] for row in found] == [
        [each["words"] for each in item.get("interpretations", [])] for item in RECORDS
    ]


def test_parquet_says_what_it_is(written: dict[str, Path]) -> None:
    """A file outlives the place it was found at: the label must be inside."""
    found = query(f"select key, value from parquet_kv_metadata('{written['parquet']}')")
    about = {key.decode(): value.decode() for key, value in found if key != b"ARROW:schema"}
    assert about["disclaimer"] == "Automatic transcript. Not an official record."
    assert (about["licence"], about["synthetic"], about["title"]) == ("CC0-1.0", "true", "Meeting small")
    assert all(field.metadata[b"description"] for field in pq.read_schema(written["parquet"]))


def test_csv_and_parquet_have_the_same_columns(written: dict[str, Path]) -> None:
    """A question that was asked of one can be asked of the other."""
    names = [column.name for column in COLUMNS]
    assert next(csv.reader(io.StringIO(written["csv"].read_text("utf-8")))) == names
    assert pq.read_schema(written["parquet"]).names == [*names, "spans", "words", "interpreted"]


def letters(text: str) -> str:
    """A text as captions hold it, without blanks and marks of direction."""
    return re.sub("[\\s\u200e\u200f]", "", plain(text))


SPOKEN = [item for item in RECORDS if item["words"]]


def test_webvtt_py_reads_the_captions(written: dict[str, Path]) -> None:
    """A text that ends its caption, opens a tag or makes another one would put words into somebody's mouth."""
    by_id: dict[str, list[Any]] = {}
    known: dict[str, dict[str, str]] = {}
    read = webvtt.read(str(written["vtt"]))
    for caption in read.captions:
        by_id.setdefault(str(caption.identifier).rpartition(".")[0], []).append(caption)
    for comment in [*read.header_comments, *(comment for caption in read.captions for comment in caption.comments)]:
        pairs = dict(line.split(": ", 1) for line in comment.split("\n") if ": " in line)
        known.setdefault(pairs.get("record", ""), pairs)
    assert list(by_id) == [item["id"] for item in SPOKEN]
    for item in SPOKEN:
        captions, pairs = by_id[item["id"]], known[item["id"]]
        text = "".join(unescape(caption.text) for caption in captions)  # the reader leaves &lt; as it is
        assert letters(text) == letters(item["text"])
        assert {caption.voice for caption in captions} == {speaker(meeting(), item)}
        assert captions[0].start_time.in_milliseconds() == item["words"][0]["start_ms"]
        assert captions[-1].end_time.in_milliseconds() >= item["words"][-1]["end_ms"]
        assert pairs["state"] == item["review"]["state"]
        code = item["speaker"] and item["speaker"]["entity"]["code"]
        assert pairs.get("speaker") == (f"{item['speaker']['entity']['name']} ({code})" if code else None)
        assert pairs.get("on behalf of") == ("European Union (EU)" if item["on_behalf_of"] else None)


def test_srt_reads_the_captions(written: dict[str, Path]) -> None:
    """The format has no way to escape: what would be markup is defused, and reads the same."""
    found = list(srt_reader.parse(written["srt"].read_text("utf-8")))
    assert [item.index for item in found] == list(range(1, len(found) + 1))
    assert found[0].content.startswith("Automatic transcript. Not an official record.")
    spoken = {item["words"][0]["start_ms"]: item for item in SPOKEN}
    texts: dict[str, str] = {}
    current: dict[str, Any] = {}
    for caption in found[1:]:
        lines = caption.content.split("\n")
        start_ms = round(caption.start.total_seconds() * 1000)
        if start_ms in spoken:
            current = spoken[start_ms]
            marks = " (automatic)" if current["review"]["state"] == "machine" else ""
            assert lines.pop(0) == f"{speaker(meeting(), current)}{marks}:"
        texts[current["id"]] = texts.get(current["id"], "") + "".join(lines).replace("\N{WORD JOINER}", "")
    assert {key: letters(text) for key, text in texts.items()} == {item["id"]: letters(item["text"]) for item in SPOKEN}


@pytest.mark.parametrize("name", ["vtt", "srt", "txt", "html"])
def test_no_text_turns_around_what_stands_beside_it(name: str, written: dict[str, Path]) -> None:
    """An override that is left open would reverse the label that says who speaks, and in what state the record is."""
    assert re.findall("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f]", written[name].read_text("utf-8")) == []


@pytest.mark.parametrize("name", FORMATS)
def test_every_file_says_what_it_is(name: str, written: dict[str, Path]) -> None:
    """Without its label an automatic transcript is taken for a record."""
    data = written[name].read_bytes()
    for label in ("Automatic transcript. Not an official record.", "CC0-1.0"):
        assert label.encode() in data
    synthetic = {"jsonl": b'"synthetic": true', "csv": b",true\r\n", "parquet": b"synthetic"}
    assert synthetic.get(name, b"Synthetic. Made-up text") in data
