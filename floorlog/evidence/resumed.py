"""The chair lets an interrupted delegation go on, as in "Kenya may continue"."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="resumed", about="next", cues=frozenset({"resumes"}))
