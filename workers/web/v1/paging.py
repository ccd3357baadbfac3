"""Cursors of lists: opaque to readers, and good for the question that they were given for only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from workers.web.v1.problems import bad_parameter

PATTERN = r"^[A-Za-z0-9_-]{1,400}$"


def encode(question: object, place: tuple[Any, ...]) -> str:
    """Return the cursor behind a place of a list.

    Args:
        question: What the list answers: filters and order. Its `repr` names it.
        place: Values of JSON by which the list goes on.
    """
    text = json.dumps([_mark(question), *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(question: object, cursor: str | None, kinds: tuple[type, ...]) -> tuple[Any, ...] | None:
    """Return the place that a cursor names; None where there is no cursor.

    Args:
        question: What is asked now.
        cursor: As it was given.
        kinds: The types of the place's values.

    Raises:
        Problem: 400, it is no cursor of ours, or one of another question.
    """
    if cursor is None:
        return None
    try:
        mark, *place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError) as fault:
        raise bad_parameter("cursor", "it is none that was given out.") from fault
    if mark != _mark(question):
        raise bad_parameter("cursor", "it belongs to a list with other filters or another order.")
    if tuple(type(value) for value in place) != kinds:
        raise bad_parameter("cursor", "it is none that was given out.")
    return tuple(place)


def _mark(question: object) -> str:
    return hashlib.sha256(repr(question).encode()).hexdigest()[:12]
