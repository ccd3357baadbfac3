"""The JSON form of turns that are not settled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from floorlog.attribution import Evidence
from floorlog.clock import Span
from floorlog.foreknowledge import Foreknowledge
from floorlog.turns import ChairVoice, KnownVoice, Next, Turn, Turns
from floorlog.voices import Voice


def _encode_evidence(evidence: Sequence[Evidence]) -> list[list[Any]]:
    return [
        [item.type, item.quote, item.span.start_ms, item.span.end_ms, item.weight, item.entity, item.channel]
        for item in evidence
    ]


def _decode_evidence(document: Sequence[Sequence[Any]]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(name, quote, Span(start_ms, end_ms), weight, entity, channel)
        for name, quote, start_ms, end_ms, weight, entity, channel in document
    )


def _encode_turn(turn: Turn) -> dict[str, Any]:
    return {
        "opening_ms": turn.opening_ms,
        "chair": turn.chair,
        "spans": [[span.start_ms, span.end_ms] for span in turn.spans],
        "words": turn.words,
        "voice": turn.voice.encode() if turn.voice else None,
        "evidence": _encode_evidence(turn.evidence),
        "on_behalf_of": list(turn.on_behalf_of),
        "aligned_with": list(turn.aligned_with),
        "topics": sorted(turn.topics),
        "name_as_said": turn.name_as_said,
        "flags": sorted(turn.flags),
        "capacity": turn.capacity,
        "person": turn.person,
    }


def _decode_turn(document: dict[str, Any]) -> Turn:
    return Turn(
        opening_ms=document["opening_ms"],
        chair=document["chair"],
        spans=tuple(Span(*span) for span in document["spans"]),
        words=document["words"],
        voice=Voice.decode(document["voice"]) if document["voice"] else None,
        evidence=_decode_evidence(document["evidence"]),
        on_behalf_of=tuple(document["on_behalf_of"]),
        aligned_with=tuple(document["aligned_with"]),
        topics=frozenset(document["topics"]),
        name_as_said=document["name_as_said"],
        flags=frozenset(document["flags"]),
        capacity=document["capacity"],
        person=document["person"],
    )


def encode_turns(turns: Turns) -> dict[str, Any]:
    """Return the JSON form of a channel's turns."""
    return {
        "channel": turns.channel,
        "turns": [_encode_turn(turn) for turn in turns.turns],
        "current": turns.current,
        "holder": turns.holder,
        "interrupted": turns.interrupted,
        "next": {
            "evidence": _encode_evidence(turns.next.evidence),
            "on_behalf_of": list(turns.next.on_behalf_of),
            "topics": sorted(turns.next.topics),
            "name_as_said": turns.next.name_as_said,
            "capacity": turns.next.capacity,
            "person": turns.next.person,
            "later": _encode_evidence(turns.next.later),
        },
        "expected": _encode_evidence(turns.expected),
        "lasting": turns.lasting,
        "gave": turns.gave,
        "closed": turns.closed,
        "chairs": [[item.voice.encode(), item.times, item.silent] for item in turns.chairs],
        "known": [{"entity": item.entity, "voice": item.voice.encode()} for item in turns.known],
        "chair_speaks": turns.chair_speaks,
        "foreknown": turns.foreknown.encode(),
        "held": turns.held,
        "recent": [_encode_turn(turn) for turn in turns.recent],
    }


def decode_turns(document: dict[str, Any]) -> Turns:
    """Return a channel's turns from their JSON form."""
    coming = document["next"]
    return Turns(
        channel=document["channel"],
        turns=tuple(_decode_turn(item) for item in document["turns"]),
        current=document["current"],
        holder=document["holder"],
        interrupted=document["interrupted"],
        next=Next(
            evidence=_decode_evidence(coming["evidence"]),
            on_behalf_of=tuple(coming["on_behalf_of"]),
            topics=frozenset(coming["topics"]),
            name_as_said=coming["name_as_said"],
            capacity=coming["capacity"],
            person=coming["person"],
            later=_decode_evidence(coming["later"]),
        ),
        expected=_decode_evidence(document["expected"]),
        lasting=document["lasting"],
        gave=document["gave"],
        closed=document["closed"],
        chairs=tuple(ChairVoice(Voice.decode(voice), times, silent) for voice, times, silent in document["chairs"]),
        known=tuple(KnownVoice(item["entity"], Voice.decode(item["voice"])) for item in document["known"]),
        chair_speaks=document["chair_speaks"],
        foreknown=Foreknowledge.decode(document["foreknown"]),
        held=document["held"],
        recent=tuple(_decode_turn(item) for item in document["recent"]),
    )
