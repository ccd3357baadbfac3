"""The meeting's programme, or its list of speakers, has an entity behind the one that had the floor last."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="programme", about="next", cues=frozenset())
