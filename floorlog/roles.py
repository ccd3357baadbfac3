"""Who may do what: the roles of people, and one table of the actions that each may do."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

ACTIONS: Final = MappingProxyType(
    {
        "view": "read every meeting, closed ones included, and its history",
        "review": "correct records, claim and release them",
        "approve": "approve records, one, many, or a meeting",
        "publish": "publish and withdraw what was approved",
        "operate": "run meetings and see how the processes do",
        "administer": "manage people, and read the audit trail",
    }
)
"""Every action that is guarded, and what it allows."""

ROLES: Final = MappingProxyType(
    {
        "viewer": frozenset({"view"}),
        "reviewer": frozenset({"view", "review"}),
        "approver": frozenset({"view", "review", "approve", "publish"}),
        "operator": frozenset({"view", "operate"}),
        "administrator": frozenset(ACTIONS),
    }
)
"""What each role may do, and nothing else. An operator runs the machine and decides nothing about the text."""


def may(role: str, action: str) -> bool:
    """Return whether a role may do an action; an unknown role may nothing.

    Raises:
        KeyError: the action is not in the table, which is a mistake in the code that asks.
    """
    ACTIONS[action]
    return action in ROLES.get(role, frozenset())


def actions_of(role: str) -> tuple[str, ...]:
    """Return what a role may do, in the order of `ACTIONS`."""
    return tuple(action for action in ACTIONS if may(role, action))
