"""The revisions of a record: what reviewers see of one, and what changed from each to the next, word by word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from floorlog.adapters.store import Store
from floorlog.adapters.store.rows import RevisionRow
from floorlog.edits import opcodes
from floorlog.errors import UnknownRecord
from floorlog.retiming import atoms


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of two texts: what stood there and what stands there now."""

    kind: Literal["equal", "insert", "delete", "replace"]
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision: who made it and why, and what differs from the one that stood before."""

    revision: int
    made_by: Literal["machine", "person"]
    author: str | None
    reason: str | None
    at: datetime
    state: str
    fields: tuple[str, ...]
    text: tuple[Piece, ...]
    content: dict[str, Any]


def reviewed(state: str, revision: RevisionRow) -> dict[str, Any]:
    """Return a record's document as reviewers see it, with what readers do not."""
    content = revision.content
    return {**content, "revision": revision.revision, "review": {**content.get("review", {}), "state": state}}


def history(store: Store, record_id: str) -> tuple[Revision, ...]:
    """Return every revision of a record, the first one first, with what differs from the one before.

    Raises:
        UnknownRecord: there is no such record.
        StoreUnavailable: the store does not answer.
    """
    rows = store.revisions(record_id)
    if not rows:
        raise UnknownRecord(record_id)
    found: list[Revision] = []
    before: dict[str, Any] = {}
    for row in rows:
        content = row.content
        fields = tuple(sorted(key for key in content.keys() | before.keys() if content.get(key) != before.get(key)))
        found.append(
            Revision(
                row.revision,
                row.made_by,
                row.author,
                row.reason,
                row.created_at,
                content.get("review", {}).get("state", "machine"),
                fields if before else (),
                differences(before.get("text", ""), content.get("text", "")) if before else (),
                content,
            )
        )
        before = content
    return tuple(found)


def differences(before: str, after: str) -> tuple[Piece, ...]:
    """Return what differs between two texts, word by word; joined, each side is its text."""
    if before == after:
        return (Piece("equal", before, after),) if after else ()
    old, new = atoms(before), atoms(after)
    codes = opcodes([part for part, _ in old], [part for part, _ in new])
    a_ends, b_ends = [*(at for _, at in old), len(before)], [*(at for _, at in new), len(after)]
    a_ends[0], b_ends[0] = 0, 0
    names: dict[str, Literal["equal", "insert", "delete", "replace"]] = {
        "equal": "equal",
        "insert": "insert",
        "delete": "delete",
        "replace": "replace",
    }
    return tuple(
        Piece(names[kind], before[a_ends[a_from] : a_ends[a_to]], after[b_ends[b_from] : b_ends[b_to]])
        for kind, a_from, a_to, b_from, b_to in codes
    )
