"""The chair gives the floor to an entity in a full phrase, as in "I give the floor to the representative of Kenya"."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="given", about="next", cues=frozenset({"gives_named"}))
