"""Measure a log of the floor against the truth, in whatever unit both are given: ms for audio, words for text.

Consecutive turns of one holder count as one. A true boundary is the stretch from one turn's end to the next one's
start, the chair's turns included; boundaries of truth and log match one to one within a tolerance. Whose an
intervention is in the log is decided by who holds most of its time there; the chair's turns are not scored, and
neither are those of persons who speak for no delegation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from floorlog.interventions import CHAIR, Intervention

AUDIO_TOLERANCE = 2_000
"""In ms."""

TEXT_TOLERANCE = 5
"""In words."""

TEXT_WORD_MS = 400
"""How long a word lasts when a text without times is fed to the floor."""

PERSON = "PERSON:"

Verdict = Literal["right", "wrong", "abstained"]


@dataclass(frozen=True, slots=True)
class Held:
    """A stretch [start, end) of one holder. `holder` tells holders apart; `entity` is None where nobody is named."""

    start: int
    end: int
    holder: str
    entity: str | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """An intervention as it was. `named` is False where nothing says whose it is: then abstaining is right."""

    entity: str
    parts: tuple[tuple[int, int], ...]
    kind: str | None = None
    on_behalf_of: str | None = None
    named: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """What the log made of a true intervention; `found` is the record that holds most of its time."""

    truth: Spoken
    entity: str | None
    verdict: Verdict
    found: Intervention | None


@dataclass(frozen=True, slots=True)
class Score:
    """How well a log agrees with the truth."""

    boundaries_true: int
    boundaries_found: int
    boundaries_matched: int
    judged: tuple[Judged, ...]

    @property
    def boundary_f1(self) -> float:
        """Return the harmonic mean of precision and recall of boundaries; 1 where there are none at all."""
        total = self.boundaries_true + self.boundaries_found
        return 2 * self.boundaries_matched / total if total else 1.0

    def count(self, verdict: Verdict) -> int:
        """Return how many interventions have a verdict."""
        return sum(item.verdict == verdict for item in self.judged)

    @property
    def on_behalf_of(self) -> tuple[int, int]:
        """Return how many groups that were spoken for the log has, and how many there were."""
        asked = [item for item in self.judged if item.truth.on_behalf_of is not None]
        right = [item for item in asked if item.found and item.truth.on_behalf_of in item.found.on_behalf_of]
        return len(right), len(asked)

    @property
    def kind(self) -> tuple[int, int]:
        """Return how many interventions have the right kind in the log, and how many have one in the truth."""
        asked = [item for item in self.judged if item.truth.kind is not None]
        return sum(item.found is not None and item.found.kind == item.truth.kind for item in asked), len(asked)


def merged(stretches: Iterable[Held]) -> list[Held]:
    """Return the stretches in order, those of one holder that follow each other as one."""
    found: list[Held] = []
    for item in sorted(stretches, key=lambda held: (held.start, held.end)):
        if found and (found[-1].holder == item.holder or (item.entity is not None and found[-1].entity == item.entity)):
            found[-1] = Held(found[-1].start, max(found[-1].end, item.end), found[-1].holder, found[-1].entity)
        else:
            found.append(item)
    return found


def boundaries(stretches: Sequence[Held]) -> list[tuple[int, int]]:
    """Return the stretch between each holder and the next: where one ends, and where the other starts."""
    return [(min(one.end, other.start), max(one.end, other.start)) for one, other in pairwise(stretches)]


def matches(true: Sequence[tuple[int, int]], found: Sequence[tuple[int, int]], tolerance: int) -> int:
    """Return how many boundaries match one to one, at most `tolerance` apart, the nearest first."""
    pairs = sorted(
        (max(0, other[0] - one[1], one[0] - other[1]), abs(sum(one) - sum(other)), i, j)
        for i, one in enumerate(true)
        for j, other in enumerate(found)
        if max(0, other[0] - one[1], one[0] - other[1]) <= tolerance
    )
    used_true: set[int] = set()
    used_found: set[int] = set()
    for _, _, i, j in pairs:
        if i not in used_true and j not in used_found:
            used_true.add(i)
            used_found.add(j)
    return len(used_true)


def held_in(log: Sequence[Intervention], unit_ms: int = 1) -> list[Held]:
    """Return who holds what in a log, in units of so many ms."""
    return [
        Held(span.start_ms // unit_ms, -(-span.end_ms // unit_ms), item.id, item.attribution.entity)
        for item in log
        for span in item.spans
    ]


def judge(truth: Spoken, log: Sequence[Intervention], unit_ms: int = 1) -> Judged:
    """Return whose the log says an intervention is."""
    by_entity: dict[str | None, int] = {}
    by_id: dict[str, int] = {}
    entities = {item.id: item for item in log}
    for held in held_in(log, unit_ms):
        shared = sum(max(0, min(held.end, end) - max(held.start, start)) for start, end in truth.parts)
        if shared:
            by_entity[held.entity] = by_entity.get(held.entity, 0) + shared
            by_id[held.holder] = by_id.get(held.holder, 0) + shared
    entity = max(sorted(by_entity, key=str), key=lambda key: by_entity[key]) if by_entity else None
    found = entities[max(sorted(by_id), key=lambda key: by_id[key])] if by_id else None
    verdict: Verdict
    if not truth.named:
        verdict = "right" if entity is None else "wrong"
    elif entity is None:
        verdict = "abstained"
    else:
        verdict = "right" if entity == truth.entity else "wrong"
    return Judged(truth, entity, verdict, found)


def score_audio(truth: dict[str, Any], log: Sequence[Intervention]) -> Score:
    """Score a log against the truth of a meeting with audio, whose times are in seconds."""
    turns = merged(
        Held(round(turn["start"] * 1000), round(turn["end"] * 1000), turn["entity"], turn["entity"])
        for turn in truth["turns"]
    )
    true = boundaries(turns)
    found = boundaries(merged(held_in(log)))
    wanted = [
        Spoken(
            entity=item["entity"],
            parts=tuple((round(start * 1000), round(end * 1000)) for start, end in item["parts"]),
            kind=item["kind"],
            on_behalf_of=item["on_behalf_of"],
            named=item.get("named_by_chair", True),
        )
        for item in truth["interventions"]
    ]
    return Score(
        len(true), len(found), matches(true, found, AUDIO_TOLERANCE), tuple(judge(item, log) for item in wanted)
    )


def score_text(variant: dict[str, Any], log: Sequence[Intervention]) -> Score:
    """Score a log against the truth of one variant of a text, whose words lasted TEXT_WORD_MS each."""
    ends = [*(turn["start_word"] for turn in variant["turns"][1:]), variant["n_words"]]
    said = [(turn, end) for turn, end in zip(variant["turns"], ends, strict=True) if end > turn["start_word"]]
    turns = merged(Held(turn["start_word"], end, turn["entity"], turn["entity"]) for turn, end in said)
    true = boundaries(turns)
    found = boundaries(merged(held_in(log, TEXT_WORD_MS)))
    spoken_for = {turn["start_word"]: turn["on_behalf_of"] for turn, _ in said}
    wanted = [
        Spoken(entity=item.entity, parts=((item.start, item.end),), on_behalf_of=spoken_for[item.start])
        for item in turns
        if item.entity is not None and item.entity != CHAIR and not item.entity.startswith(PERSON)
    ]
    judged = tuple(judge(item, log, TEXT_WORD_MS) for item in wanted)
    return Score(len(true), len(found), matches(true, found, TEXT_TOLERANCE), judged)
