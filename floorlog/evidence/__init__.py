"""Reasons to believe that an entity held the floor: one file for each type, all listed here.

A type says which cues it listens to and whom they are about. To add one, write its file, list it in ALL, and give it a
weight in `floorlog.attribution.WEIGHTS`.
"""

from __future__ import annotations

from floorlog.evidence import (
    announced,
    bare_name,
    given,
    introduced,
    other_channel,
    programme,
    promised,
    recognized,
    resumed,
    roster,
    self_reference,
    thanked,
    thanked_or_given,
)
from floorlog.evidence.kinds import EvidenceType

VOICE_KNOWN = "voice-known"
"""The holder sounds like one who was attributed before; the only type that rests on no words."""

ALL: tuple[EvidenceType, ...] = (
    given.TYPE,
    bare_name.TYPE,
    promised.TYPE,
    recognized.TYPE,
    resumed.TYPE,
    announced.TYPE,
    thanked.TYPE,
    thanked_or_given.TYPE,
    introduced.TYPE,
    self_reference.TYPE,
    programme.TYPE,
    roster.TYPE,
    other_channel.TYPE,
)

BY_CUE: dict[str, EvidenceType] = {kind: item for item in ALL for kind in item.cues}
"""The type that listens to a kind of cue."""
