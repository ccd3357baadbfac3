"""Take back a person's last step of a meeting's journal, and do it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from floorlog.adapters.store import Store
from floorlog.held_records import Correction
from floorlog.services.asking import new_step
from floorlog.services.steps import Author, Changed, StoreDesk, commit
from floorlog.undoing import next_redo, next_undo, taken_back


def undo(store: Store, meeting_id: str, person: Author) -> Changed:
    """Undo a person's last step that stands; nothing where there is none.

    Raises:
        UndoBlocked: others built on it.
        TransitionRefused: a record of it cannot be corrected in its state.
        UnknownMeeting: it was never added.
        StoreUnavailable: the store does not answer.
    """
    return _take_back(store, meeting_id, person, next_undo, "undoes")


def redo(store: Store, meeting_id: str, person: Author) -> Changed:
    """Do again what a person undid last; nothing where there is nothing, or where they went on since.

    Raises:
        UndoBlocked: others built on it.
        TransitionRefused: a record of it cannot be corrected in its state.
        UnknownMeeting: it was never added.
        StoreUnavailable: the store does not answer.
    """
    return _take_back(store, meeting_id, person, next_redo, "redoes")


Finder = Callable[[Iterator[Correction]], list[Correction] | None]


def _take_back(store: Store, meeting_id: str, person: Author, find: Finder, label: str) -> Changed:
    with store.locked(meeting_id) as tx:
        step = find(item for item in tx.journal(backwards=True) if item["author"] == person.id)
        if step is None:
            return Changed()
        desk = StoreDesk(tx)
        stem = new_step("undo" if label == "undoes" else "redo")
        back = taken_back(desk, step, stem)
        asked = [{**item, label: step[0]["step"]} for item in back]
        return commit(tx, desk, asked, person, None, {})
