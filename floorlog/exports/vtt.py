"""Write captions as WebVTT: each intervention's voice is its delegation, and a comment says what else is known.

Of the format see https://www.w3.org/TR/webvtt1/ (sections 4.1, 4.2.2 and 4.2.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from floorlog.exports import frame as told
from floorlog.exports.captioned import Captioned, captioned
from floorlog.exports.frame import Entry, Frame
from floorlog.exports.plain import plain

MEDIA_TYPE = "text/vtt; charset=utf-8"


def vtt(entries: Iterable[Entry], frame: Frame) -> Iterator[str]:
    """Yield the captions of one meeting as a WebVTT file, piece by piece."""
    yield "WEBVTT\n\n"
    about = told.about(frame.meeting) if frame.meeting else ()
    yield _comment([frame.title, *frame.notice(), *about])
    for item in captioned(entries, frame):
        if item.number == 1:
            yield _comment([f"{name}: {value}" for name, value in _facts(item, frame)])
        yield _cue(item)


def timestamp(at_ms: int, point: str = ".") -> str:
    """Return a moment as hh:mm:ss and thousandths."""
    seconds = at_ms // 1000
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{at_ms % 1000:03d}"


def _cue(item: Captioned) -> str:
    text = "\n".join(map(_escaped, item.cue.lines))
    if item.words is not None:
        classes = [item.record["review"]["state"], *(["interpretation"] if item.words.interpretation else [])]
        text = f"<v.{'.'.join(classes)} {_escaped(told.speaker(item.meeting, item.record))}>{text}</v>"
    when = f"{timestamp(item.cue.start_ms)} --> {timestamp(item.cue.end_ms)}"
    return f"{item.record['id']}.{item.number}\n{when}\n{text}\n\n"


def _facts(item: Captioned, frame: Frame) -> Iterator[tuple[str, str]]:
    record: dict[str, Any] = item.record
    yield "record", record["id"]
    if "revision" in record:
        yield "revision", str(record["revision"])
    yield "state", record["review"]["state"]
    yield "kind", record["kind"]
    if record["speaker"]:
        yield "speaker", told.entities([record["speaker"]["entity"]])
    if person := told.person(record):
        yield "person", person
    if behalf := told.represented(record):
        yield "on behalf of", told.entities(behalf)
    if item.words is not None:
        yield "words", told.language_of(item.words)
    if link := frame.link(record):
        yield "address", link


def _comment(lines: Iterable[str]) -> str:
    """Return a comment block; it can hold everything but an arrow and an empty line."""
    shown = [plain(line).replace("-->", "→") for line in lines]
    return "NOTE\n" + "".join(f"{line}\n" for line in shown if line) + "\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
