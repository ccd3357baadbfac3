"""Decide, for each utterance, whether the chair holds the floor, the same holder goes on, or another one has it.

The decision is the likeliest path through the utterances that are pending, found by dynamic programming over who holds
the floor: each step adds the log-odds of what is said (cues), of what it sounds like (voices) and of the change itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from floorlog.utterances import Utterance
from floorlog.voices import Voice, same_voice

Step = Literal["chair", "same", "new", "resumed"]
"""What an utterance is: the chair's; the current holder's; a new holder's first; one's who held it before."""

Gave = Literal["nothing", "perhaps", "floor", "leave"]
"""What the chair has done since it began to speak: nothing, thanked or given, given, or let the one before go on."""

CHAIR_SAYS: dict[str, float] = {
    # Log-odds that the chair says it, and not the holder of the floor. Set by judgement, then checked on the
    # development sets; see docs/ for what each is worth.
    "gives_named": 6.0,
    "recognizes": 6.0,
    "thanks_named": 4.5,
    "gives_unnamed": 4.0,
    "resumes": 4.0,
    "interrupts": 4.0,
    "presides": 4.0,
    "admits": 4.0,
    "gives_bare": 3.0,
    "thanks_or_gives": 3.0,
    "gives_weak": 3.0,
    "gives_more": 2.0,
    "gives_more_bare": 1.0,
    "thanks_unnamed": 2.0,
    "announces": 1.0,
    "opens": -4.0,
    "introduces": -4.0,
    "represents": -2.5,
    "speaks_of_itself": -2.0,
}
MOST_SAID = 8.0

YIELDS = -3.0
"""The holder stops and the chair begins."""

TAKES = {"nothing": -4.0, "perhaps": -2.0, "floor": 0.0, "leave": -4.0}
"""Somebody begins, by what the chair has done; without being given the floor where the recogniser dropped the line."""

STAYS_AFTER_GIVING = -2.5
"""The chair goes on after giving the floor."""

INTERRUPTS = -7.0
"""Somebody else begins with no word of the chair between."""

POINT_OF_ORDER = 7.0
"""The one who begins raises a point of order."""

CLOSES_THEN_OPENS = 4.0
"""Words that end a statement stand before words that begin one."""

GOES_ON = {"nothing": -3.0, "perhaps": -4.0, "floor": -5.0, "leave": 0.0}
"""The one before goes on after the chair, by what the chair has done."""

NEW_BUT_ALIKE = 0.6
"""How much of the log-odds that it is a known voice counts against a new holder."""

PAUSE_BONUS = 0.5
LONG_PAUSE_MS = 600

CLEAR_MS = 3000
"""A stretch this long tells well enough what a holder sounds like."""

WIDTH = 10
"""Paths kept at each utterance; more changed nothing on the development sets."""

GIVING = frozenset({"gives_named", "gives_weak", "gives_bare", "recognizes"})
GIVES = GIVING | {"gives_unnamed"}
LETTING = frozenset({"interrupts", "resumes"})


@dataclass(frozen=True, slots=True)
class Floor:
    """Who has the floor, as far as it is decided, and the voices that matter for what comes next."""

    chair_speaks: bool = True
    gave: Gave = "nothing"
    chairs: tuple[Voice, ...] = ()
    holder: Voice | None = None
    interrupted: Voice | None = None
    closed: bool = False  # the holder's last words end a statement


@dataclass(slots=True)
class _Path:
    score: float
    chair: bool
    gave: Gave
    holder: Voice | None
    before: Voice | None
    closed: bool
    key: tuple[int, int]  # the utterances at which the holder, and the one before, began; -1: before these
    steps: tuple[Step, ...]


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
    paths = [_Path(0.0, floor.chair_speaks, floor.gave, floor.holder, floor.interrupted, floor.closed, (-1, -1), ())]
    for index, utterance in enumerate(utterances):
        best: dict[tuple[bool, Gave, tuple[int, int]], _Path] = {}
        said = said_by_chair(utterance)
        like_chair = max((_alike(utterance, chair) for chair in floor.chairs), default=0.0)
        for path in paths:
            for step in _steps(path, index, utterance, said, like_chair):
                key = (step.chair, step.gave, step.key)
                other = best.get(key)
                if other is None or step.score > other.score:
                    best[key] = step
        paths = sorted(best.values(), key=lambda path: (-path.score, path.key, path.chair))[:WIDTH]
    return paths[0].steps


def _alike(utterance: Utterance, voice: Voice | None) -> float:
    return same_voice(utterance.voice, voice) * utterance.share


def _clearer(holder: Voice | None, voice: Voice | None) -> Voice | None:
    """Return which of two stretches of one holder tells better what it sounds like."""
    if holder is None or (voice is not None and holder.heard_ms < CLEAR_MS and voice.heard_ms > holder.heard_ms):
        return voice
    return holder


def _steps(path: _Path, index: int, utterance: Utterance, said: float, like_chair: float) -> list[_Path]:
    kinds = utterance.kinds
    closes = "closes" in kinds
    like_holder = _alike(utterance, path.holder)
    like_before = _alike(utterance, path.before)
    known = max(0.0, like_chair, like_holder)
    pause = PAUSE_BONUS if utterance.pause_ms >= LONG_PAUSE_MS else 0.0
    gave: Gave = "nothing"
    if kinds & GIVES:
        gave = "floor"
    elif kinds & LETTING:
        gave = "leave"
    elif "thanks_or_gives" in kinds:
        gave = "perhaps"
    opens = bool(kinds & {"opens"})
    steps: list[_Path] = []

    def go(
        step: Step,
        score: float,
        chair: bool,
        gave: Gave,
        holder: Voice | None,
        before: Voice | None,
        key: tuple[int, int],
    ) -> None:
        steps.append(_Path(path.score + score, chair, gave, holder, before, closes, key, (*path.steps, step)))

    if path.chair:
        stay = said + like_chair
        if path.gave == "floor" and not kinds & (GIVES | {"gives_more", "gives_more_bare", "admits"}):
            stay += STAYS_AFTER_GIVING
        go("chair", stay, True, gave if gave != "nothing" else path.gave, path.holder, path.before, path.key)
        takes = TAKES[path.gave]
        go(
            "new",
            takes + pause - NEW_BUT_ALIKE * known,
            False,
            "nothing",
            utterance.voice,
            path.holder,
            (index, path.key[0]),
        )
        if path.holder is not None or path.key[0] >= 0 or path.gave == "leave":
            go(
                "resumed",
                GOES_ON[path.gave] + pause + max(like_holder, like_before),
                False,
                "nothing",
                path.holder,
                path.before,
                path.key,
            )
    else:
        go("same", like_holder, False, "nothing", _clearer(path.holder, utterance.voice), path.before, path.key)
        go("chair", YIELDS + pause + said + like_chair, True, gave, path.holder, path.before, path.key)
        breaks = INTERRUPTS + pause - NEW_BUT_ALIKE * known
        if "point_of_order" in kinds:
            breaks += POINT_OF_ORDER
        if path.closed and opens:
            breaks += CLOSES_THEN_OPENS
        go("new", breaks, False, "nothing", utterance.voice, path.holder, (index, path.key[0]))
    return steps
