"""The formats of files: their names, what they are called on the wire, and what they can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from floorlog.exports import csv_lines, html_log, jsonl, srt, txt, vtt
from floorlog.exports.frame import Entry, Frame


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Args:
        name: Also the ending of its files.
        media_type: Its media type.
        about: What it is, in a few words.
        one_meeting: Whether a file holds one meeting only: captions run on one meeting's clock.
        text: Yields it as text; None where an adapter writes bytes.
    """

    name: str
    media_type: str
    about: str
    one_meeting: bool
    text: Callable[[Iterable[Entry], Frame], Iterator[str]] | None


FORMATS = {
    item.name: item
    for item in (
        Format("jsonl", jsonl.MEDIA_TYPE, "whole records, one JSON document a line", False, jsonl.jsonl),
        Format("csv", csv_lines.MEDIA_TYPE, "a row a record, for spreadsheets", False, csv_lines.csv_lines),
        Format("parquet", "application/vnd.apache.parquet", "a row a record with its words, typed", False, None),
        Format("vtt", vtt.MEDIA_TYPE, "captions with voices (WebVTT)", True, vtt.vtt),
        Format("srt", srt.MEDIA_TYPE, "captions (SubRip)", True, srt.srt),
        Format("txt", txt.MEDIA_TYPE, "plain text", False, txt.txt),
        Format("html", html_log.MEDIA_TYPE, "a log to read and to print", False, html_log.html_log),
    )
}
"""The formats by name. Parquet is written by `floorlog.adapters.parquet`."""
