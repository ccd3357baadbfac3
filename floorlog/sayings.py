"""Take what is said about who has the floor, by the chair and by the one who has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from floorlog.attribution import WEIGHTS, Evidence, combine
from floorlog.chair_voices import taught
from floorlog.evidence import BY_CUE
from floorlog.floor import GIVES, GIVING, LETTING, gave_by
from floorlog.for_whom import is_group, is_represented
from floorlog.hindsight import thanked_before
from floorlog.turns import Turn, Turns
from floorlog.utterances import Said, Utterance

OPENING_WORDS = 60
"""What a speaker takes the floor for is said within so many words."""

GROUP_WORDS = 150
"""On whose behalf a speaker speaks, or with whom it aligns, is said within so many words."""

OF_OTHERS = ("aligns", "cites")
"""Cues of the holder that tell of what another has said."""

TOPICS = ("point_of_order", "right_of_reply", "explanation_of_vote", "briefing", "video_statement")

LASTING_TOPICS = ("right_of_reply", "explanation_of_vote")
"""Announced once for all speakers to come, until the chair announces something else."""

PROCEDURE = ("suspends", "silence", "votes", "procedure")
"""What a turn of the chair may be about, besides the floor."""

TAKEN_BACK = ("recognized", "thanked-or-given")
"""Evidence that turns out to be about the last holder once the chair gives the floor to another."""

_AS = re.compile(
    r"\b(?:capacity as|qualité de|qualite de|calidad de|condición de|condicion de)\s+(?:(?:the|la|le|el)\s+|l['’])?",
    re.IGNORECASE,
)
"""What stands before a role; the words are as they were heard, with or without accents."""

QUOTE_CHARACTERS = 120
MOST_EVIDENCE = 16
MOST_GROUPS = 64
"""Joint statements name some dozens of countries."""


def heard_from_chair(turns: Turns, utterance: Utterance) -> Turns:
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
            if holder is not None and thanked_before(turns, cue.entity) is None:
                holder = replace(holder, evidence=more_evidence(holder.evidence, (evidence,)))
        elif kind.about == "later":
            coming = replace(coming, later=(*coming.later, evidence)[-2:])
        elif cue.kind == "thanks_or_gives" and holder and any(e.entity == cue.entity for e in holder.evidence):
            thanked = replace(evidence, type="thanked", weight=WEIGHTS["thanked"])
            holder = replace(holder, evidence=more_evidence(holder.evidence, (thanked,)))
        elif kind.about == "next" and holder is not None and cue.entity in turns.floor.raised:
            holder = replace(holder, evidence=more_evidence(holder.evidence, (evidence,)))
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
    elif topics and ("concludes" not in kinds or gives):
        coming = replace(coming, topics=coming.topics | (topics if gives else topics - {"briefing"}))
        if not gives and topics.intersection(LASTING_TOPICS):
            lasting = sorted(topics.intersection(LASTING_TOPICS))[0]
    elif "presides" in kinds:
        lasting = None
    if kinds & {"concludes", "presents"} and not (topics and gives):
        lasting = None
        coming = replace(coming, topics=coming.topics.difference(LASTING_TOPICS))
    if kinds & GIVES:
        coming = replace(coming, person=utterance.person, capacity=_capacity(utterance))
    elif thanks and holder is not None:
        holder = replace(holder, person=holder.person or utterance.person)
    groups = tuple(code for cue in utterance.cues if cue.kind == "on_behalf" for code in cue.entities)
    if groups:
        if gives or not thanks:
            coming = replace(coming, on_behalf_of=_union(coming.on_behalf_of, groups))
        elif holder is not None:
            holder = replace(holder, on_behalf_of=_union(holder.on_behalf_of, groups))
    gave = gave_by(utterance, turns.floor.raised)
    if gave == "nothing":
        gave = turns.gave
    turns = replace(turns, next=coming, lasting=lasting, gave=gave)
    turns = turns.put(holder) if holder is not None else turns
    speaking = turns.find(turns.current)
    if speaking is not None and kinds.intersection(PROCEDURE):
        turns = turns.put(replace(speaking, topics=speaking.topics | kinds.intersection(PROCEDURE)))
    return taught(turns, utterance)


def _capacity(utterance: Utterance, of_itself: bool = False) -> str | None:
    """Return in what role somebody is said to speak, such as "national capacity" or "Chair of the African Group".

    Args:
        utterance: What is said.
        of_itself: It is the holder who says it, and may say it of others.
    """
    said = (cue for cue in utterance.cues if cue.kind == "capacity")
    quote = next((cue.quote for cue in said if not (of_itself and _of_others(cue, utterance))), None)
    if quote is None:
        return None
    role = _AS.split(quote, maxsplit=1)
    return (role[1] if len(role) > 1 else " ".join(quote.split()[-2:])).strip(" .,;:")


def _taken_back(holder: Turn, evidence: Sequence[Evidence]) -> Turn:
    """Count for the last holder what was said of it, unless it is surely another one."""
    entity = combine(holder.evidence).entity
    own = [item for item in evidence if entity in (None, item.entity)]
    topics = {"point_of_order"} if any(item.type == "recognized" for item in own) else set()
    return replace(holder, evidence=more_evidence(holder.evidence, own), topics=holder.topics | topics)


def heard_from_holder(turns: Turns, utterance: Utterance) -> Turns:
    """Take what the holder of the floor says of itself."""
    turn = turns.find(turns.current)
    assert turn is not None
    for cue in utterance.cues:
        kind = BY_CUE.get(cue.kind)
        if kind is not None and kind.about == "speaker" and turn.words <= (kind.within_words or turn.words):
            evidence = _evidence(turns.channel, cue)
            if evidence is not None and not _of_a_group(cue, utterance):
                turn = replace(turn, evidence=more_evidence(turn.evidence, (evidence,)))
        elif cue.kind == "on_behalf" and turn.words <= GROUP_WORDS and not _of_others(cue, utterance):
            turn = replace(turn, on_behalf_of=_union(turn.on_behalf_of, cue.entities))
        elif cue.kind == "aligns" and turn.words <= GROUP_WORDS:
            turn = replace(turn, aligned_with=_union(turn.aligned_with, cue.entities))
    if turn.capacity is None and turn.words <= GROUP_WORDS:
        turn = replace(turn, capacity=_capacity(utterance, of_itself=True))
    if turn.words <= OPENING_WORDS:
        topics = turn.topics | utterance.kinds.intersection(TOPICS[:3])
        if "presents" in utterance.kinds and turns.lasting in topics:  # who introduces a draft explains no vote
            topics -= {turns.lasting}
            turns = replace(turns, lasting=None)
        turn = replace(turn, topics=topics)
        if "names_self" in utterance.kinds:
            turn = replace(turn, person=turn.person or utterance.person)
    return turns.put(turn)


def _of_others(cue: Said, utterance: Utterance) -> bool:
    """Return whether a holder says something of another: in whose name that one spoke, or in which capacity."""
    others = [item.span for item in utterance.cues if item.kind in OF_OTHERS]
    return any(span.overlap_ms(cue.span) for span in others)


def _of_a_group(cue: Said, utterance: Utterance) -> bool:
    """Return whether a holder names those for whom it speaks, and not itself: a member speaks for a group."""
    if cue.entity is None or is_group(cue.entity):
        return True
    joint = [
        item
        for item in utterance.cues
        if item.kind == "on_behalf" and cue.span.start_ms <= item.span.start_ms < cue.span.end_ms
    ]
    return any(not is_represented(cue.entity) or set(item.entities) - {cue.entity} for item in joint)


def _evidence(channel: str, cue: Said) -> Evidence | None:
    kind = BY_CUE.get(cue.kind)
    if cue.entity is None or kind is None:
        return None
    weight = round(WEIGHTS[kind.name] * cue.score, 3)
    return Evidence(kind.name, cue.quote[:QUOTE_CHARACTERS], cue.span, weight, cue.entity, channel)


def more_evidence(old: Sequence[Evidence], new: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Return both, up to as much as is kept."""
    return (*old, *new)[:MOST_EVIDENCE]


def _union(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))[:MOST_GROUPS]
