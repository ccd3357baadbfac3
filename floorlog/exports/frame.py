"""What every file says of itself, of a meeting, and of a record: honest labels, in one place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from floorlog.exports import wording
from floorlog.exports.plain import plain
from floorlog.exports.saying import Said
from floorlog.records import DISCLAIMER

Entry = tuple[dict[str, Any], dict[str, Any]]
"""A meeting's document, and one of its records as readers see it."""

NOT_ATTRIBUTED = "Not attributed"

STATES = ("machine", "in_review", "approved", "published", "corrected")
"""States of review that a file can hold: what is still being heard, and what was withdrawn, is in none."""


@dataclass(frozen=True, slots=True)
class Frame:
    """How a file was asked for.

    Args:
        meeting: The document of the one meeting that the file is about; None where it may be several.
        only: What was chosen, in words such as `kind: statement`; empty where nothing is left out.
        text_language: The language of the words, where there is an interpretation into it; as delivered by default.
        base_url: Where records can be read, without a slash at its end; without it files hold no links.
    """

    meeting: dict[str, Any] | None = None
    only: tuple[str, ...] = ()
    text_language: str | None = None
    base_url: str | None = None

    @property
    def title(self) -> str:
        """Return the title of the file."""
        return plain(self.meeting["title"]) if self.meeting else "Records of several meetings"

    def notice(self) -> Iterator[str]:
        """Yield what stands at the top of the file: that it is no official record, and what was chosen."""
        yield DISCLAIMER
        if self.meeting and self.meeting["synthetic"]:
            yield wording.SYNTHETIC
        if self.text_language:
            yield f"Words in {wording.language(self.text_language)}: as delivered, or else as interpreted."
        if self.only:
            yield f"Only {plain('; '.join(self.only))}."

    def link(self, record: dict[str, Any]) -> str | None:
        """Return the permanent address of a record; None where no address is known."""
        return None if self.base_url is None else f"{self.base_url}/interventions/{record['id']}"


def about(meeting: dict[str, Any]) -> Iterator[str]:
    """Yield what is said of a meeting below its title: what sat when, the licence, where the recording is."""
    parts = [meeting["body"], meeting["symbol"], wording.day(meeting["date"])]
    yield plain(", ".join(part for part in parts if part))
    yield f"Licence: {plain(meeting['licence'])}"
    if meeting["source"]["page"]:
        yield f"Recording: {plain(meeting['source']['page'])}"


def speaker(meeting: dict[str, Any], record: dict[str, Any]) -> str:
    """Return the name of who had the floor; the chair by title."""
    if record["speaker"] is None:
        return NOT_ATTRIBUTED
    if record["speaker"]["entity"]["code"] == "CHAIR":
        return plain(meeting["chair"]["title"] or "") or "Chair"
    return plain(record["speaker"]["entity"]["name"])


def person(record: dict[str, Any]) -> str | None:
    """Return the name and capacity of the person, where a reviewer confirmed it."""
    if record["speaker"] is None or record["speaker"]["person"] is None:
        return None
    return plain(", ".join(part for part in (record["speaker"]["person"], record["speaker"]["capacity"]) if part))


def entities(items: Iterable[dict[str, Any]]) -> str:
    """Return the names of entities with their codes."""
    return ", ".join(f"{plain(item['name'])} ({item['code']})" for item in items)


def language_of(words: Said) -> str:
    """Return the language of words and whether they are an interpreter's, such as `Interpretation into English`."""
    name = wording.language(words.language)
    if words.interpretation:
        return f"Interpretation into {name}" if name else "Interpretation"
    return name or "Language not known"


def section(meeting: dict[str, Any]) -> Iterator[str]:
    """Yield the title of a meeting and what is said below it, where a file holds several."""
    yield plain(meeting["title"])
    if meeting["synthetic"]:
        yield wording.SYNTHETIC
    yield from about(meeting)


def represented(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return those for whom the speaker spoke besides itself."""
    own = record["speaker"]["entity"]["code"] if record["speaker"] else None
    return [item for item in record["on_behalf_of"] if item["code"] != own]


def legend() -> Iterator[tuple[str, str]]:
    """Yield the states of review that a file can hold, and what they mean."""
    for slug in STATES:
        yield wording.STATES[slug]
