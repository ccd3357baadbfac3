"""The chair thanks the one who has just spoken, as in "I thank the representative of Kenya"."""

from __future__ import annotations

from floorlog.evidence.kinds import EvidenceType

TYPE = EvidenceType(name="thanked", about="previous", cues=frozenset({"thanks_named", "thanks_weak"}))
