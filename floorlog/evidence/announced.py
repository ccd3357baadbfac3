"""The chair says who comes after the next, as in "Kenya, followed by Peru": it gives nothing, but predicts."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="announced", about="later", cues=frozenset({"announces"}))
