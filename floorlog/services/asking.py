"""A correction as a person asks for it, made into one that its schema knows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from floorlog.corrections import fault
from floorlog.held_records import Correction


def new_step(stem: str) -> str:
    """Return an id that no other correction has."""
    return f"{stem}-{uuid.uuid4().hex}"


def asked_of(item: Mapping[str, Any], record_id: str) -> Correction:
    """Return a correction of a record, without who asks and when.

    Raises:
        InvalidDocument: a property is not known, or not of its kind.
    """
    known = ("id", "operation", "before", "after", "reason", "resolves")
    unknown = next((key for key in item if key not in known), None)
    if unknown is not None:
        raise fault(f"$.{unknown[:80]}", f"no such property; known are {', '.join(known)}")
    for name in ("id", "operation"):
        if not isinstance(item.get(name), str):
            raise fault(f"$.{name}", "text")
    for name in ("before", "after"):
        if not isinstance(item.get(name), dict | None):
            raise fault(f"$.{name}", "an object or null")
    return {"before": None, "after": None, "reason": None, **item, "record_id": record_id}
