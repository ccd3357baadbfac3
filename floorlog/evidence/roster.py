"""The meeting has a roster and an entity is not on it: a reason against, never for."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="not-on-roster", about="speaker", cues=frozenset())
