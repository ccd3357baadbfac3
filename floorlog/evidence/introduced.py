"""A delegation says who it is: "Kenya aligns itself with …", "Kenya has the honour to …"."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="introduced", about="speaker", cues=frozenset({"introduces"}), within_words=150)
