"""The records of a meeting as corrections find them, and what a step of corrections makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from floorlog.corrections import Content, Tagger
from floorlog.errors import StaleRevision, UnknownRecord
from floorlog.identity import digest, record_id

Correction = dict[str, Any]
"""A correction as its schema has it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A record as it stands. `machine_revision` is the last of the machine's that its content knows of."""

    content: Content
    revision: int
    retired: bool
    machine_revision: int | None


class Desk(Protocol):
    """The records of one meeting as corrections find them."""

    @property
    def meeting(self) -> Mapping[str, Any]:
        """The meeting document."""

    @property
    def tag(self) -> Tagger:
        """Gives the themes of a text."""

    def held(self, record_id: str) -> Held | None:
        """Return a record as it stands, with the retired ones."""

    def revision(self, record_id: str, revision: int) -> Content | None:
        """Return the content of a revision."""

    def standing(self) -> Iterable[Content]:
        """Return what stands of every record that is not retired."""


@dataclass(slots=True)
class Carried:
    """What a step makes: contents by record, successors by retired record, and its corrections with their `before`."""

    contents: dict[str, Content] = field(default_factory=dict)
    retired: dict[str, tuple[str, ...]] = field(default_factory=dict)
    corrections: list[Correction] = field(default_factory=list)


@dataclass(slots=True)
class Overlay:
    """The desk as the corrections of a step that are done already have left it."""

    desk: Desk
    done: Carried

    def content(self, record_id: str) -> Content:
        """Return what stands of a record now.

        Raises:
            UnknownRecord: there is no such record.
            StaleRevision: it is retired.
        """
        found = None if record_id in self.done.retired else self.done.contents.get(record_id)
        if found is not None:
            return found
        held = self.desk.held(record_id)
        if held is None:
            raise UnknownRecord(record_id)
        if held.retired or record_id in self.done.retired:
            raise StaleRevision(record_id, held.revision, None)
        return held.content

    def standing(self) -> list[Content]:
        """Return what stands of every record that is not retired."""
        stands = {item["id"]: item for item in self.desk.standing()} | self.done.contents
        return [item for key, item in stands.items() if key not in self.done.retired]


def based(desk: Desk, content: Content) -> Content:
    """Return a content that says which of the machine's revisions it is based on."""
    if "based_on" in content["review"]:
        return content
    held = desk.held(content["id"])
    known = held.machine_revision if held else None
    basis = [] if known is None else [{"record_id": content["id"], "revision": known}]
    return {**content, "review": {**content["review"], "based_on": basis}}


def new_id(desk: Desk, channel: str, at_ms: int) -> str:
    """Return the id of a new record that starts at a moment: of its opening, unless a record stands there."""
    meeting_id: str = desk.meeting["id"]
    named, number = record_id(meeting_id, channel, at_ms), 1
    while (held := desk.held(named)) is not None and not held.retired:
        named, number = "rec-" + digest(meeting_id, channel, at_ms, number), number + 1
    return named
