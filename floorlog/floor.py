"""Decide, for each utterance, whether the chair holds the floor, the same holder goes on, or another one has it.

The decision is the likeliest path through the utterances that are pending, found by dynamic programming over who holds
the floor: each step adds the log-odds of what is said (cues), of what it sounds like (voices) and of the change itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from floorlog.floor_odds import (
    A_WHILE_UTTERANCES,
    A_WHILE_WORDS,
    CHAIR_SAYS,
    CLEAR_MS,
    CLOSES_THEN_INTRODUCES,
    CLOSES_THEN_OPENS,
    GOES_ON,
    INTERRUPTS,
    LONG_PAUSE_MS,
    MOST_SAID,
    NEW_BUT_ALIKE,
    PAUSE_BONUS,
    POINT_OF_ORDER,
    STAYS_AFTER_GIVING,
    STRANGER_PRESIDES,
    SURE_CHAIR,
    TAKES,
    WIDTH,
    YIELDS,
)
from floorlog.utterances import Utterance
from floorlog.voices import Voice, same_voice

Step = Literal["chair", "same", "new", "resumed"]
"""What an utterance is: the chair's; the current holder's; a new holder's first; one's who held it before."""

Gave = Literal["nothing", "perhaps", "floor", "leave"]
"""What the chair has done since it began to speak: nothing, thanked or given, given, or let the one before go on."""

GIVING = frozenset({"gives_named", "gives_weak", "gives_bare", "recognizes"})
GIVES = GIVING | {"gives_unnamed"}
GOES_ON_GIVING = GIVES | {"gives_more", "gives_more_bare", "admits"}
"""What the chair may say right behind giving the floor."""

RAISED_BEFORE = 12
RAISED_NEAR = 3
"""A point of order was raised within so many utterances, by one that named itself within so many of them."""

LETTING = frozenset({"interrupts", "resumes"})


@dataclass(frozen=True, slots=True)
class Floor:
    """Who has the floor, as far as it is decided, and the voices that matter for what comes next."""

    chair_speaks: bool = True
    gave: Gave = "nothing"
    chairs: tuple[Voice, ...] = ()
    holder: Voice | None = None
    interrupted: Voice | None = None
    closed: bool = False  # the last words end a statement
    presiding: Voice | None = None  # the chair's, while it speaks
    words: int = 0  # of the holder so far, while it speaks
    raised: frozenset[str] = frozenset()  # who raised a point of order without being given the floor


@dataclass(slots=True)
class _Path:
    """A way to share the utterances so far among the holders of the floor, and how likely it is.

    `holder` is the voice of the delegation that speaks or spoke last, `before` of the one before it, `presiding` of the
    chair while it speaks. `began` are the utterances at which the two began; -1 is before the first.
    """

    score: float
    chair: bool
    gave: Gave
    holder: Voice | None
    before: Voice | None
    presiding: Voice | None
    closed: bool
    began: tuple[int, int]
    step: Step | None
    come_from: _Path | None


def said_by_chair(utterance: Utterance) -> float:
    """Return the log-odds of an utterance's words being the chair's."""
    total = sum(CHAIR_SAYS.get(kind, 0.0) for kind in utterance.kinds)
    return max(-MOST_SAID, min(MOST_SAID, total))


def decide(floor: Floor, utterances: Sequence[Utterance]) -> tuple[Step, ...]:
    """Return the likeliest step for each utterance.

    Args:
        floor: What was decided before the first of them.
        utterances: All that is pending, in order.
    """
    paths = [
        _Path(
            score=0.0,
            chair=floor.chair_speaks,
            gave=floor.gave,
            holder=floor.holder,
            before=floor.interrupted,
            presiding=floor.presiding,
            closed=floor.closed,
            began=(-1, -1),
            step=None,
            come_from=None,
        )
    ]
    for index, utterance in enumerate(utterances):
        raised = floor.raised | _raised(utterances[:index])
        best: dict[tuple[bool, Gave, tuple[int, int]], _Path] = {}
        for path in _Judged(floor, index, utterance, raised).steps(paths):
            other = best.get((path.chair, path.gave, path.began))
            if other is None or path.score > other.score:
                best[path.chair, path.gave, path.began] = path
        paths = sorted(best.values(), key=lambda path: (-path.score, path.began, path.chair, path.gave))[:WIDTH]
    steps: list[Step] = []
    at: _Path | None = paths[0]
    while at is not None and at.step is not None:
        steps.append(at.step)
        at = at.come_from
    return tuple(reversed(steps))


class _Judged:
    """An utterance with all that speaks for one step or another, whichever path leads to it."""

    def __init__(self, floor: Floor, index: int, utterance: Utterance, raised: frozenset[str]) -> None:
        self.index = index
        self.utterance = utterance
        self.kinds = utterance.kinds
        self.said = said_by_chair(utterance)
        self.known: dict[int, float] = {}
        self.chairs = floor.chairs
        self.spoke_a_while = floor.words >= A_WHILE_WORDS
        self.like_chair = max((self.like(chair) for chair in floor.chairs), default=0.0)
        self.pause = PAUSE_BONUS if utterance.pause_ms >= LONG_PAUSE_MS else 0.0
        self.gave = gave_by(utterance, raised)
        self.goes_on = bool(self.kinds & GOES_ON_GIVING)

    def like(self, voice: Voice | None) -> float:
        """Return the log-odds that it is a voice; once for each."""
        if voice is None:
            return 0.0
        found = self.known.get(id(voice))
        if found is None:
            found = self.known[id(voice)] = same_voice(self.utterance.voice, voice) * self.utterance.share
        return found

    def steps(self, paths: Sequence[_Path]) -> Iterator[_Path]:
        """Return every way to go on from every path."""
        for path in paths:
            like_chair = self._like_chair(path)
            like_holder = self.like(path.holder)
            alike = NEW_BUT_ALIKE * max(0.0, like_chair, like_holder)
            if path.chair:
                stays = self.said + like_chair
                if path.gave == "floor" and not self.goes_on:
                    stays += STAYS_AFTER_GIVING
                yield self._chair(path, stays)
                yield self._new(path, TAKES[path.gave] + self.pause - alike)
                if path.holder is not None or path.began[0] >= 0 or path.gave == "leave":
                    yield self._resumed(path, GOES_ON[path.gave] + self.pause)
            else:
                yield self._same(path, like_holder)
                yield self._chair(path, YIELDS + self.pause + self.said + like_chair)
                breaks = INTERRUPTS + self.pause - alike
                if "point_of_order" in self.kinds:
                    breaks += POINT_OF_ORDER
                if path.closed and "introduces" in self.kinds and self._a_while(path):
                    breaks += CLOSES_THEN_INTRODUCES
                elif path.closed and "opens" in self.kinds:
                    breaks += CLOSES_THEN_OPENS
                yield self._new(path, breaks)

    def _a_while(self, path: _Path) -> bool:
        if path.began[0] < 0:
            return self.index + 1 >= A_WHILE_UTTERANCES or self.spoke_a_while
        return self.index - path.began[0] >= A_WHILE_UTTERANCES

    def _like_chair(self, path: _Path) -> float:
        """Return the log-odds that it sounds like one who presides, or may: words can make a stranger the chair."""
        if not self.chairs:
            return self.like(path.presiding)
        like = max(self.like_chair, self.like(path.presiding)) if path.chair and path.presiding else self.like_chair
        return max(like, STRANGER_PRESIDES) if self.said >= SURE_CHAIR else like

    def _chair(self, path: _Path, score: float) -> _Path:
        gave = self.gave
        if path.chair and gave == "nothing":
            gave = path.gave
        presiding = path.presiding if path.chair else None
        if self.said >= SURE_CHAIR or not self.chairs:
            presiding = _clearer(presiding, self.utterance.voice)
        return _Path(
            path.score + score,
            True,
            gave,
            path.holder,
            path.before,
            presiding,
            "closes" in self.kinds,
            path.began,
            "chair",
            path,
        )

    def _same(self, path: _Path, score: float) -> _Path:
        holder = _clearer(path.holder, self.utterance.voice)
        closes = "closes" in self.kinds
        return _Path(path.score + score, False, "nothing", holder, path.before, None, closes, path.began, "same", path)

    def _resumed(self, path: _Path, score: float) -> _Path:
        """Go on with the one who spoke last, or with the one before, whichever it sounds like."""
        holder, before = path.holder, path.before
        if before is not None and self.like(before) > self.like(holder):
            holder, before = before, holder
        score += path.score + self.like(holder)
        closes = "closes" in self.kinds
        return _Path(score, False, "nothing", holder, before, None, closes, path.began, "resumed", path)

    def _new(self, path: _Path, score: float) -> _Path:
        began = (self.index, path.began[0])
        closes = "closes" in self.kinds
        voice = self.utterance.voice
        return _Path(path.score + score, False, "nothing", voice, path.holder, None, closes, began, "new", path)


def gave_by(utterance: Utterance, raised: frozenset[str] = frozenset()) -> Gave:
    """Return what the chair does with the floor by an utterance; one without words may have given it.

    Args:
        utterance: What the chair says.
        raised: Who has just raised a point of order: to name them gives nothing that they have not taken.
    """
    kinds = utterance.kinds
    if kinds & GIVES:
        given = {cue.entity for cue in utterance.cues if cue.kind in GIVING and cue.entity}
        return "leave" if given and given <= raised else "floor"
    if kinds & LETTING:
        return "leave"
    return "perhaps" if kinds & {"thanks_or_gives", "promises"} or utterance.first == utterance.last else "nothing"


def _raised(before: Sequence[Utterance]) -> frozenset[str]:
    """Return who raised a point of order a moment ago, and named itself."""
    named: set[str] = set()
    for index in range(max(0, len(before) - RAISED_BEFORE), len(before)):
        if "point_of_order" in before[index].kinds and not before[index].kinds & GIVES:
            near = before[max(0, index - RAISED_NEAR) : index + RAISED_NEAR + 1]
            named.update(cue.entity for item in near for cue in item.cues if cue.kind == "introduces" and cue.entity)
    return frozenset(named)


def _clearer(voice: Voice | None, other: Voice | None) -> Voice | None:
    """Return which of two stretches of one voice tells better what it sounds like."""
    if voice is None or (other is not None and voice.heard_ms < CLEAR_MS and other.heard_ms > voice.heard_ms):
        return other
    return voice
