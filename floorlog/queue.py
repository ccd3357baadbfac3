"""What needs a person first: how likely something is wrong, times what it would cost a reader.

`docs/reviewers.md` has the formula in words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median

OPEN = frozenset({"machine", "in_review"})
"""States of review in which a record still waits for a person."""

PUBLIC = frozenset({"published", "corrected"})
"""States in which everybody reads it already."""

LEADING = frozenset({"chair", "procedural", "suspension", "minute_of_silence"})
"""Kinds that lead from one intervention to the next: an error there misleads few."""

SURE_SPEAKER = 0.9
"""A calibrated attribution below this confidence is worth a look by itself."""

SURE_WORDS = 0.8
"""A mean confidence of words below this one is worth a look: the base recogniser's median lies at about .85."""

UNATTRIBUTED_P = 0.95
CONFLICT_P = 0.8
NEWER_P = 0.3
UNASSIGNED_P = 0.5
LENGTH_P = 0.3
UNREVIEWED_P = 0.03
"""How likely something is wrong for a reason that comes without a probability of its own. That nobody looked yet is
what the attribution's threshold leaves: about three in a hundred names."""

OMITTED_P = {"gap": 0.9, "channel-ended-early": 0.9, "channel-missing": 0.9, "speech-without-words": 0.6}
"""The same for what the log is silent about; applause and coughs are sometimes taken for speech."""

TURN_S = 30.0
"""What any turn counts besides its length: a short one under a wrong name is wrong all the same."""

LEADING_WEIGHT = 0.25
PUBLIC_WEIGHT = 2.0
INTERPRETATION_WEIGHT = 0.25
"""How much an error counts in what leads from one turn to the next, in what is public, and on an interpretation."""

UNUSUAL_DEVIATIONS = 3.0
"""Median absolute deviations of the logarithm of the length, scaled to the normal distribution, that are unusual
(Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993)."""

NORMAL_SCALE = 1.4826
LEAST_SPREAD = 0.2
FEWEST_TURNS = 8
"""Where lengths hardly differ, a fifth counts as their spread; among fewer turns no length is unusual."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something should be looked at: a slug, a sentence, and how likely it is that something is wrong."""

    slug: str
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Turn:
    """What the queue knows of a record.

    `conflict`: whether a person and the machine changed one thing differently; `machine_waits`: whether the machine
    knows more since a person settled it.
    """

    record_id: str
    meeting_id: str
    channel: str
    start_ms: int
    end_ms: int
    kind: str
    state: str
    attributed: bool
    confidence: float
    words: int
    words_confidence: float | None
    interpretation: bool = False
    conflict: bool = False
    machine_waits: bool = False

    @property
    def length_s(self) -> float:
        """Return how long it lasts, in seconds."""
        return (self.end_ms - self.start_ms) / 1000


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch that the log is silent about, and why."""

    review_item_id: str
    meeting_id: str
    channel: str
    start_ms: int
    end_ms: int
    reason: str
    interpretation: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a person should look at; exactly one of the two ids is there.

    `probability`: that something is wrong; `impact`: what that would cost, in seconds of the floor.
    """

    record_id: str | None
    review_item_id: str | None
    meeting_id: str
    channel: str
    start_ms: int
    end_ms: int
    state: str
    reasons: tuple[Reason, ...]
    probability: float
    impact: float

    @property
    def id(self) -> str:
        """Return the id of what it is about."""
        return self.record_id or self.review_item_id or ""

    @property
    def priority(self) -> float:
        """Return the expected cost of leaving it as it is, in seconds of the floor."""
        return round(self.probability * self.impact, 3)

    @property
    def place(self) -> tuple[float, str, int, str]:
        """Return what the queue is ordered by: the priority, then the place in the meeting."""
        return (-self.priority, self.meeting_id, self.start_ms, self.id)


def needs(turns: Sequence[Turn], silences: Iterable[Silence]) -> list[Need]:
    """Return what a person should look at in one meeting, the most pressing first; the same for any order of input.

    Args:
        turns: All records of the meeting that stand, whatever their state: lengths are compared among all.
        silences: What its log is silent about, and nobody has closed.
    """
    usual = _usual_length(turns)
    found = [need for turn in turns if (need := _of_turn(turn, usual))]
    return sorted(chain(found, map(_of_silence, silences)), key=lambda need: need.place)


def _of_turn(turn: Turn, usual: _Usual | None) -> Need | None:
    reasons = tuple(sorted(_reasons(turn, usual), key=lambda reason: (-reason.probability, reason.slug)))
    if not reasons:
        return None
    impact = TURN_S + turn.length_s
    impact *= LEADING_WEIGHT if turn.kind in LEADING else 1.0
    impact *= PUBLIC_WEIGHT if turn.state in PUBLIC else 1.0
    impact *= INTERPRETATION_WEIGHT if turn.interpretation else 1.0
    return Need(
        turn.record_id,
        None,
        turn.meeting_id,
        turn.channel,
        turn.start_ms,
        turn.end_ms,
        turn.state,
        reasons,
        _any_of(reasons),
        round(impact, 3),
    )


def _reasons(turn: Turn, usual: _Usual | None) -> Iterable[Reason]:
    if turn.conflict:
        yield Reason("conflict", "The machine now says something else than what a person decided.", CONFLICT_P)
    if turn.machine_waits:
        yield Reason("machine-newer", "The machine has heard it again since a person settled it.", NEWER_P)
    if turn.state not in OPEN:
        return
    yield Reason("unreviewed", "Nobody has approved it yet.", UNREVIEWED_P)
    if not turn.attributed:
        yield Reason("unattributed", "Nobody is named: the evidence does not suffice.", UNATTRIBUTED_P)
    elif turn.confidence < SURE_SPEAKER:
        text = f"Who spoke is only {_percent(turn.confidence)} sure."
        yield Reason("speaker-doubtful", text, round(1 - turn.confidence, 6))
    if turn.words and turn.words_confidence is not None and turn.words_confidence < SURE_WORDS:
        text = f"Its words are {_percent(turn.words_confidence)} sure on average."
        yield Reason("words-doubtful", text, round(1 - turn.words_confidence, 6))
    if turn.kind == "unassigned":
        yield Reason("unassigned", "It was not found out what kind of intervention it is.", UNASSIGNED_P)
    if usual is not None and turn.kind not in LEADING and usual.strange(turn.length_s):
        how = "long" if turn.length_s > usual.length_s else "short"
        text = f"It is unusually {how}: {_lasting(turn.length_s)}, where {_lasting(usual.length_s)} is usual here."
        yield Reason("unusual-length", text, LENGTH_P)


def _of_silence(silence: Silence) -> Need:
    length_s = (silence.end_ms - silence.start_ms) / 1000
    text = {
        "gap": f"Audio is missing for {_lasting(length_s)}.",
        "speech-without-words": f"Somebody spoke for {_lasting(length_s)}, and no words are known.",
        "channel-ended-early": f"The channel ended {_lasting(length_s)} before the meeting did.",
        "channel-missing": "The channel was never heard.",
    }.get(silence.reason, "Something is missing here.")
    reason = Reason(silence.reason, text, OMITTED_P.get(silence.reason, UNASSIGNED_P))
    impact = length_s * (INTERPRETATION_WEIGHT if silence.interpretation else 1.0)
    return Need(
        None,
        silence.review_item_id,
        silence.meeting_id,
        silence.channel,
        silence.start_ms,
        silence.end_ms,
        "open",
        (reason,),
        reason.probability,
        round(impact, 3),
    )


def _any_of(reasons: Iterable[Reason]) -> float:
    """Return the probability that at least one of some reasons holds, as if they were independent."""
    return round(1 - math.prod(1 - reason.probability for reason in reasons), 6)


@dataclass(frozen=True, slots=True)
class _Usual:
    """How long turns of a meeting are: the median, and the spread of the logarithm."""

    length_s: float
    spread: float

    def strange(self, length_s: float) -> bool:
        return abs(math.log(length_s / self.length_s)) > UNUSUAL_DEVIATIONS * self.spread


def _usual_length(turns: Iterable[Turn]) -> _Usual | None:
    logs = sorted(math.log(turn.length_s) for turn in turns if turn.kind not in LEADING and not turn.interpretation)
    if len(logs) < FEWEST_TURNS:
        return None
    middle = median(logs)
    spread = NORMAL_SCALE * median(abs(each - middle) for each in logs)
    return _Usual(math.exp(middle), max(spread, LEAST_SPREAD))


def _percent(share: float) -> str:
    return f"{math.floor(100 * share)} %"


def _lasting(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"
