"""How pages and files call things: kinds, states of review, languages, times."""

from __future__ import annotations

from datetime import date

KINDS = {
    "statement": "Statement",
    "chair": "Chair",
    "procedural": "Procedure",
    "right_of_reply": "Right of reply",
    "point_of_order": "Point of order",
    "briefing": "Briefing",
    "explanation_of_vote": "Explanation of vote",
    "video_statement": "Video statement",
    "suspension": "Suspension",
    "vote": "Vote or decision",
    "minute_of_silence": "Minute of silence",
    "unassigned": "Not assigned",
}

SUBDUED = frozenset({"chair", "procedural", "suspension", "minute_of_silence"})
"""Kinds that lead from one intervention to the next: shown, but quietly."""

STATES = {
    "provisional": ("Provisional", "Still being heard. It may change or disappear."),
    "machine": ("Automatic", "Written by the machine. Nobody has reviewed it."),
    "in_review": ("In review", "A reviewer is working on it."),
    "approved": ("Approved", "A reviewer approved it."),
    "published": ("Published", "A reviewer approved it, and it is published."),
    "corrected": ("Corrected", "It was published and then corrected."),
    "withdrawn": ("Withdrawn", "It was published and then withdrawn."),
}

LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "pt": "Portuguese",
    "ru": "Russian",
    "tr": "Turkish",
    "zh": "Chinese",
}

SYNTHETIC = "Synthetic. Made-up text read by synthetic voices. No State said any of it."


def state(slug: str) -> str:
    """Return how a state of review is called."""
    return STATES.get(slug, (slug, ""))[0]


def language(tag: str | None) -> str | None:
    """Return the English name of a language by its BCP 47 tag; None where it is not known (`und`)."""
    if tag is None or tag == "und":
        return None
    return LANGUAGES.get(tag.split("-")[0]) or tag


def clock(at_ms: int) -> str:
    """Return a moment or a length as h:mm:ss, rounded down."""
    seconds = at_ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def length(length_ms: int) -> str:
    """Return a length in words, such as `12 s`, `3 min 05 s` or `1 h 04 min`."""
    seconds = round(length_ms / 1000)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds // 60 % 60:02d} min"


def day(iso: str) -> str:
    """Return a date such as `24 February 2021`."""
    on = date.fromisoformat(iso)
    return f"{on.day} {on:%B %Y}"
