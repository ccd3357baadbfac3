"""The chair's "Thanks. Kenya." gives the floor, its "Thanks, Kenya." does not: which it is, the rest must tell."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="thanked-or-given", about="next", cues=frozenset({"thanks_or_gives"}))
