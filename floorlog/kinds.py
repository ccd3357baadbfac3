"""What kind of intervention a turn is, and in which role it is spoken."""

from __future__ import annotations

from floorlog.entities import EntityTable
from floorlog.turns import Turn

ROLES: dict[str, str] = {
    "state": "member_state",
    "observer": "observer",
    "organization": "observer",
    "group": "group",
    "official": "un_official",
}
"""Role by kind of entity; organizations take part as observers."""

OF_THE_CHAIR = (
    ("suspends", "suspension"),
    ("silence", "minute_of_silence"),
    ("votes", "vote"),
    ("procedure", "procedural"),
)
"""Kinds of the chair's turns by what they are about; the first that fits holds, and the rest are of kind "chair"."""


def kind_of(turn: Turn, entity: str | None) -> str:
    """Return what kind of intervention a turn is.

    A point of order is what its speaker or the chair calls so; a right of reply the same; both before a briefing, which
    is what an official of the United Nations gives. Explanations of vote and video statements are announced.
    """
    if turn.chair:
        return next((kind for topic, kind in OF_THE_CHAIR if topic in turn.topics), "chair")
    for topic in ("point_of_order", "right_of_reply", "explanation_of_vote"):
        if topic in turn.topics:
            return topic
    if "briefing" in turn.topics or (entity is not None and entity.startswith("UN:")):
        return "briefing"
    if "video_statement" in turn.topics:
        return "video_statement"
    return "statement"


def role_of(turn: Turn, entity: str | None) -> str | None:
    """Return in which role a turn is spoken; None where it is not known whose it is."""
    if turn.chair:
        return "chair"
    return None if entity is None else ROLES[EntityTable.load().get(entity).kind]


def is_state(code: str) -> bool:
    """Return whether an entity is a state: one that speaks for itself speaks on nobody's behalf."""
    return EntityTable.load().get(code).kind == "state"
