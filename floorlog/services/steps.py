"""One step of a meeting's journal in the store: the records as corrections find them, and what a step makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from floorlog import contract
from floorlog.adapters.store import MeetingWriter
from floorlog.adapters.store.rows import RecordRow
from floorlog.clock import rfc3339
from floorlog.contract_rules import RULES, json_path
from floorlog.corrections import Content, Tagger, fault
from floorlog.errors import InvalidDocument, UnknownRecord
from floorlog.held_records import Carried, Correction, Held
from floorlog.identity import canonical_json
from floorlog.journal import carry_out
from floorlog.publication import as_shown, off_record
from floorlog.review_states import PUBLIC
from floorlog.themes import tag
from floorlog.undoing import as_kept

LARGE = frozenset(("words", "review", "interpretations", "quality"))
"""Fields that an event does not repeat: a reader fetches the revision."""


LISTS = frozenset(("words", "themes", "interpretations"))
"""Fields that are long, and cannot break by a change of the review."""

SOME_WORDS = 100
"""Words of a record that are checked in full each time: 0.2 ms each, and all were checked when they came."""


@dataclass(frozen=True, slots=True)
class Author:
    """A person who works on records."""

    id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What a step made: full documents of the records that changed, ids of those retired, types of the events."""

    records: tuple[dict[str, Any], ...] = ()
    retired: tuple[str, ...] = ()
    events: tuple[str, ...] = ()


class StoreDesk:
    """A meeting's records in the store, under its lock, as corrections find them."""

    def __init__(self, tx: MeetingWriter) -> None:
        self.tx = tx
        self.meeting: Mapping[str, Any] = tx.meeting.document
        self.tag: Tagger = self._tag
        self._held: dict[str, Held | None] = {}
        self._rows: dict[str, RecordRow | None] = {}

    def _tag(self, text: str) -> list[dict[str, Any]]:
        return [item.encode() for item in tag(text, self.meeting["themes"])]

    def row(self, record_id: str) -> RecordRow | None:
        """Return the pointers of a record as they were before the step."""
        if record_id not in self._rows:
            self._rows[record_id] = self.tx.record(record_id)
        return self._rows[record_id]

    def held(self, record_id: str) -> Held | None:
        """Return a record as it stands, with the retired ones."""
        if record_id not in self._held:
            self._held[record_id] = self._read(record_id)
        return self._held[record_id]

    def _read(self, record_id: str) -> Held | None:
        row = self.row(record_id)
        if row is None:
            return None
        revision = self.tx.revision(record_id, row.current_revision)
        if revision is None:
            raise UnknownRecord(record_id)
        state = {"state": "machine" if row.retired else row.state}
        content = {**revision.content, "review": {**revision.content.get("review", {}), **state}}
        basis = self.tx.last_machine_revision(record_id, row.current_revision)
        return Held(content, row.current_revision, row.retired, basis)

    def revision(self, record_id: str, revision: int) -> Content | None:
        """Return the content of a revision."""
        found = self.tx.revision(record_id, revision)
        return None if found is None else found.content

    def standing(self) -> list[Content]:
        """Return what stands of every record that is not retired."""
        return [row.content for row in self.tx.standing()]


def commit(
    tx: MeetingWriter,
    desk: StoreDesk,
    asked: Sequence[Correction],
    person: Author,
    now: datetime | None,
    seen: Mapping[str, int],
) -> Changed:
    """Carry out a step, store it and emit what comes of it; `seen` are the revisions that the person saw, by record."""
    moment = rfc3339(now or tx.now)
    documents = []
    for item in asked:
        row = None if item["record_id"] in seen else desk.row(item["record_id"])
        base = seen.get(item["record_id"], row.current_revision if row else 0)
        document = {
            "schema": "correction/1",
            "meeting_id": tx.meeting.id,
            "base_revision": base,
            "author": person.id,
            "at": moment,
            "step": asked[0]["id"],
            **item,
        }
        contract.validate("correction", document)
        documents.append(document)
    return write(tx, desk, carry_out(desk, documents), person, now)


def write(tx: MeetingWriter, desk: StoreDesk, carried: Carried, person: Author, now: datetime | None) -> Changed:
    """Store what a step makes: revisions, retired records, the journal and the events."""
    reason = next((item["reason"] for item in carried.corrections if item["reason"]), None)
    gave: list[dict[str, Any]] = []
    documents: list[dict[str, Any]] = []
    events: list[str] = []
    for key, content in carried.contents.items():
        row = desk.row(key)
        state = content["review"]["state"]
        before = desk.held(key)
        _check(content, before.content if before else {})
        if row is None:
            revision = tx.add_record(content, "person", state=state, author=person.id, reason=reason)
        else:
            revision = tx.append_person_revision(row, content, person.id, reason, state)
            tx.update_record(key, successors=None)
        if state in PUBLIC:
            tx.update_record(key, published_revision=revision)
        was = None if row is None or row.retired else row.current_revision
        gave.append({"record_id": key, "was": was, "revision": revision})
        documents.append({**content, "revision": revision})
        events += _emit(tx, key, revision, before if was else None, content, reason)
    for key, successors in carried.retired.items():
        row = desk.row(key)
        if row is not None:
            gave.append({"record_id": key, "was": row.current_revision, "revision": None})
            tx.update_record(key, state="retired", touched=True, successors=canonical_json(list(successors)))
            data = {"record_id": key, "revision": row.current_revision, "successors": list(successors)}
            tx.emit("record.retired", key, data, row.current_revision, was_public=row.state in PUBLIC)
            events.append("record.retired")
    for item in as_kept(carried.corrections, gave):
        filled = {
            "schema": "correction/1",
            "meeting_id": tx.meeting.id,
            "base_revision": 0,
            "author": person.id,
            "at": rfc3339(now or tx.now),
            **item,
        }
        contract.validate("correction", filled)
        if not tx.add_correction(filled):
            raise fault("$.id", "an id that no other correction has")
    return Changed(tuple(documents), tuple(carried.retired), tuple(events))


def _check(content: Content, before: Content) -> None:
    """Check a record against its contract; of many words, the order and places only.

    A word stood in a checked revision, came with a checked correction, or was made here of checked text. Where only the
    review changed, as in an approval, the rest was checked when it came.
    """
    if all(content[name] is before.get(name) for name in content if name != "review"):
        contract.validate("record", content | {name: [] for name in LISTS & content.keys()})
        return
    contract.validate("record", {**content, "words": content["words"][:SOME_WORDS]})
    broken = next(RULES["record"](content), None)
    if broken is not None:
        raise InvalidDocument("record/1", json_path(broken.path), broken.expected)


def _emit(
    tx: MeetingWriter, key: str, revision: int, before: Held | None, content: Content, reason: str | None
) -> list[str]:
    state = content["review"]["state"]
    was_public = before is not None and before.content["review"]["state"] in PUBLIC
    data: dict[str, Any] = {"record_id": key, "revision": revision, "reason": reason}
    if state in PUBLIC and was_public and before is not None:
        old, new = as_shown(before.content, off_record(content)), as_shown(content)
        names = [name for name in new.keys() | old.keys() if name not in LARGE and new.get(name) != old.get(name)]
        if not names:
            return []
        data |= {
            side: {name: each.get(name) for name in sorted(names)} for side, each in (("before", old), ("after", new))
        }
        kind = "record.corrected"
    elif state in PUBLIC:
        kind = "record.published"
    elif was_public:
        kind = "record.withdrawn"
    else:
        kind = "record.created" if before is None else "record.revised"
    if state in PUBLIC:
        data["record"] = {**as_shown(content), "revision": revision}
    tx.emit(kind, key, data, revision)
    return [kind]
