"""Say whose a turn was: by its own evidence, and by the voices of those who were attributed before."""

from __future__ import annotations

from floorlog.attribution import WEIGHTS, Attribution, Evidence, combine
from floorlog.evidence import VOICE_KNOWN
from floorlog.turns import KnownVoice, Turn, Turns
from floorlog.voices import cosine

OF_ITSELF = ("introduced", "self-reference")
"""Evidence in which a speaker names itself, or the group for which it speaks."""

KNOWN_COSINE = 0.55
"""A voice recalls who spoke before only from this cosine on, and only by a margin over all others. Two of a hundred
stretches of one voice and another pass .2 (docs/voice_measures.py); on .55 a noisy meeting hardly ever comes."""

KNOWN_MARGIN = 0.15
KNOWN_SHARE = 0.45
"""So much of the way from the other voices' mean likeness to identity it must come besides. The idea is that of
adaptive score normalisation (Matějka et al., 2017)."""

KNOWN_MS = 8000
KNOWN = 48
"""So many delegations' voices are remembered."""


def attribution_of(turns: Turns, turn: Turn) -> Attribution:
    """Return who held the floor in a turn, by its own evidence and by voices heard before."""
    # "The African Group welcomes …" is said by one that speaks on its behalf.
    spoken_for = {*turn.on_behalf_of, *turn.aligned_with}
    own = tuple(item for item in turn.evidence if item.type not in OF_ITSELF or item.entity not in spoken_for)
    named = sorted({item.entity for item in own if item.entity is not None})
    own += tuple(
        Evidence("not-on-roster", "", turn.spans[0], -WEIGHTS["not-on-roster"], entity, turns.channel)
        for entity in named
        if turns.foreknown.excludes(entity)
    )
    found = combine(own)
    if found.entity is not None or turn.voice is None or turn.voice.heard_ms < KNOWN_MS:
        return found
    ranked = sorted(((cosine(turn.voice, item.voice), item.entity) for item in turns.known), reverse=True)
    if not ranked or ranked[0][0] < KNOWN_COSINE:
        return found
    likeness, known = ranked[0]
    others = [value for value, entity in ranked if entity != known]
    background = sum(others) / len(others) if others else 0.0
    if likeness - max(others, default=0.0) < KNOWN_MARGIN or likeness < background + KNOWN_SHARE * (1 - background):
        return found
    weight = WEIGHTS[VOICE_KNOWN]
    return combine((*own, Evidence(VOICE_KNOWN, "", turn.spans[0], weight, known, turns.channel)))


def remembered(turns: Turns, turn: Turn, known: tuple[KnownVoice, ...]) -> tuple[KnownVoice, ...]:
    """Return the voices known once a turn is settled."""
    entity = combine(turn.evidence).entity
    if turn.chair or entity is None or turn.voice is None or turn.voice.heard_ms < KNOWN_MS:
        return known
    others = tuple(item for item in known if item.entity != entity)
    return (*others, KnownVoice(entity, turn.voice))[-KNOWN:]
