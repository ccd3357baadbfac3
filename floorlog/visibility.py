"""Who sees what: the one rule for pages, the API, feeds and exports."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from floorlog.review_states import PUBLIC

SCOPES: Final = ("unpublished", "closed")
"""What a key may open besides what everybody sees: what nobody approved yet, and closed meetings."""

STANDING: Final = PUBLIC | {"provisional", "machine", "in_review", "approved"}
"""States of review of what stands: neither withdrawn nor retired."""

_OF_PUBLIC_RECORDS: Final = ("record.published", "record.corrected", "record.withdrawn")

EVERYBODY: Final = 0
"""Of `needs`: no key at all."""


def states(audience: str, scopes: Collection[str] = ()) -> frozenset[str]:
    """Return the states of review whose records a reader sees.

    Args:
        audience: Of the meeting: `closed`, `live` or `published`; any other counts as closed.
        scopes: Of the reader's key, out of `SCOPES`; none without a key.
    """
    if audience not in ("live", "published") and "closed" not in scopes:
        return frozenset()
    return STANDING if audience == "live" or "unpublished" in scopes else PUBLIC


def needs(audience: str, state: str) -> int | None:
    """Return the scopes that a reader needs to see a record, as a sum of powers of two in the order of `SCOPES`.

    `EVERYBODY` where none is needed, None where no reader sees it.
    """
    return next((level for level in range(2 ** len(SCOPES)) if state in states(audience, _scopes(level))), None)


def levels(scopes: Collection[str] = ()) -> tuple[int, ...]:
    """Return every value of `needs` that a reader with these scopes meets."""
    return tuple(level for level in range(2 ** len(SCOPES)) if scopes_within(level, scopes))


def scopes_within(level: int, scopes: Collection[str]) -> bool:
    """Return whether a reader's scopes contain all that a level needs."""
    return all(scope in scopes for scope in _scopes(level))


def event_is_public(event_type: str, was_public: bool | None = None) -> bool:
    """Return whether a reader without a key may see an event of a meeting whose audience is `published`.

    Args:
        event_type: As in the event.
        was_public: Whether the record was ever published, where the type does not tell; None: the type tells it.
    """
    if was_public is not None:
        return was_public
    return event_type in _OF_PUBLIC_RECORDS or not event_type.startswith("record.")


def _scopes(level: int) -> tuple[str, ...]:
    return tuple(scope for place, scope in enumerate(SCOPES) if level >> place & 1)
