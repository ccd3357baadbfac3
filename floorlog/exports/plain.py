"""Make a text safe to stand among others where people read it."""

from __future__ import annotations

import re

_BLANK = re.compile("[\t-\r\x1c-\x20\x85\u2028\u2029]+")

_DROPPED = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control characters, the byte order mark, and the characters that embed, isolate or override a direction of writing:
left open, they turn around what stands beside them (UAX 9, section 2; UTR 36, section 2.5). Marks (U+200E, U+200F,
U+061C) and joiners turn nothing around and stay."""


def plain(text: str) -> str:
    """Return a text on one line: runs of blanks and line breaks are one space, control characters are gone."""
    return _DROPPED.sub("", _BLANK.sub(" ", text)).strip()
