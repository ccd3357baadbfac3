"""The chair says nothing but a name, as in "Kenya." or "Kenya, please"."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="bare-name", about="next", cues=frozenset({"gives_bare", "gives_weak"}))
