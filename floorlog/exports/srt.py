"""Write captions as SubRip (SRT), which knows neither comments nor voices: labels stand in the captions.

The first caption is the notice that this is no official record. The first one of each record begins with a line that
names the speaker, and in brackets the state of review, unless it was published, and whether the words are an
interpreter's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from floorlog.exports import frame as told
from floorlog.exports import wording
from floorlog.exports.captioned import Captioned, captioned
from floorlog.exports.frame import Entry, Frame
from floorlog.exports.plain import plain
from floorlog.exports.vtt import timestamp
from floorlog.review_states import PUBLIC

MEDIA_TYPE = "application/x-subrip; charset=utf-8"

NOTICE_MS = 5000
"""How long the notice stands: before the first caption, or from the start where that comes at once."""

JOINER = "\N{WORD JOINER}"
"""Keeps players from reading a text as markup: the format has no way to say that a `<` is a `<`. It takes no room."""


def srt(entries: Iterable[Entry], frame: Frame) -> Iterator[str]:
    """Yield the captions of one meeting as a SubRip file, piece by piece."""
    number = 0
    for item in captioned(entries, frame, first_lines=1):
        if not number:
            number = 1
            first_ms = item.cue.start_ms
            start_ms = max(0, first_ms - NOTICE_MS)
            until_ms = first_ms if first_ms - start_ms >= 1000 else start_ms + NOTICE_MS
            yield _caption(number, start_ms, until_ms, _notice(frame))
        number += 1
        lines = [_safe(line) for line in item.cue.lines]
        if item.number == 1:
            lines.insert(0, f"{_safe(label(item))}:")
        yield _caption(number, item.cue.start_ms, item.cue.end_ms, lines)
    if not number:
        yield _caption(1, 0, NOTICE_MS, _notice(frame))


def label(item: Captioned) -> str:
    """Return how a record is named above its first caption, such as `France (automatic, interpretation)`."""
    state = item.record["review"]["state"]
    marks = [] if state in PUBLIC else [wording.state(state).lower()]
    if item.words is not None and item.words.interpretation:
        marks.append("interpretation")
    return told.speaker(item.meeting, item.record) + (f" ({', '.join(marks)})" if marks else "")


def _notice(frame: Frame) -> list[str]:
    about = list(told.about(frame.meeting))[1:] if frame.meeting else []
    return [_safe(plain(line)) for line in [*frame.notice(), *about]]


def _caption(number: int, start_ms: int, end_ms: int, lines: Iterable[str]) -> str:
    when = f"{timestamp(start_ms, ',')} --> {timestamp(end_ms, ',')}"
    return f"{number}\n{when}\n" + "".join(f"{line}\n" for line in lines if line) + "\n"


def _safe(line: str) -> str:
    """Return a line in which players find no tags, no commands and no times."""
    return line.replace("<", f"<{JOINER}").replace("{", f"{{{JOINER}").replace("-->", f"--{JOINER}>")
