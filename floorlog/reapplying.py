"""Re-apply what a person changed onto other content: field by field, text word by word, and conflicts three ways.

Three contents decide: the base, what the person made of it, and what else was made of it, by a better model as a rule.
What only one side changed is taken; where both changed the same thing differently, the person's stands and a conflict
says so. So no edit is lost: each is re-applied or shown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from floorlog.clock import Span
from floorlog.corrections import HUMAN, Content, Tagger, moved_themes, spans_of, union
from floorlog.edits import opcodes
from floorlog.identity import canonical_json, digest
from floorlog.laying_out import put, tokens
from floorlog.retiming import retime

Conflict = dict[str, Any]
"""A conflict as a record's review holds it: id, field, base, yours, machine, span."""

PLAIN: Final = ("kind", "language_spoken", "language_text", "interpretation", "on_behalf_of", "aligned_with")
"""Fields that are taken whole."""

SAME_EDGE_MS = 500
"""How far apart two edges of a span may be and still count as the same: recognisers differ that much at pauses."""

_RESOLVED_BY: Final = {
    "text": ("text",),
    "speaker": ("speaker",),
    "person": ("speaker",),
    "span": ("spans",),
    "theme": ("themes",),
    "language": ("language_spoken", "language_text", "interpretation"),
}


@dataclass(frozen=True, slots=True)
class Reapplied:
    """The content with both sides' changes, the person's where they differ; and where they do."""

    content: Content
    conflicts: tuple[Conflict, ...]


def reapply(base: Content, mine: Content, theirs: Content, tag: Tagger) -> Reapplied:
    """Return what a person changed of a base, re-applied onto what else became of it.

    Args:
        base: What both began with.
        mine: What the person made of it; its `review` stays.
        theirs: What else became of it.
        tag: Gives the themes of a text.
    """
    found: list[Conflict] = []
    fields = {name: _plain(name, base, mine, theirs, found) for name in PLAIN}
    fields |= _speaker(base, mine, theirs, found)
    own_spans = spans_of(mine)
    if own_spans == spans_of(base):
        merged = {**theirs, **fields}
    else:
        if not _same_edges(base, theirs) and not _same_edges(mine, theirs):
            found.append(_conflict("spans", _bare(base), _bare(mine), _bare(theirs), None))
        base, theirs = within(base, own_spans, mine), within(theirs, own_spans, mine)
        merged = {**theirs, **fields, "spans": mine["spans"]}
        merged |= {"quality": {**theirs["quality"], "coverage": mine["quality"]["coverage"]}}
        merged = {key: value for key, value in merged.items() if key != "interpretations"}
        merged |= {"interpretations": mine["interpretations"]} if "interpretations" in mine else {}
    text, words = _text(base, mine, theirs, spans_of(merged), found)
    merged |= {"text": text, "words": words, "themes": _themes(base, mine, theirs, text, tag, found)}
    return Reapplied({**merged, "id": mine["id"], "review": mine["review"]}, tuple(found))


def within(content: Content, spans: Sequence[Span], clock: Content) -> Content:
    """Return a content cut to spans: what of it lies there."""
    said = [token for token in tokens(content) if any(span.contains(token.word["start_ms"]) for span in spans)]
    return put(content, spans, said, (clock,))


def together(contents: Sequence[Content]) -> Content:
    """Return what the machine said in several records as one, with the fields of the first."""
    first = contents[0]
    if len(contents) == 1:
        return first
    said = sorted((token for item in contents for token in tokens(item)), key=lambda token: token.word["start_ms"])
    return put(first, union([span for item in contents for span in spans_of(item)]), said, contents)


def _conflict(field: str, base: Any, yours: Any, machine: Any, span: dict[str, int] | None) -> Conflict:
    name = "con-" + digest(field, *(canonical_json(each) for each in (base, yours, machine, span)))
    return {"id": name, "field": field, "base": base, "yours": yours, "machine": machine, "span": span}


def _plain(name: str, base: Content, mine: Content, theirs: Content, found: list[Conflict]) -> Any:
    if mine[name] == base[name] or mine[name] == theirs[name]:
        return theirs[name]
    if theirs[name] != base[name]:
        found.append(_conflict(name, base[name], mine[name], theirs[name], None))
    return mine[name]


def _speaker(base: Content, mine: Content, theirs: Content, found: list[Conflict]) -> Content:
    """Merge who spoke: a name for one delegation says nothing of another one, so they go together."""
    sides = [each["speaker"] for each in (base, mine, theirs)]
    human = mine["attribution"]["method"] == HUMAN
    own = {"speaker": mine["speaker"], "attribution": mine["attribution"]}
    if sides[1] == sides[0] and mine["attribution"] == base["attribution"]:
        return {"speaker": theirs["speaker"], "attribution": theirs["attribution"]}
    entities = [each["entity"]["code"] if each else None for each in sides]
    if entities[0] == entities[1] == entities[2] and all(sides):
        speaker, clash = dict[str, Any](), False
        for name in sides[1]:
            before, yours, other = (each[name] for each in sides)
            speaker[name] = other if yours in (before, other) else yours
            clash = clash or (speaker[name] != other != before)
        if clash:
            found.append(_conflict("speaker", sides[0], sides[1], sides[2], None))
        attribution = mine["attribution"] if human else theirs["attribution"]
        return {"speaker": speaker, "attribution": attribution}
    if entities[2] not in (entities[0], entities[1]):
        found.append(_conflict("speaker", sides[0], sides[1], sides[2], None))
    return own


def _bare(content: Content) -> list[dict[str, int]]:
    return [span.encode() for span in spans_of(content)]


def _same_edges(one: Content, other: Content) -> bool:
    ones, others = union(spans_of(one)), union(spans_of(other))
    return len(ones) == len(others) and all(
        abs(a.start_ms - b.start_ms) <= SAME_EDGE_MS and abs(a.end_ms - b.end_ms) <= SAME_EDGE_MS
        for a, b in zip(ones, others, strict=True)
    )


Hunk = tuple[int, int, int, int]
"""What replaces a stretch of the base: from, to there; from, to on the side that changed it."""


def _hunks(base: Sequence[str], side: Sequence[str]) -> list[Hunk]:
    return [(a, b, c, d) for tag, a, b, c, d in opcodes(base, side) if tag != "equal"]


def _text(
    base: Content, mine: Content, theirs: Content, spans: Sequence[Span], found: list[Conflict]
) -> tuple[str, list[dict[str, Any]]]:
    """Merge the texts word by word; the times are those of the other side wherever it has the word."""
    said = [tokens(each) for each in (base, _whole(mine), theirs)]
    texts = [[token.word["text"] for token in side] for side in said]
    if texts[0] == texts[1] and mine["text"] == base["text"]:
        return theirs["text"], theirs["words"]
    if texts[0] == texts[2] and base["words"] == theirs["words"]:
        return mine["text"], mine["words"]
    parts: list[tuple[str, str]] = []

    def take(side: int, first: int, last: int) -> None:
        parts.extend((token.glue, token.word["text"]) for token in said[side][first:last])

    at, at_mine = 0, 0
    for (first, last), ours, other in _grouped(_hunks(texts[0], texts[1]), _hunks(texts[0], texts[2])):
        take(1, at_mine, at_mine + first - at)
        at_mine += first - at
        mine_from, mine_to = at_mine, at_mine + (last - first) + _grown(ours)
        if ours and other:
            their_from, their_to = _reach(other, first, last)
            yours, machine = texts[1][mine_from:mine_to], texts[2][their_from:their_to]
            if yours != machine:
                spoken = [token.word for token in said[1][mine_from:mine_to] or said[2][their_from:their_to]]
                span = {"start_ms": spoken[0]["start_ms"], "end_ms": spoken[-1]["end_ms"]} if spoken else None
                span = span if span and span["start_ms"] < span["end_ms"] else None
                sides = (" ".join(texts[0][first:last]), " ".join(yours), " ".join(machine))
                found.append(_conflict("text", sides[0], sides[1], sides[2], span))
        if ours:
            take(1, mine_from, mine_to)
        else:
            take(2, *_reach(other, first, last))
        at, at_mine = last, mine_to
    take(1, at_mine, len(said[1]))
    text = "".join((glue or "" if at else "") + word for at, (glue, word) in enumerate(parts))
    return text, retime(theirs["words"], text, spans)


def _whole(content: Content) -> Content:
    """Return a content whose words are those of its text."""
    spelled = "".join("".join(word["text"].split()) for word in content["words"])
    if spelled == "".join(content["text"].split()):
        return content
    return {**content, "words": retime(content["words"], content["text"], spans_of(content))}


def _grown(hunks: Collection[Hunk]) -> int:
    return sum((d - c) - (b - a) for a, b, c, d in hunks)


def _reach(hunks: Sequence[Hunk], first: int, last: int) -> tuple[int, int]:
    """Return which words of a side stand for a stretch of the base that holds its hunks."""
    start = hunks[0][2] - (hunks[0][0] - first)
    return start, hunks[-1][3] + (last - hunks[-1][1])


def _grouped(ours: Sequence[Hunk], other: Sequence[Hunk]) -> list[tuple[tuple[int, int], list[Hunk], list[Hunk]]]:
    """Group the hunks of both sides by what they replace: those that meet belong together."""
    groups: list[tuple[tuple[int, int], list[Hunk], list[Hunk]]] = []
    for hunk, side in sorted([(h, 0) for h in ours] + [(h, 1) for h in other], key=lambda item: (item[0][:2], item[1])):
        if groups and _meet(groups[-1][0], hunk):
            (first, last), mine, theirs = groups.pop()
            groups.append(((first, max(last, hunk[1])), mine, theirs))
        else:
            groups.append(((hunk[0], hunk[1]), [], []))
        (groups[-1][2] if side else groups[-1][1]).append(hunk)
    return groups


def _meet(stretch: tuple[int, int], hunk: Hunk) -> bool:
    """Return whether two stretches share a word or touch: side by side, both may be the same words heard otherwise."""
    return hunk[0] <= stretch[1] and stretch[0] <= hunk[1]


def _themes(
    base: Content, mine: Content, theirs: Content, text: str, tag: Tagger, found: list[Conflict]
) -> list[dict[str, Any]]:
    by_person = mine["themes"] != base["themes"] and mine["themes"] != tag(mine["text"])
    if not by_person:
        return theirs["themes"] if text == theirs["text"] else tag(text)
    themes = moved_themes(mine["themes"], text)
    if len(themes) < len(mine["themes"]):
        found.append(_conflict("themes", base["themes"], mine["themes"], theirs["themes"], None))
    return themes


def still_open(before: Content, made: Content, operation: str, resolves: Collection[str] | None) -> Content:
    """Return a corrected content with the conflicts that the correction leaves open.

    A correction resolves the conflicts that it names, else those of its field; of a text that changed, those whose
    words it changed.
    """
    conflicts: list[Conflict] = made["review"].get("conflicts", [])
    if not conflicts:
        return made
    if resolves is not None:
        left = [item for item in conflicts if item["id"] not in resolves]
    else:
        fields = _RESOLVED_BY.get(operation, (operation,))
        left = [item for item in conflicts if item["field"] not in fields or _untouched(item, before, made)]
    review = {key: value for key, value in made["review"].items() if key != "conflicts"}
    return {**made, "review": review | {"conflicts": left} if left else review}


def _untouched(conflict: Conflict, before: Content, made: Content) -> bool:
    if conflict["field"] != "text" or conflict["span"] is None or before["text"] == made["text"]:
        return False
    span = Span.decode(conflict["span"])
    one, other = (
        [word["text"] for word in each["words"] if span.contains(word["start_ms"])] for each in (before, made)
    )
    return one == other
