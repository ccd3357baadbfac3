"""Compose the record of an intervention: the document that is stored, reviewed and published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from floorlog.announcements import Gap
from floorlog.attribution import Attribution
from floorlog.clock import Span, rfc3339
from floorlog.coverage import account
from floorlog.entities import EntityTable
from floorlog.interpreting import Interpretation
from floorlog.interventions import VERSION, Intervention
from floorlog.themes import tag
from floorlog.words import Piece, Transcript, Word

SCHEMA = "record/1"
DISCLAIMER = "Automatic transcript. Not an official record."


def compose(
    meeting: dict[str, Any],
    intervention: Intervention,
    transcripts: Sequence[Transcript],
    gaps: Sequence[Gap],
    utc: Callable[[int], datetime],
) -> dict[str, Any]:
    """Return the machine's content of an intervention's record, without revision and ordinal.

    Args:
        meeting: The meeting document.
        intervention: What the record is about.
        transcripts: Those that its spans touch on its channel, and its interpretations' on theirs; others do no harm.
        gaps: Those of its channel that its spans touch; others do no harm.
        utc: Gives the UTC moment of a moment on the meeting clock, in ms.
    """
    own = [item for item in transcripts if item.channel == intervention.channel]
    said = _said(own, intervention.spans)
    words = [word for _, word in said]
    channel: dict[str, Any] = next((item for item in meeting["channels"] if item["name"] == intervention.channel), {})
    interpretation = bool(channel.get("interpretation", False))
    language_text = _most_said([piece for piece, _ in said])
    names = _Names(date.fromisoformat(meeting["date"]))
    recogniser = own[0].recogniser if own else None
    text = " ".join(word.text for word in words)
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "id": intervention.id,
        "meeting_id": intervention.meeting_id,
        "channel": intervention.channel,
        "kind": intervention.kind,
        "spans": [
            span.encode() | {"start_utc": rfc3339(utc(span.start_ms)), "end_utc": rfc3339(utc(span.end_ms))}
            for span in intervention.spans
        ],
        "language_spoken": None if interpretation else language_text,
        "language_text": language_text,
        "interpretation": interpretation,
        "speaker": _speaker(intervention, names),
        "on_behalf_of": [names.entity(code) for code in intervention.on_behalf_of],
        "aligned_with": [names.entity(code) for code in intervention.aligned_with],
        "attribution": _attribution(intervention.attribution),
        "text": text,
        "words": _words(words),
        "quality": {
            "recogniser_confidence": _mean_confidence(words),
            "coverage": _coverage(intervention, transcripts, gaps),
            "flags": list(intervention.flags),
        },
        "themes": [passage.encode() for passage in tag(text, meeting["themes"])],
        "review": {"state": "machine"},
        "provenance": {
            "model": recogniser.model if recogniser else None,
            "model_sha256": recogniser.model_sha256 if recogniser else None,
            "fingerprint": recogniser.fingerprint if recogniser else None,
            "method": intervention.attribution.method,
            "version": f"floor/{VERSION}",
        },
        "licence": meeting["licence"],
        "disclaimer": DISCLAIMER,
        "synthetic": meeting["synthetic"],
    }
    if intervention.interpretations:
        record["interpretations"] = [
            _interpretation(meeting, item, transcripts) for item in intervention.interpretations
        ]
    return record


def _said(transcripts: Sequence[Transcript], spans: Sequence[Span]) -> list[tuple[Piece, Word]]:
    """Return the words that start in one of the spans, in order, each with its piece."""
    said = [
        (piece, word)
        for transcript in transcripts
        for piece in transcript.pieces
        for word in piece.words
        if any(span.contains(word.span.start_ms) for span in spans)
    ]
    return sorted(said, key=lambda item: item[1].span.start_ms)


def _words(words: Sequence[Word]) -> list[dict[str, Any]]:
    return [
        {
            "text": word.text,
            "start_ms": word.span.start_ms,
            "end_ms": word.span.end_ms,
            "confidence": word.confidence,
            "source": "recognised",
        }
        for word in words
    ]


def _interpretation(
    meeting: dict[str, Any], interpretation: Interpretation, transcripts: Sequence[Transcript]
) -> dict[str, Any]:
    """Return an interpreter's words in a language, apart from those that were delivered."""
    own = [item for item in transcripts if item.channel == interpretation.channel]
    said = _said(own, interpretation.spans)
    channel = next(item for item in meeting["channels"] if item["name"] == interpretation.channel)
    return {
        "channel": interpretation.channel,
        "language": channel["language"] or _most_said([piece for piece, _ in said]),
        "spans": [span.encode() for span in interpretation.spans],
        "text": " ".join(word.text for _, word in said),
        "words": _words([word for _, word in said]),
    }


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of entities as of the day of the meeting."""

    on: date

    def entity(self, code: str) -> dict[str, str]:
        return EntityTable.load().reference(code, self.on)


def _speaker(intervention: Intervention, names: _Names) -> dict[str, Any] | None:
    code = intervention.attribution.entity
    if code is None:
        return None
    return {
        "entity": names.entity(code),
        "name_as_said": intervention.name_as_said,
        "role": intervention.role,
        "capacity": intervention.capacity,
        "person": intervention.person,
    }


def _attribution(attribution: Attribution) -> dict[str, Any]:
    return {
        "status": "unattributed" if attribution.entity is None else "attributed",
        "confidence": attribution.confidence,
        "method": attribution.method,
        "evidence": [
            {
                "type": item.type,
                "quote": item.quote,
                "span": item.span.encode(),
                "channel": item.channel,
                "weight": item.weight,
                "entity": item.entity,
            }
            for item in attribution.evidence
        ],
        "alternatives": [{"entity": item.entity, "confidence": item.confidence} for item in attribution.alternatives],
    }


def _most_said(pieces: Sequence[Piece]) -> str | None:
    counts = Counter(piece.language for piece in pieces)
    return min(counts, key=lambda language: (-counts[language], language)) if counts else None


def _mean_confidence(words: Sequence[Word]) -> float | None:
    return round(sum(word.confidence for word in words) / len(words), 4) if words else None


def _coverage(intervention: Intervention, transcripts: Sequence[Transcript], gaps: Sequence[Gap]) -> dict[str, int]:
    ledger = account(
        [item for item in transcripts if item.channel == intervention.channel],
        [item for item in gaps if item.channel == intervention.channel],
        intervention.spans[-1].end_ms,
    )
    totals = ledger.within(intervention.spans)
    return {f"{kind}_ms": totals[kind] for kind in ("words", "speech_without_words", "no_speech", "gap")}
