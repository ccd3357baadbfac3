"""Records to export: a sitting in several languages, with texts that try to break out of every format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from floorlog.clock import after, rfc3339
from floorlog.exports.frame import Entry
from floorlog.identity import record_id
from tests.small_floor import BEGAN, a_meeting

FRANCE = {"scheme": "iso3166-1-alpha-3", "code": "FRA", "name": "France"}
EGYPT = {"scheme": "iso3166-1-alpha-3", "code": "EGY", "name": "Egypt"}
CHINA = {"scheme": "iso3166-1-alpha-3", "code": "CHN", "name": "China"}
UNION = {"scheme": "floorlog", "code": "EU", "name": "European Union"}
CHAIR = {"scheme": "floorlog", "code": "CHAIR", "name": "Chair"}

HOSTILE = (
    "commas, semicolons; and 'apostrophes'",
    'quotes " and "" doubled',
    "two\nlines\r\nand\rmore",
    "\n\n2\n00:00:01,000 --> 00:00:02,000\nanother caption",
    "an arrow --> and a ----> long one",
    "NOTE this is no comment",
    "a \N{RIGHT-TO-LEFT OVERRIDE}gnisrever\N{POP DIRECTIONAL FORMATTING} and \N{RIGHT-TO-LEFT ISOLATE}open",
    "<script>alert(1)</script><v Nobody>&amp;&lt;{\\an8}{b}",
    "controls \x01\x07\x1b[31m\x7f\x85\u2028\u2029 and a tab\there",
    '=HYPERLINK("http://example.org","x")',
    "+1+1",
    "-2-2",
    "@SUM(A1:A9)",
    "'quoted from the start",
    "＝1＋1",
    "emoji 👩‍👩‍👧‍👦 🏳️‍🌈 🇫🇷 é e\u0301",
    "السيد الرئيس، ABC شكرا جزيلا. نحن ١٢٣ هنا؟",
    "主席先生，各位代表，我们感谢秘书长的报告，并支持关于人权的行动呼吁。",
    "नमस्ते दुनिया",
    "https://example.org/" + "very-long-" * 20,
    "\ufeffmarked",
)
"""Texts that a recogniser or a person may have left: none has NUL, which the contracts refuse."""


def meeting(meeting_id: str = "small", **changes: Any) -> dict[str, Any]:
    """A meeting with interpretation into English and French; published, synthetic."""
    document = a_meeting(meeting_id, ("floor", "en", "fr"))
    return {**document, "title": f"Meeting {meeting_id}", "synthetic": True, "licence": "CC0-1.0", **changes}


def words(text: str, start_ms: int, step_ms: int = 400, length_ms: int = 350) -> list[dict[str, Any]]:
    """The words of a text, cut at spaces, one every `step_ms`."""
    return [
        {
            "text": part,
            "start_ms": start_ms + step_ms * place,
            "end_ms": start_ms + step_ms * place + length_ms,
            "confidence": 0.9,
            "source": "recognised",
        }
        for place, part in enumerate(text.split(" "))
        if part
    ]


def span(start_ms: int, end_ms: int) -> dict[str, Any]:
    """A span of a record, with its UTC."""
    utc = {"start_utc": rfc3339(after(BEGAN, start_ms)), "end_utc": rfc3339(after(BEGAN, end_ms))}
    return {"start_ms": start_ms, "end_ms": end_ms, **utc}


def record(
    text: str,
    start_ms: int = 0,
    entity: dict[str, str] | None = FRANCE,
    *,
    meeting_id: str = "small",
    language: str | None = "en",
    state: str = "published",
    **changes: Any,
) -> dict[str, Any]:
    """A valid record of a text as it was said."""
    spoken = words(text, start_ms)
    speaker = {"entity": entity, "name_as_said": None, "role": "member_state", "capacity": None, "person": None}
    return {
        "schema": "record/1",
        "id": record_id(meeting_id, "floor", start_ms),
        "revision": 2,
        "meeting_id": meeting_id,
        "channel": "floor",
        "kind": "statement",
        "spans": [span(start_ms, max(start_ms + 1000, spoken[-1]["end_ms"] if spoken else 0))],
        "language_spoken": language,
        "language_text": language,
        "interpretation": False,
        "speaker": speaker if entity else None,
        "on_behalf_of": [],
        "aligned_with": [],
        "attribution": {
            "status": "attributed" if entity else "unattributed",
            "confidence": 0.97,
            "method": "machine",
            "evidence": [],
            "alternatives": [],
        },
        "text": " ".join(word["text"] for word in spoken),
        "words": spoken,
        "quality": {
            "recogniser_confidence": 0.9,
            "coverage": {"words_ms": 1000, "speech_without_words_ms": 0, "no_speech_ms": 0, "gap_ms": 0},
            "flags": [],
        },
        "themes": [],
        "review": {"state": state},
        "provenance": {
            "model": "base",
            "model_sha256": None,
            "fingerprint": "whisper-base",
            "method": "floor",
            "version": "floor/1",
        },
        "licence": "CC0-1.0",
        "disclaimer": "Automatic transcript. Not an official record.",
        "synthetic": True,
        **changes,
    }


def interpreted(text: str, start_ms: int, language: str = "en") -> dict[str, Any]:
    """What an interpreter said."""
    spoken = words(text, start_ms)
    end_ms = spoken[-1]["end_ms"]
    return {
        "channel": language,
        "language": language,
        "spans": [{"start_ms": start_ms, "end_ms": end_ms}],
        "text": " ".join(word["text"] for word in spoken),
        "words": spoken,
    }


def hostile(meeting_id: str = "small") -> list[dict[str, Any]]:
    """A record of each hostile text, one a minute, by turns of several delegations and of nobody."""
    who = (FRANCE, EGYPT, CHINA, CHAIR, None)
    return [
        record(
            text,
            60_000 * place,
            who[place % len(who)],
            meeting_id=meeting_id,
            on_behalf_of=[UNION] if place % 4 == 0 else [],
            state=("published", "corrected", "machine")[place % 3],
        )
        for place, text in enumerate(HOSTILE)
    ]


def entries(records: Sequence[dict[str, Any]], **changes: Any) -> list[Entry]:
    """Records with their meetings, as formats take them."""
    return [(meeting(item["meeting_id"], **changes), item) for item in records]
