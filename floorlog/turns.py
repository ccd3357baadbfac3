"""Turns: who spoke from when to when and what speaks for whom, until an event settles it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from floorlog.attribution import Evidence
from floorlog.clock import Span
from floorlog.floor import Floor, Gave
from floorlog.foreknowledge import Foreknowledge
from floorlog.voices import Voice

SURE_TIMES = 2
"""A second voice that speaks for the chair so often is a second chair; once may be a mistake."""

GONE_AFTER = 8
"""A chair that was not heard while others were so often sure has left the chair, and may speak as a delegate."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one holder of the floor says, until an event settles it. `topics`: what it is said to be."""

    opening_ms: int
    chair: bool
    spans: tuple[Span, ...]
    words: int = 0
    voice: Voice | None = None
    evidence: tuple[Evidence, ...] = ()
    on_behalf_of: tuple[str, ...] = ()
    aligned_with: tuple[str, ...] = ()
    topics: frozenset[str] = frozenset()
    name_as_said: str | None = None
    flags: frozenset[str] = frozenset()
    capacity: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """A turn that is settled; with a reason where it was before, and is revised."""

    turn: Turn
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """What the chair has said about who speaks next."""

    evidence: tuple[Evidence, ...] = ()
    on_behalf_of: tuple[str, ...] = ()
    topics: frozenset[str] = frozenset()
    name_as_said: str | None = None
    capacity: str | None = None
    person: str | None = None
    later: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownVoice:
    """What an attributed delegation sounded like."""

    entity: str
    voice: Voice


@dataclass(frozen=True, slots=True)
class ChairVoice:
    """What a presiding officer sounds like, in how many sure utterances, and how many others have been sure since."""

    voice: Voice
    times: int
    silent: int = 0


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns of a channel that are not settled, oldest first, and what is known of those to come.

    `recent` are settled ones that may still be revised; `held` is how many phases of the programme are over.

    `current`, `holder` and `interrupted` are the openings of turns: who speaks; which delegation spoke last; which one
    it cut short.
    """

    channel: str
    turns: tuple[Turn, ...] = ()
    current: int | None = None
    holder: int | None = None
    interrupted: int | None = None
    next: Next = Next()
    expected: tuple[Evidence, ...] = ()
    lasting: str | None = None
    gave: Gave = "nothing"
    closed: bool = False
    chairs: tuple[ChairVoice, ...] = ()
    known: tuple[KnownVoice, ...] = ()
    chair_speaks: bool = True
    recent: tuple[Turn, ...] = ()
    foreknown: Foreknowledge = field(default_factory=Foreknowledge)
    held: int = 0

    def find(self, opening_ms: int | None) -> Turn | None:
        """Return the turn with an opening, if it is not settled."""
        return next((turn for turn in self.turns if turn.opening_ms == opening_ms), None)

    def put(self, turn: Turn) -> Turns:
        """Return these with a turn in place of the one with its opening."""
        return replace(self, turns=tuple(turn if item.opening_ms == turn.opening_ms else item for item in self.turns))

    @property
    def floor(self) -> Floor:
        """Return what deciding about the next utterances starts from."""
        holder, interrupted, speaking = (
            self.find(opening) for opening in (self.holder, self.interrupted, self.current)
        )
        sure = tuple(chair.voice for chair in self.chairs if chair.times >= SURE_TIMES and chair.silent < GONE_AFTER)
        if not sure and self.chairs:
            sure = (max(self.chairs, key=lambda chair: chair.times).voice,)
        presiding = None
        if self.chair_speaks:
            last = next((chair.voice for chair in self.chairs if chair.silent == 0), None)
            presiding = last or (speaking.voice if speaking else None)
        return Floor(
            chair_speaks=self.chair_speaks,
            gave=self.gave,
            chairs=sure,
            holder=holder.voice if holder else None,
            interrupted=interrupted.voice if interrupted else None,
            closed=self.closed,
            presiding=presiding,
            words=speaking.words if speaking and not self.chair_speaks else 0,
            raised=_raised(holder),
        )


def _raised(holder: Turn | None) -> frozenset[str]:
    """Return who named itself in a point of order for which it was not given the floor."""
    if holder is None or "point_of_order" not in holder.topics:
        return frozenset()
    if any(item.type not in ("introduced", "self-reference", "recognized") for item in holder.evidence):
        return frozenset()
    return frozenset(item.entity for item in holder.evidence if item.entity)
