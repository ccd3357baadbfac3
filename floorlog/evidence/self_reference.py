"""A delegation speaks of itself by name, as the subject of a sentence: "Kenya welcomes …"."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="self-reference", about="speaker", cues=frozenset({"speaks_of_itself"}), at_most=2)
