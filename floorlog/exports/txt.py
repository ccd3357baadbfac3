"""Write records as plain text: who, for whom, when, in what state, and the words in paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from floorlog.clock import parse_rfc3339
from floorlog.exports import frame as told
from floorlog.exports import wording
from floorlog.exports.frame import Entry, Frame
from floorlog.exports.paragraphs import paragraphs
from floorlog.exports.saying import Said, said
from floorlog.records import DISCLAIMER

MEDIA_TYPE = "text/plain; charset=utf-8"

RULE = "-" * 72


def txt(entries: Iterable[Entry], frame: Frame) -> Iterator[str]:
    """Yield records as plain text, piece by piece; a paragraph is a line."""
    yield _lines([frame.title, *frame.notice(), *(told.about(frame.meeting) if frame.meeting else ())])
    current = frame.meeting["id"] if frame.meeting else None
    for meeting, record in entries:
        if meeting["id"] != current:
            current = meeting["id"]
            yield _lines(["", "", "=" * 72, *told.section(meeting)])
        yield _record(meeting, record, frame)
    yield _lines(["", RULE, DISCLAIMER, *(f"{label}: {meaning}" for label, meaning in told.legend())])


def _record(meeting: dict[str, Any], record: dict[str, Any], frame: Frame) -> str:
    words = said(record, frame.text_language) or said(record)
    lines = ["", RULE, f"{wording.clock(record['spans'][0]['start_ms'])}  {told.speaker(meeting, record)}"]
    if person := told.person(record):
        lines.append(person)
    if behalf := told.represented(record):
        lines.append(f"on behalf of {told.entities(behalf)}")
    if record["aligned_with"]:
        lines.append(f"aligned with {told.entities(record['aligned_with'])}")
    lines.append(" · ".join(_facts(record, words)))
    if link := frame.link(record):
        lines.append(link)
    for paragraph in paragraphs(words) if words else ():
        if paragraph.resumed_ms is not None:
            lines += ["", f"[Interrupted; resumed at {wording.clock(paragraph.resumed_ms)}]"]
        lines += ["", paragraph.text]
    return _lines(lines)


def _facts(record: dict[str, Any], words: Said | None) -> Iterator[str]:
    yield f"{parse_rfc3339(record['spans'][0]['start_utc']):%Y-%m-%d %H:%M:%S} UTC"
    yield wording.KINDS.get(record["kind"], record["kind"])
    if words:
        yield told.language_of(words)
    yield wording.state(record["review"]["state"])
    yield record["id"] + (f", revision {record['revision']}" if "revision" in record else "")


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
