"""Revise what was settled, where later evidence tells more about it: with a reason, and only for a while."""

from __future__ import annotations

from dataclasses import replace

from floorlog.attribution import WEIGHTS, Evidence, combine
from floorlog.known_voices import attribution_of
from floorlog.turns import Over, Turn, Turns
from floorlog.utterances import Utterance

LAST = 2
"""So many of the last delegations' turns can still be thanked for."""

UNNAMED = 8
"""So many turns without a name can still be named by a voice that comes back."""

THANKED_LATER = "thanked-later"
VOICE_KNOWN_LATER = "voice-known-later"


def kept(turns: Turns, settled: tuple[Turn, ...]) -> Turns:
    """Remember turns that are settled, as far as they may still be revised."""
    recent = (*turns.recent, *(turn for turn in settled if not turn.chair))
    last = recent[-LAST:]
    unnamed = [turn for turn in recent[:-LAST] if attribution_of(turns, turn).entity is None]
    return replace(turns, recent=(*unnamed[-UNNAMED:], *last))


def thanked_before(turns: Turns, entity: str | None) -> Turn | None:
    """Return the settled turn that the chair thanks for by naming an entity, if it is not the last holder's.

    "I thank Kenya and Norway" thanks two, and only the last of them has just spoken.
    """
    holder = turns.find(turns.holder)
    if holder is None or entity is None or combine(holder.evidence).entity in (None, entity):
        return None
    return next((turn for turn in reversed(turns.recent) if combine(turn.evidence).entity == entity), None)


def by_thanks(turns: Turns, utterance: Utterance) -> tuple[Turns, tuple[Over, ...]]:
    """Confirm settled turns by what the chair says now; return those that were revised."""
    revised: list[Over] = []
    for cue in utterance.cues:
        turn = thanked_before(turns, cue.entity) if cue.kind == "thanks_named" else None
        if turn is None or any(item.type == "thanked" for item in turn.evidence):
            continue
        weight = round(WEIGHTS["thanked"] * cue.score, 3)
        evidence = Evidence("thanked", cue.quote, cue.span, weight, cue.entity, turns.channel)
        better = replace(turn, evidence=(*turn.evidence, evidence))
        turns = replace(turns, recent=tuple(better if item is turn else item for item in turns.recent))
        revised.append(Over(better, THANKED_LATER))
    return turns, tuple(revised)


def by_voice(turns: Turns) -> tuple[Turns, tuple[Over, ...]]:
    """Name settled turns whose voice has come back with a name; return those that were revised."""
    revised: list[Over] = []
    for turn in turns.recent:
        if combine(turn.evidence).entity is not None:
            continue
        found = attribution_of(turns, turn)
        if found.entity is None:
            continue
        better = replace(turn, evidence=found.evidence)
        turns = replace(turns, recent=tuple(better if item is turn else item for item in turns.recent))
        revised.append(Over(better, VOICE_KNOWN_LATER))
    return turns, tuple(revised)
