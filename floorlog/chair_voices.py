"""Learn what the chair sounds like, without mistaking others for it."""

from __future__ import annotations

from dataclasses import replace

from floorlog.floor import said_by_chair
from floorlog.floor_odds import CLEAR_MS, SURE_CHAIR
from floorlog.turns import ChairVoice, Turns
from floorlog.utterances import Utterance
from floorlog.voices import cosine, merged

SAME_CHAIR_COSINE = 0.28
CHAIRS = 3
"""So many presiding officers of one meeting are told apart."""


def taught(turns: Turns, utterance: Utterance) -> Turns:
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
            del chairs[max(range(CHAIRS), key=lambda index: chairs[index].silent)]
        chairs.append(ChairVoice(voice, 1))
    return replace(turns, chairs=tuple(chairs))


def presumed(turns: Turns) -> Turns:
    """Take the one who opened the meeting for the chair, until words say surely who it is."""
    turn = turns.find(turns.current)
    if turns.chairs or turn is None or not turn.chair or turn.voice is None or turn.voice.heard_ms < CLEAR_MS:
        return turns
    return replace(turns, chairs=(ChairVoice(turn.voice, 0),))
