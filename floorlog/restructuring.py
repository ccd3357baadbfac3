"""Split, merge and insert records, and move the boundaries between them: every word keeps exactly one place.

A word belongs to the record in whose spans it starts. The new record of a split is named by the moment at which it
begins. How much of the coverage each part has is shared by its length: the ledger of the meeting has the exact account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from floorlog.clock import Span, after, parse_rfc3339, rfc3339, without
from floorlog.corrections import HUMAN, Content, fault, spans_of, union
from floorlog.retiming import Words, retime

LONGEST_LAG_MS = 30_000
"""How far an interpreter may be behind the speaker where a record is split; what is farther is taken for no lag."""


@dataclass(slots=True)
class Token:
    """A word, what stands before it in its text, and the themes that begin in it, each with its offset there."""

    word: dict[str, Any]
    glue: str = " "
    themes: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


def tokens(content: Content) -> list[Token]:
    """Return a record's words with what stands between them."""
    text, found, end = content["text"], list[Token](), 0
    starts: list[int] = []
    for word in content["words"]:
        at = text.find(word["text"], end)
        if at < 0 or text[end:at].strip():
            return [Token(each) for each in content["words"]]  # the text is not that of the words: they count
        found.append(Token(word, text[end:at] if found else " "))
        starts.append(at)
        end = at + len(word["text"])
    for theme in content["themes"]:
        place = max((number for number, at in enumerate(starts) if at <= theme["offset"]), default=None)
        if place is not None:
            found[place].themes.append((theme["offset"] - starts[place], theme))
    return found


def put(content: Content, spans: Sequence[Span], said: Sequence[Token], clock: Sequence[Content] = ()) -> Content:
    """Return a record's content with other spans and words.

    Args:
        content: The record's content.
        spans: Its spans from now on, in order.
        said: Its words from now on, in order.
        clock: Other records whose spans say what the time is in UTC.
    """
    text, themes = "", list[dict[str, Any]]()
    for token in said:
        text += (token.glue or "") if text else ""
        themes += [{**theme, "offset": len(text) + offset} for offset, theme in token.themes]
        text += token.word["text"]
    words = [token.word for token in said]
    length = sum(span.length_ms for span in spans)
    known = [span for each in (content, *clock) for span in each["spans"]]
    return {
        **content,
        "spans": [_with_utc(span, known) for span in spans],
        "words": words,
        "text": text,
        "themes": [item for item in themes if text.startswith(item["quote"], item["offset"])],
        "quality": {
            **content["quality"],
            "recogniser_confidence": _mean(words) if words else None,
            "coverage": _scaled(content["quality"]["coverage"], length),
        },
    }


def _mean(words: Words) -> float | None:
    heard = [word["confidence"] for word in words if word["source"] != HUMAN]
    return round(sum(heard) / len(heard), 4) if heard else None


def _with_utc(span: Span, known: Sequence[dict[str, Any]]) -> dict[str, Any]:
    def moment(at_ms: int) -> str:
        for item in known:
            if at_ms in (item["start_ms"], item["end_ms"]):
                return str(item["start_utc"] if at_ms == item["start_ms"] else item["end_utc"])
        near = min(known, key=lambda item: max(item["start_ms"] - at_ms, at_ms - item["end_ms"], 0))
        return rfc3339(after(parse_rfc3339(near["start_utc"]), at_ms - near["start_ms"]))

    return span.encode() | {"start_utc": moment(span.start_ms), "end_utc": moment(span.end_ms)}


def _scaled(coverage: Mapping[str, int], length_ms: int) -> dict[str, int]:
    total = sum(coverage.values())
    if not total:
        return {name: length_ms if name == "no_speech_ms" else 0 for name in coverage}
    scaled = {name: value * length_ms // total for name, value in coverage.items()}
    largest = max(scaled, key=lambda name: (coverage[name], name))
    scaled[largest] += length_ms - sum(scaled.values())
    return scaled


def split(content: Content, at_ms: int, second_id: str) -> tuple[Content, Content]:
    """Return the two parts of a record: what was said before a moment, and the rest.

    Raises:
        InvalidDocument: one of them would have no time.
    """
    spans = spans_of(content)
    first = [Span(s.start_ms, min(s.end_ms, at_ms)) for s in spans if s.start_ms < at_ms]
    second = [Span(max(s.start_ms, at_ms), s.end_ms) for s in spans if s.end_ms > at_ms]
    if not first or not second:
        raise fault("$.after.at_ms", f"between {spans[0].start_ms} and {spans[-1].end_ms}, where the record lies")
    said = tokens(content)
    lag_ms = _lag_ms(content)
    parts = []
    for record_id, part in ((content["id"], first), (second_id, second)):
        inside = [token for token in said if (token.word["start_ms"] < at_ms) == (part is first)]
        made = put({**content, "id": record_id}, part, inside)
        made["review"] = _review_of_part(content["review"], part, keeps=part is first)
        parts.append(_interpreted(made, content, at_ms + lag_ms, before=part is first))
    return parts[0], parts[1]


def _lag_ms(content: Content) -> int:
    starts = [item["spans"][0]["start_ms"] for item in content.get("interpretations", ())]
    lag_ms = min(starts, default=0) - int(content["spans"][0]["start_ms"])
    return lag_ms if 0 < lag_ms <= LONGEST_LAG_MS else 0


def _review_of_part(review: dict[str, Any], spans: Sequence[Span], keeps: bool) -> dict[str, Any]:
    part = {key: value for key, value in review.items() if keeps or key not in ("note", "conflicts")}
    if "off_record" in part:
        off = [Span.decode(span) for span in part.pop("off_record")]
        left = [
            Span(max(a.start_ms, b.start_ms), min(a.end_ms, b.end_ms)) for a in off for b in spans if a.overlap_ms(b)
        ]
        part |= {"off_record": [span.encode() for span in left]} if left else {}
    return part


def _interpreted(made: Content, content: Content, at_ms: int, before: bool) -> Content:
    if "interpretations" not in content:
        return made
    kept = []
    for item in content["interpretations"]:
        own = [Span.decode(span) for span in item["spans"]]
        cut = [Span(s.start_ms, min(s.end_ms, at_ms)) for s in own if s.start_ms < at_ms]
        if not before:
            cut = [Span(max(s.start_ms, at_ms), s.end_ms) for s in own if s.end_ms > at_ms]
        words = [word for word in item["words"] if (word["start_ms"] < at_ms) == before]
        if cut:
            text = " ".join(word["text"] for word in words)
            kept.append({**item, "spans": [span.encode() for span in cut], "words": words, "text": text})
    rest = {key: value for key, value in made.items() if key != "interpretations"}
    return {**rest, "interpretations": kept} if kept else rest


def merge(contents: Sequence[Content], into: str) -> Content:
    """Return one record of several; who spoke, and in what state it is, is as in the one that stays.

    Raises:
        InvalidDocument: they are of different channels, or the one that stays is not among them.
    """
    target = next((item for item in contents if item["id"] == into), None)
    if target is None or len({item["id"] for item in contents}) < 2:
        raise fault("$.after.records", "one of the records that are merged, of which there are at least two")
    if len({item["channel"] for item in contents}) > 1:
        raise fault("$.before.records", "records of one channel")
    ordered = sorted(contents, key=lambda item: (item["spans"][0]["start_ms"], item["id"]))
    said = sorted((token for item in ordered for token in tokens(item)), key=lambda token: token.word["start_ms"])
    coverage = {
        name: sum(item["quality"]["coverage"][name] for item in ordered) for name in target["quality"]["coverage"]
    }
    flags = list(dict.fromkeys(flag for item in ordered for flag in item["quality"]["flags"]))
    summed = {**target, "quality": {**target["quality"], "coverage": coverage, "flags": flags}}
    merged = put(summed, union([span for item in ordered for span in spans_of(item)]), said, ordered)
    merged["review"] = _merged_review(target, ordered)
    by_channel: dict[str, list[dict[str, Any]]] = {}
    for item in ordered:
        for each in item.get("interpretations", ()):
            by_channel.setdefault(each["channel"], []).append(each)
    return {**merged, "interpretations": [_joined(each) for each in by_channel.values()]} if by_channel else merged


def _merged_review(target: Content, ordered: Sequence[Content]) -> dict[str, Any]:
    review = dict(target["review"])
    notes = [item["review"]["note"] for item in ordered if "note" in item["review"]]
    off = union([Span.decode(span) for item in ordered for span in item["review"].get("off_record", ())])
    lists = {
        name: [each for item in ordered for each in item["review"].get(name, ())] for name in ("conflicts", "based_on")
    }
    lists["off_record"] = [span.encode() for span in off]
    review |= {"note": "\n".join(notes)} if notes else {}
    for name, values in lists.items():
        review |= {name: [each for at, each in enumerate(values) if each not in values[:at]]} if values else {}
    return review


def _joined(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    words = sorted((word for item in items for word in item["words"]), key=lambda word: word["start_ms"])
    spans = union([Span.decode(span) for item in items for span in item["spans"]])
    text = " ".join(word["text"] for word in words)
    return {**items[0], "spans": [span.encode() for span in spans], "words": words, "text": text}


def respan(content: Content, spans: Sequence[Span], others: Iterable[Content]) -> dict[str, Content]:
    """Return the records that change where one takes other spans: its neighbours give and take what lies between.

    Args:
        content: The record whose boundaries move.
        spans: Its spans from now on, in order and apart.
        others: The other records of its channel.

    Raises:
        InvalidDocument: a record would have no time left, or words would belong to none.
    """
    neighbours = {item["id"]: item for item in others}
    layout = {key: spans_of(item) for key, item in neighbours.items()}
    for key, own in layout.items():
        layout[key] = [part for span in own for part in without(span, spans)]
        if not layout[key]:
            raise fault("$.after.spans", f"spans that leave something of {key}; merge the records instead")
    released = [part for span in spans_of(content) for part in without(span, spans)]
    for part in released:
        if any(part.contains(word["start_ms"]) for word in content["words"]):
            _give(part, layout, spans)
    pool = tokens(content) + [
        token for key, item in neighbours.items() if layout[key] != spans_of(item) for token in tokens(item)
    ]
    pool.sort(key=lambda token: token.word["start_ms"])
    changed = {content["id"]: list(spans)}
    changed |= {key: own for key, own in layout.items() if own != spans_of(neighbours[key])}
    clock = [content, *(neighbours[key] for key in changed if key in neighbours)]
    made: dict[str, Content] = {}
    for key, own in changed.items():
        said = [token for token in pool if any(span.contains(token.word["start_ms"]) for span in own)]
        source = content if key == content["id"] else neighbours[key]
        made[key] = put(source, own, said, clock)
        made[key]["review"] = _review_of_part(source["review"], own, keeps=True)
    return made


def _give(part: Span, layout: dict[str, list[Span]], taken: Sequence[Span]) -> None:
    """Give a stretch to the record that lies nearest, with the time between them."""
    bridges = sorted(
        (max(span.start_ms - part.end_ms, part.start_ms - span.end_ms, 0), key, span)
        for key, own in layout.items()
        for span in own
    )
    for _, key, span in bridges:
        bridge = Span(min(part.start_ms, span.start_ms), max(part.end_ms, span.end_ms))
        if not any(bridge.overlap_ms(other) for other in taken):
            layout[key] = union([*layout[key], bridge])
            return
    raise fault("$.after.spans", f"spans with the words from {part.start_ms} on; no record beside it can take them")


def insert(meeting: Mapping[str, Any], record_id: str, after_: Mapping[str, Any], clock: Sequence[Content]) -> Content:
    """Return the content of a record that a person adds.

    Args:
        meeting: The meeting document.
        record_id: Its id.
        after_: What the person says of it, as the schema of corrections has it.
        clock: Records of the meeting, whose spans say what the time is in UTC.

    Raises:
        InvalidDocument: its time is taken by another record of the channel.
    """
    spans = [Span.decode(span) for span in after_["spans"]]
    channel = next((each for each in meeting["channels"] if each["name"] == after_["channel"]), None)
    if channel is None:
        raise fault("$.after.channel", "a channel of the meeting")
    for other in clock:
        if other["channel"] == channel["name"] and any(a.overlap_ms(b) for a in spans for b in spans_of(other)):
            raise fault("$.after.spans", f"time that no other record has; {other['id']} has some of it")
    speaker, text = after_.get("speaker"), after_.get("text", "")
    known = [span for each in clock for span in each["spans"]] or [_origin(meeting)]
    interpretation = bool(channel["interpretation"])
    return {
        "schema": "record/1",
        "id": record_id,
        "meeting_id": meeting["id"],
        "channel": channel["name"],
        "kind": after_["kind"],
        "spans": [_with_utc(span, known) for span in spans],
        "language_spoken": None if interpretation else channel["language"],
        "language_text": channel["language"],
        "interpretation": interpretation,
        "speaker": speaker,
        "on_behalf_of": [],
        "aligned_with": [],
        "attribution": {
            "status": "attributed" if speaker else "unattributed",
            "confidence": 1.0 if speaker else 0.0,
            "method": HUMAN,
            "evidence": [],
            "alternatives": [],
        },
        "text": text,
        "words": retime([], text, spans),
        "quality": {
            "recogniser_confidence": None,
            "coverage": _scaled(
                dict.fromkeys(("words_ms", "speech_without_words_ms", "no_speech_ms", "gap_ms"), 0),
                sum(span.length_ms for span in spans),
            ),
            "flags": [],
        },
        "themes": [],
        "review": {"state": "in_review", "based_on": []},
        "provenance": {"model": None, "model_sha256": None, "fingerprint": None, "method": HUMAN, "version": "1"},
        "licence": meeting["licence"],
        "disclaimer": "Automatic transcript. Not an official record.",
        "synthetic": meeting["synthetic"],
    }


def _origin(meeting: Mapping[str, Any]) -> dict[str, Any]:
    began = meeting["actual_start"] or meeting["scheduled_start"] or f"{meeting['date']}T00:00:00Z"
    return {"start_ms": 0, "end_ms": 0, "start_utc": began, "end_utc": began}
