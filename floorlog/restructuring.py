"""Split and merge records, and move the boundaries between them: every word keeps exactly one place.

A word belongs to the record in whose spans it starts. The new record of a split is named by the moment at which it
begins. Where its time went, and what interpreters made of it, go with the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from floorlog.clock import Span, without
from floorlog.corrections import Content, fault, spans_of, union
from floorlog.coverage_shares import added, shared
from floorlog.interpreted_parts import cut, given
from floorlog.laying_out import put, tokens


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
    said, interpreted = tokens(content), cut(content, [at_ms])
    coverages = shared(content["quality"]["coverage"], content["words"], [first, second])
    parts = []
    for place, (record_id, part) in enumerate(((content["id"], first), (second_id, second))):
        inside = [token for token in said if (token.word["start_ms"] >= at_ms) == bool(place)]
        made = put({**content, "id": record_id}, part, inside, coverage=coverages[place])
        made["review"] = _review_of_part(content["review"], part, keeps=place == 0)
        parts.append(given(made, interpreted[place]))
    return parts[0], parts[1]


def _review_of_part(review: dict[str, Any], spans: Sequence[Span], keeps: bool) -> dict[str, Any]:
    part = {key: value for key, value in review.items() if keeps or key not in ("note", "conflicts")}
    if "off_record" in part:
        off = [Span.decode(span) for span in part.pop("off_record")]
        left = [
            Span(max(a.start_ms, b.start_ms), min(a.end_ms, b.end_ms)) for a in off for b in spans if a.overlap_ms(b)
        ]
        part |= {"off_record": [span.encode() for span in left]} if left else {}
    return part


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
    return given(merged, [each for item in ordered for each in item.get("interpretations", ())])


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
    kept = [(item, _owned(item, changed)) for item in clock]
    made: dict[str, Content] = {}
    for key, own in changed.items():
        said = [token for token in pool if any(span.contains(token.word["start_ms"]) for span in own)]
        source = content if key == content["id"] else neighbours[key]
        coverage = added([_coverage_of(item, parts, key) for item, parts in kept], sum(span.length_ms for span in own))
        made[key] = put(source, own, said, clock, coverage)
        made[key]["review"] = _review_of_part(source["review"], own, keeps=True)
    return {
        key: given(item, [each for donor, parts in kept for each in _interpreted_of(donor, parts, key)])
        for key, item in made.items()
    }


NOBODY = ""
"""Whose a stretch without words is that a record gives up and no other takes."""

Parts = list[tuple[str, list[Span]]]
"""Whose the stretches of a record are from now on, in order of their starts; stretches side by side are joined."""


def _owned(item: Content, layout: dict[str, list[Span]]) -> Parts:
    stretches = [
        (Span(max(old.start_ms, span.start_ms), min(old.end_ms, span.end_ms)), key)
        for old in spans_of(item)
        for key, own in layout.items()
        for span in own
        if old.overlap_ms(span)
    ]
    left = [part for old in spans_of(item) for part in without(old, [span for span, _ in stretches])]
    found: Parts = []
    for stretch, key in sorted([*stretches, *((part, NOBODY) for part in left)]):
        if found and found[-1][0] == key:
            found[-1][1].append(stretch)
        else:
            found.append((key, [stretch]))
    return found


def _coverage_of(item: Content, parts: Parts, key: str) -> dict[str, int]:
    shares = shared(item["quality"]["coverage"], item["words"], [part for _, part in parts])
    own = [share for share, (owner, _) in zip(shares, parts, strict=True) if owner == key]
    return {name: sum(share[name] for share in own) for name in item["quality"]["coverage"]}


def _interpreted_of(item: Content, parts: Parts, key: str) -> list[dict[str, Any]]:
    owned = [(owner, part) for owner, part in parts if owner != NOBODY]
    shares = cut(item, [part[0].start_ms for _, part in owned[1:]])
    return [each for share, (owner, _) in zip(shares, owned, strict=True) if owner == key for each in share]


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
