"""Find the step that a person undoes or does again, and what takes it back; replay a journal in memory."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from floorlog.corrections import Content, Tagger
from floorlog.errors import UndoBlocked
from floorlog.held_records import Correction, Desk, Held
from floorlog.identity import canonical_json
from floorlog.journal import carry_out


def next_undo(journal: Iterable[Correction]) -> list[Correction] | None:
    """Return the last step that stands and can be undone, from its first correction on; None where there is none.

    Args:
        journal: One person's corrections, the last one first.
    """
    return next((step for step in _standing(journal) if "undoes" not in step[0]), None)


def next_redo(journal: Iterable[Correction]) -> list[Correction] | None:
    """Return the undoing step that can be taken back; None where there is none or the person went on since.

    Args:
        journal: One person's corrections, the last one first.
    """
    last = next(_standing(journal), None)
    return last if last is not None and "undoes" in last[0] else None


def _standing(journal: Iterable[Correction]) -> Iterator[list[Correction]]:
    """Yield the steps that no later one took back, the last one first; without redone ones and changes of state."""
    taken: set[str] = set()
    for step in _steps(journal):
        first = step[0]
        if "redoes" in first:
            taken.add(first["redoes"])
        elif first["step"] in taken:
            continue
        elif "undoes" in first:
            taken.add(first["undoes"])
            yield step
        elif any(item["operation"] != "state" for item in step):
            yield step


def _steps(journal: Iterable[Correction]) -> Iterator[list[Correction]]:
    for _, corrections in itertools.groupby(journal, key=lambda item: str(item["step"])):
        yield list(corrections)[::-1]


def taken_back(desk: Desk, step: Sequence[Correction], stem: str) -> list[Correction]:
    """Return the corrections that undo a step, as their schema has them but for who makes them and when.

    Args:
        desk: The meeting's records.
        step: The corrections of the step, as the store gave them.
        stem: What the ids of the new corrections begin with.

    Raises:
        UndoBlocked: a record that the step made, or retired, is not what the step left.
    """
    found: list[Correction] = []
    for number, item in enumerate(step[0]["gave"]):
        key, was, made = item["record_id"], item["was"], item["revision"]
        held = desk.held(key)
        if held is None or held.retired != (made is None):
            raise UndoBlocked(key, ("record",))
        left = None if made is None else desk.revision(key, made)
        as_left = left is None or canonical_json(left) == canonical_json(held.content)
        if was is None and not as_left:
            raise UndoBlocked(key, ("record",))
        after = None if was is None else {"revision": was} | ({} if as_left else {"since": made})
        found.append(
            {
                "id": f"{stem}-{number}",
                "record_id": key,
                "operation": "restore",
                "before": None,
                "after": after,
                "reason": "undone" if "undoes" not in step[0] else "done again",
            }
        )
    return found


def as_kept(corrections: Sequence[Correction], gave: Sequence[Mapping[str, Any]]) -> list[Correction]:
    """Return a step's corrections as the journal keeps them: the first one says what became of each record."""
    step = corrections[0]["id"]
    return [{**item, "step": step} | ({} if place else {"gave": list(gave)}) for place, item in enumerate(corrections)]


@dataclass(slots=True)
class MemoryDesk:
    """A meeting's records in memory: the same journal makes the same bytes of them as in the store."""

    meeting: Mapping[str, Any]
    tag: Tagger
    revisions: dict[str, list[Content]] = field(default_factory=dict)
    current: dict[str, int] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)
    machine: dict[str, int] = field(default_factory=dict)

    def held(self, record_id: str) -> Held | None:
        """Return a record as it stands, with the retired ones."""
        if record_id not in self.current:
            return None
        revision = self.current[record_id]
        content = self.revisions[record_id][revision - 1]
        return Held(content, revision, record_id in self.retired, self.machine.get(record_id))

    def revision(self, record_id: str, revision: int) -> Content | None:
        """Return the content of a revision."""
        known = self.revisions.get(record_id, [])
        return known[revision - 1] if 0 < revision <= len(known) else None

    def standing(self) -> list[Content]:
        """Return what stands of every record that is not retired."""
        return [self.revisions[key][at - 1] for key, at in self.current.items() if key not in self.retired]

    def add(self, content: Content) -> None:
        """Take what the machine says of a record that is new."""
        self.revisions[content["id"]], self.current[content["id"]] = [content], 1
        self.machine[content["id"]] = 1

    def carry_out(self, corrections: Sequence[Correction]) -> list[Correction]:
        """Carry out a step, and return its corrections as the journal keeps them."""
        done = carry_out(self, corrections)
        gave = []
        for key, content in done.contents.items():
            was = self.current.get(key) if key not in self.retired else None
            self.revisions.setdefault(key, []).append(content)
            self.current[key] = len(self.revisions[key])
            self.retired.discard(key)
            gave.append({"record_id": key, "was": was, "revision": self.current[key]})
        for key in done.retired:
            self.retired.add(key)
            gave.append({"record_id": key, "was": self.current[key], "revision": None})
        return as_kept(done.corrections, gave)


def replay(desk: MemoryDesk, journal: Iterable[Correction]) -> None:
    """Carry out a journal again, from what the machine said on."""
    for _, step in itertools.groupby(journal, key=lambda item: str(item["step"])):
        desk.carry_out(list(step))
