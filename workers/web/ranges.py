"""Conditional and partial requests (RFC 9110, sections 13 and 14) where size and entity tag are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """Which status to answer with, and which bytes: none for 304 and 416."""

    status: int
    first_byte: int
    length_bytes: int


def answer(method: str, headers: Mapping[str, str], size_bytes: int, entity_tag: str) -> Answer:
    """Return how a request is to be answered.

    Several ranges, and ranges that are no ranges, are ignored: the whole resource answers them (section 14.2).

    Args:
        method: GET or HEAD; ranges have no meaning for the latter.
        headers: Of the request; looked up in lower case.
        size_bytes: How long the resource is, at least 1.
        entity_tag: Its strong entity tag, quotes included.
    """
    if _names(headers.get("if-none-match", ""), entity_tag):
        return Answer(304, 0, 0)
    whole = Answer(200, 0, size_bytes)
    asked = _RANGE.fullmatch(headers.get("range", "")) if method == "GET" else None
    if asked is None or headers.get("if-range", entity_tag).strip() != entity_tag:
        return whole
    first, last = asked.groups()
    if not first and not last:
        return whole
    if not first:
        length_bytes = min(int(last), size_bytes)
        return Answer(206, size_bytes - length_bytes, length_bytes) if length_bytes else Answer(416, 0, 0)
    start, end = int(first), min(int(last), size_bytes - 1) if last else size_bytes - 1
    if last and int(last) < start:
        return whole
    if start >= size_bytes:
        return Answer(416, 0, 0)
    return Answer(206, start, end - start + 1)


def _names(if_none_match: str, entity_tag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or entity_tag in tags
