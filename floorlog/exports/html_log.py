"""Write records as a log to read and to print: one HTML file without scripts, and nothing from elsewhere."""

from __future__ import annotations

import functools
import importlib.resources
from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

import jinja2

from floorlog.clock import parse_rfc3339
from floorlog.exports import frame as told
from floorlog.exports import wording
from floorlog.exports.frame import Entry, Frame
from floorlog.exports.paragraphs import paragraphs
from floorlog.exports.plain import plain
from floorlog.exports.saying import said
from floorlog.records import DISCLAIMER
from floorlog.review_states import PUBLIC

MEDIA_TYPE = "text/html; charset=utf-8"


def html_log(entries: Iterable[Entry], frame: Frame) -> Iterator[str]:
    """Yield records as a page, piece by piece."""
    head, meeting_head, entry, foot = (_template(name) for name in ("head", "meeting", "record", "foot"))
    yield head.render(frame=frame, style=_style())
    current = frame.meeting["id"] if frame.meeting else None
    if frame.meeting:
        yield meeting_head.render(title=None, about=list(told.about(frame.meeting)))
    for meeting, record in entries:
        if meeting["id"] != current:
            current = meeting["id"]
            title, *about = told.section(meeting)
            yield meeting_head.render(title=title, about=about)
        yield entry.render(_shown(meeting, record, frame))
    yield foot.render(disclaimer=DISCLAIMER, legend=list(told.legend()))


def content_security_policy() -> str:
    """Return the policy under which the page may be shown: its own style, and nothing else."""
    digest = b64encode(sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _shown(meeting: dict[str, Any], record: dict[str, Any], frame: Frame) -> dict[str, Any]:
    """Return what the template shows of a record."""
    words = said(record, frame.text_language) or said(record)
    first, last = record["spans"][0], record["spans"][-1]
    began, ended = parse_rfc3339(first["start_utc"]), parse_rfc3339(last["end_utc"])
    state = record["review"]["state"]
    return {
        "id": record["id"],
        "revision": record.get("revision"),
        "link": frame.link(record),
        "clock": wording.clock(first["start_ms"]),
        "utc": f"{began:%H:%M:%S}–{ended:%H:%M:%S} UTC",
        "began": first["start_utc"],
        "length": wording.length(sum(span["end_ms"] - span["start_ms"] for span in record["spans"])),
        "speaker": told.speaker(meeting, record),
        "named": record["speaker"] is not None,
        "code": record["speaker"]["entity"]["code"] if record["speaker"] else None,
        "person": told.person(record),
        "on_behalf_of": [plain(item["name"]) for item in told.represented(record)],
        "aligned_with": [plain(item["name"]) for item in record["aligned_with"]],
        "kind": wording.KINDS.get(record["kind"], record["kind"]),
        "quiet": record["kind"] in wording.SUBDUED,
        "language": told.language_of(words) if words else None,
        "interpretation": words is not None and words.interpretation,
        "lang": words.language if words else None,
        "state": wording.state(state),
        "state_class": state,
        "public": state in PUBLIC,
        "paragraphs": [
            (paragraph.text, None if paragraph.resumed_ms is None else wording.clock(paragraph.resumed_ms))
            for paragraph in (paragraphs(words) if words else ())
        ],
    }


@functools.cache
def _style() -> str:
    folder = importlib.resources.files("floorlog") / "data" / "exports"
    return (folder / "log.css").read_text("utf-8")


@functools.cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("floorlog", "data/exports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _template(name: str) -> jinja2.Template:
    return _templates().get_template(f"{name}.html")
