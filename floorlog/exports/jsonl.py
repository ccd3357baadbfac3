"""Write records as JSON Lines: each line is a whole record document, as `record/1` describes it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from floorlog.exports.frame import Entry, Frame

MEDIA_TYPE = "application/jsonl; charset=utf-8"

_ENDS = str.maketrans({ending: f"\\u{ord(ending):04x}" for ending in "\x85\u2028\u2029"})
"""Characters that some readers take for the end of a line; JSON itself escapes the others."""


def jsonl(entries: Iterable[Entry], frame: Frame) -> Iterator[str]:
    """Yield records as lines; each has the licence, the disclaimer and the state of review as fields of its own."""
    for _, record in entries:
        yield json.dumps(record, ensure_ascii=False).translate(_ENDS) + "\n"
