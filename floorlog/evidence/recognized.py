"""The chair recognizes a delegation on a point of order, before it is raised or after."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="recognized", about="next", cues=frozenset({"recognizes"}))
