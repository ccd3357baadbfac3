"""What a type of evidence is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

About = Literal["next", "previous", "speaker", "later"]
"""Whom a cue is about: who speaks next, who spoke last, who says it, or who speaks after the next."""


@dataclass(frozen=True, slots=True)
class EvidenceType:
    """A reason for an attribution.

    `cues` are the kinds of cue that it listens to. `within_words`: a cue behind so many words of the intervention does
    not count. `at_most`: so many of them count for one entity.
    """

    name: str
    about: About
    cues: frozenset[str]
    within_words: int | None = None
    at_most: int = 1
