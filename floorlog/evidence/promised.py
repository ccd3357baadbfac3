"""The chair says who will speak once it has said something else, as in "Before giving the floor to Kenya, may I …"."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="promised", about="next", cues=frozenset({"promises"}))
