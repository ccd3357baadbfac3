"""What was said at the same time is attributed on another channel, where an interpreter says the name."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="other-channel", about="speaker", cues=frozenset())
