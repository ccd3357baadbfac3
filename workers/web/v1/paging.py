"""Cursors of lists: opaque to readers, and good for the question that they were given for only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import Any

from workers.web.v1.problems import bad_parameter

PATTERN = r"^[A-Za-z0-9_-]{1,400}$"

LARGEST = 2**63 - 1
"""What a database takes as a number."""


def encode(question: object, *place: int | str) -> str:
    """Return the cursor behind a place of a list.

    Args:
        question: What the list answers: filters and order. Its `repr` names it.
        place: By what the list goes on.
    """
    text = json.dumps([_mark(question), *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(question: object, cursor: str | None, *, least: int | None = None) -> int | None:
    """Return the number by which a list goes on; None where there is no cursor.

    Args:
        question: What is asked now.
        cursor: As it was given.
        least: The smallest number that such a list can go on by; any by default.

    Raises:
        Problem: 400, it is no cursor of ours, or one of another question.
    """
    place = _decoded(question, cursor, int)
    if place is None:
        return None
    if least is not None and place[0] < least:
        raise bad_parameter("cursor", "it is none that was given out.")
    return int(place[0])


def decode_dated(question: object, cursor: str | None) -> tuple[int, str] | None:
    """Return the moment and the id by which a list goes on; None where there is no cursor.

    Raises:
        Problem: 400, it is no cursor of ours, or one of another question.
    """
    place = _decoded(question, cursor, int, str)
    return None if place is None else (place[0], place[1])


def _decoded(question: object, cursor: str | None, *kinds: type) -> list[Any] | None:
    if cursor is None:
        return None
    try:
        mark, *place = list(json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))))
    except (binascii.Error, ValueError, TypeError, RecursionError) as fault:
        raise bad_parameter("cursor", "it is none that was given out.") from fault
    known = [type(value) for value in place] == list(kinds) and all(
        -LARGEST <= value <= LARGEST for value in place if isinstance(value, int)
    )
    if not known:
        raise bad_parameter("cursor", "it is none that was given out.")
    if mark != _mark(question):
        raise bad_parameter("cursor", "it belongs to a list with other filters or another order.")
    return place


def _mark(question: object) -> str:
    return hashlib.sha256(repr(question).encode()).hexdigest()[:12]
