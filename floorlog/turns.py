"""Gather utterances into turns: who spoke from when to when, and what speaks for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from floorlog.attribution import WEIGHTS, Attribution, Evidence, combine
from floorlog.clock import Span
from floorlog.evidence import BY_CUE, VOICE_KNOWN
from floorlog.floor import GIVING, LETTING, SURE_CHAIR, Floor, Gave, Step, gave_by, said_by_chair
from floorlog.utterances import Said, Utterance
from floorlog.voices import Voice, cosine, merged, same_voice

OPENING_WORDS = 60
"""What a speaker takes the floor for is said within so many words."""

GROUP_WORDS = 150
"""On whose behalf a speaker speaks, or with whom it aligns, is said within so many words."""

TOPICS = ("point_of_order", "right_of_reply", "explanation_of_vote", "briefing", "video_statement")

LASTING_TOPICS = ("right_of_reply", "explanation_of_vote")
"""Announced once for all speakers to come, until the chair announces something else."""

TAKEN_BACK = ("recognized", "thanked-or-given")
"""Evidence that turns out to be about the last holder once the chair gives the floor to another."""

OF_ITSELF = ("introduced", "self-reference")
"""Evidence in which a speaker names itself, or the group for which it speaks."""

SAME_CHAIR_COSINE = 0.65
SURE_TIMES = 2
"""A second voice that speaks for the chair so often is a second chair; once may be a mistake."""

GONE_AFTER = 8
"""A chair that was not heard while others were so often sure has left the chair, and may speak as a delegate."""

CHAIRS = 3
"""So many presiding officers of one meeting are told apart."""

KNOWN_COSINE = 0.80
"""A voice recalls who spoke before only from this cosine on (measured), and only by a margin over all others."""

KNOWN_MARGIN = 0.1
KNOWN_MS = 8000
KNOWN = 48
"""So many delegations' voices are remembered."""

QUOTE_CHARACTERS = 120
MOST_EVIDENCE = 16
MOST_GROUPS = 8


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


@dataclass(frozen=True, slots=True)
class Next:
    """What the chair has said about who speaks next."""

    evidence: tuple[Evidence, ...] = ()
    on_behalf_of: tuple[str, ...] = ()
    topics: frozenset[str] = frozenset()
    name_as_said: str | None = None
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

    def find(self, opening_ms: int | None) -> Turn | None:
        """Return the turn with an opening, if it is not settled."""
        return next((turn for turn in self.turns if turn.opening_ms == opening_ms), None)

    @property
    def floor(self) -> Floor:
        """Return what deciding about the next utterances starts from."""
        holder, interrupted, speaking = (
            self.find(opening) for opening in (self.holder, self.interrupted, self.current)
        )
        sure = tuple(chair.voice for chair in self.chairs if chair.times >= SURE_TIMES and chair.silent < GONE_AFTER)
        if not sure and self.chairs:
            sure = (self.chairs[0].voice,)
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
        )


def attribution_of(turns: Turns, turn: Turn) -> Attribution:
    """Return who held the floor in a turn, by its own evidence and by voices heard before."""
    # "The African Group welcomes …" is said by one that speaks on its behalf.
    spoken_for = {*turn.on_behalf_of, *turn.aligned_with}
    own = tuple(item for item in turn.evidence if item.type not in OF_ITSELF or item.entity not in spoken_for)
    found = combine(own)
    if found.entity is not None or turn.voice is None or turn.voice.heard_ms < KNOWN_MS:
        return found
    ranked = sorted(((cosine(turn.voice, item.voice), item.entity) for item in turns.known), reverse=True)
    if not ranked or ranked[0][0] < KNOWN_COSINE:
        return found
    if any(ranked[0][0] - value < KNOWN_MARGIN for value, entity in ranked[1:] if entity != ranked[0][1]):
        return found
    weight = WEIGHTS[VOICE_KNOWN]
    return combine((*own, Evidence(VOICE_KNOWN, "", turn.spans[0], weight, ranked[0][1], turns.channel)))


def add(turns: Turns, utterance: Utterance, step: Step) -> tuple[Turns, tuple[Turn, ...]]:
    """Add an utterance and return the turns that are settled by it, oldest first.

    Args:
        turns: Those so far.
        utterance: The next one.
        step: Whose it is, as `floor.decide` says.
    """
    turns = _clipped(turns, utterance.span.start_ms)
    settled: tuple[Turn, ...] = ()
    if step == "chair":
        if turns.find(turns.current) is None or not turns.chair_speaks:
            turns = replace(
                _opened(turns, Turn(utterance.span.start_ms, True, (utterance.span,))),
                chair_speaks=True,
                gave="nothing",
            )
        turns = _heard_from_chair(_extended(turns, utterance), utterance)
    else:
        if (step == "new" and not _let_go_on(turns)) or turns.find(turns.holder) is None:
            turns, settled = _new_holder(turns, utterance)
        elif step != "same":
            turns = _resumed(turns, utterance)
        turns = _heard_from_holder(_extended(turns, utterance), utterance)
    return replace(turns, closed="closes" in utterance.kinds), settled


def _clipped(turns: Turns, at_ms: int) -> Turns:
    """End the current turn where the next utterance starts, if it reaches further."""
    turn = turns.find(turns.current)
    if turn is None or turn.spans[-1].end_ms <= at_ms:
        return turns
    return _put(turns, replace(turn, spans=(*turn.spans[:-1], Span(turn.spans[-1].start_ms, at_ms))))


def _put(turns: Turns, turn: Turn) -> Turns:
    return replace(turns, turns=tuple(turn if item.opening_ms == turn.opening_ms else item for item in turns.turns))


def _opened(turns: Turns, turn: Turn) -> Turns:
    return replace(turns, turns=(*turns.turns, turn), current=turn.opening_ms)


def _extended(turns: Turns, utterance: Utterance) -> Turns:
    turn = turns.find(turns.current)
    assert turn is not None
    last = turn.spans[-1]
    flags = turn.flags
    if utterance.last == utterance.first:
        flags |= {"speech-without-words"}
    return _put(
        turns,
        replace(
            turn,
            spans=(*turn.spans[:-1], Span(last.start_ms, max(last.end_ms, utterance.span.end_ms))),
            words=turn.words + utterance.last - utterance.first,
            voice=_joined(turn.voice, utterance.voice),
            flags=flags,
        ),
    )


def _joined(voice: Voice | None, other: Voice | None) -> Voice | None:
    """Return what a turn sounds like with one more stretch; of two strangers the one heard longer holds."""
    if voice is None or other is None or same_voice(voice, other) >= 0:
        return merged(voice, other)
    return other if other.heard_ms > voice.heard_ms else voice


def _new_holder(turns: Turns, utterance: Utterance) -> tuple[Turns, tuple[Turn, ...]]:
    before = turns.next
    cuts_in = not turns.chair_speaks or "point_of_order" in utterance.kinds or "point_of_order" in before.topics
    kept = {turns.holder if turns.interrupted is None else turns.interrupted} if cuts_in else set()
    if cuts_in and not turns.chair_speaks:
        kept.add(turns.holder)
    settled = tuple(turn for turn in turns.turns if turn.opening_ms not in kept)
    predicted = tuple(replace(item, weight=item.weight) for item in turns.expected)
    topics = before.topics | ({turns.lasting} if turns.lasting else set())
    known = turns.known
    for turn in settled:
        known = _remembered(turns, turn, known)
    turn = Turn(
        utterance.span.start_ms,
        False,
        (utterance.span,),
        evidence=(*before.evidence, *predicted),
        on_behalf_of=before.on_behalf_of,
        topics=frozenset(topics),
        name_as_said=before.name_as_said,
    )
    interrupted = next(iter(sorted(item for item in kept if item is not None)), None)
    turns = replace(
        turns,
        turns=tuple(item for item in turns.turns if item.opening_ms in kept),
        holder=turn.opening_ms,
        interrupted=interrupted,
        next=Next(),
        expected=before.later,
        gave="nothing",
        chair_speaks=False,
        known=known,
    )
    return _opened(turns, turn), settled


def _remembered(turns: Turns, turn: Turn, known: tuple[KnownVoice, ...]) -> tuple[KnownVoice, ...]:
    entity = combine(turn.evidence).entity
    if turn.chair or entity is None or turn.voice is None or turn.voice.heard_ms < KNOWN_MS:
        return known
    others = tuple(item for item in known if item.entity != entity)
    return (*others, KnownVoice(entity, turn.voice))[-KNOWN:]


def _let_go_on(turns: Turns) -> bool:
    """Return whether the last the chair did was to let one go on by name who had the floor before."""
    let = {item.entity for item in turns.next.evidence if item.type == "resumed"}
    before = (turns.find(turns.holder), turns.find(turns.interrupted))
    return bool(let) and any(turn is not None and combine(turn.evidence).entity in let for turn in before)


def _resumed(turns: Turns, utterance: Utterance) -> Turns:
    """Go on with the last holder, or with the one whom it interrupted."""
    holder, interrupted = turns.find(turns.holder), turns.find(turns.interrupted)
    assert holder is not None
    back = holder
    if interrupted is not None:
        named = {item.entity for item in turns.next.evidence if item.entity}
        if named:
            if combine(interrupted.evidence).entity in named:
                back = interrupted
        elif utterance.voice and holder.voice and interrupted.voice:
            if cosine(utterance.voice, interrupted.voice) > cosine(utterance.voice, holder.voice):
                back = interrupted
        elif "point_of_order" in holder.topics:
            back = interrupted
    back = replace(
        back,
        spans=(*back.spans, utterance.span),
        evidence=_more(back.evidence, turns.next.evidence),
    )
    return replace(
        _put(turns, back),
        current=back.opening_ms,
        holder=back.opening_ms,
        interrupted=None,
        next=Next(later=turns.next.later),
        gave="nothing",
        chair_speaks=False,
    )


def _heard_from_chair(turns: Turns, utterance: Utterance) -> Turns:
    """Take what the chair says: about who spoke, and about who speaks next."""
    kinds = utterance.kinds
    holder = turns.find(turns.holder)
    coming = turns.next
    gives = any(cue.kind in GIVING | LETTING and cue.entity for cue in utterance.cues)
    for cue in utterance.cues:
        kind = BY_CUE.get(cue.kind)
        evidence = _evidence(turns.channel, cue)
        if kind is None or evidence is None:
            continue
        if kind.about == "previous":
            if holder is not None:
                holder = replace(holder, evidence=_more(holder.evidence, (evidence,)))
        elif kind.about == "later":
            coming = replace(coming, later=(*coming.later, evidence)[-2:])
        elif cue.kind == "thanks_or_gives" and holder and any(e.entity == cue.entity for e in holder.evidence):
            thanked = replace(evidence, type="thanked", weight=WEIGHTS["thanked"])
            holder = replace(holder, evidence=_more(holder.evidence, (thanked,)))
        elif kind.about == "next":
            about_last = [item for item in coming.evidence if item.type in TAKEN_BACK]
            if about_last and holder is not None:
                holder = _taken_back(holder, about_last)
                coming = replace(coming, topics=coming.topics - {"point_of_order"})
            coming = replace(coming, evidence=(evidence,), name_as_said=cue.name, on_behalf_of=())
    thanks = any(cue.kind.startswith("thanks") for cue in utterance.cues)
    topics = frozenset(kinds.intersection(TOPICS))
    if "resumes" in kinds:
        coming = replace(coming, topics=coming.topics - {"point_of_order"})
    lasting = turns.lasting
    if thanks and not gives and holder is not None:
        holder = replace(holder, topics=holder.topics | (topics & {"briefing"}))
    elif topics:
        coming = replace(coming, topics=coming.topics | (topics if gives else topics - {"briefing"}))
        if not gives and topics.intersection(LASTING_TOPICS):
            lasting = sorted(topics.intersection(LASTING_TOPICS))[0]
    elif "presides" in kinds:
        lasting = None
    groups = tuple(cue.entity for cue in utterance.cues if cue.kind == "on_behalf" and cue.entity)
    if groups:
        if gives or not thanks:
            coming = replace(coming, on_behalf_of=_union(coming.on_behalf_of, groups))
        elif holder is not None:
            holder = replace(holder, on_behalf_of=_union(holder.on_behalf_of, groups))
    gave = gave_by(utterance)
    if gave == "nothing":
        gave = turns.gave
    turns = replace(turns, next=coming, lasting=lasting, gave=gave)
    turns = _put(turns, holder) if holder is not None else turns
    return _taught(turns, utterance)


def _taken_back(holder: Turn, evidence: Sequence[Evidence]) -> Turn:
    """Count for the last holder what was said of it, unless it is surely another one."""
    entity = combine(holder.evidence).entity
    own = [item for item in evidence if entity in (None, item.entity)]
    topics = {"point_of_order"} if any(item.type == "recognized" for item in own) else set()
    return replace(holder, evidence=_more(holder.evidence, own), topics=holder.topics | topics)


def _taught(turns: Turns, utterance: Utterance) -> Turns:
    """Learn what the chair sounds like, from words that are surely the chair's only."""
    voice = utterance.voice
    if voice is None or voice.heard_ms < 1200 or said_by_chair(utterance) < SURE_CHAIR:
        return turns
    chairs = list(turns.chairs)
    scores = [cosine(chair.voice, voice) for chair in chairs]
    best = max(range(len(chairs)), key=lambda index: scores[index], default=None)
    others = [replace(chair, silent=min(99, chair.silent + 1)) for index, chair in enumerate(chairs) if index != best]
    if best is not None and scores[best] >= SAME_CHAIR_COSINE:
        known = chairs[best]
        better = ChairVoice(merged(known.voice, voice) or voice, min(99, known.times + 1))
        chairs = [*others[:best], better, *others[best:]]
    else:
        chairs = [replace(chair, silent=min(99, chair.silent + 1)) for chair in chairs]
        if len(chairs) == CHAIRS:
            chairs.remove(max(chairs, key=lambda chair: chair.silent))
        chairs.append(ChairVoice(voice, 1))
    return replace(turns, chairs=tuple(chairs))


def _heard_from_holder(turns: Turns, utterance: Utterance) -> Turns:
    """Take what the holder of the floor says of itself."""
    turn = turns.find(turns.current)
    assert turn is not None
    for cue in utterance.cues:
        kind = BY_CUE.get(cue.kind)
        if kind is not None and kind.about == "speaker" and turn.words <= (kind.within_words or turn.words):
            evidence = _evidence(turns.channel, cue)
            if evidence is not None:
                turn = replace(turn, evidence=_more(turn.evidence, (evidence,)))
        elif cue.kind == "on_behalf" and cue.entity and turn.words <= GROUP_WORDS:
            turn = replace(turn, on_behalf_of=_union(turn.on_behalf_of, (cue.entity,)))
        elif cue.kind == "aligns" and cue.entity and turn.words <= GROUP_WORDS:
            turn = replace(turn, aligned_with=_union(turn.aligned_with, (cue.entity,)))
    if turn.words <= OPENING_WORDS:
        turn = replace(turn, topics=turn.topics | utterance.kinds.intersection(TOPICS[:3]))
    return _put(turns, turn)


def _evidence(channel: str, cue: Said) -> Evidence | None:
    kind = BY_CUE.get(cue.kind)
    if cue.entity is None or kind is None:
        return None
    weight = round(WEIGHTS[kind.name] * cue.score, 3)
    return Evidence(kind.name, cue.quote[:QUOTE_CHARACTERS], cue.span, weight, cue.entity, channel)


def _more(old: Sequence[Evidence], new: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return (*old, *new)[:MOST_EVIDENCE]


def _union(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))[:MOST_GROUPS]
