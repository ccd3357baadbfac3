"""A meeting as it is read: its records, and what is open now with the words said so far."""

from __future__ import annotations

from typing import Any

from floorlog.adapters.store import Store
from floorlog.adapters.store.rows import RecordRow, RevisionRow
from floorlog.interventions import Intervention
from floorlog.publication import Stretches, as_shown
from floorlog.services.compose import content_of
from floorlog.services.hear import MACHINE, Machine, decode_intervention


def records(store: Store, meeting_id: str, machine: Machine = MACHINE) -> list[dict[str, Any]]:
    """Return a meeting's record documents by (start, id): what is shown of each record, and what is provisional.

    Each has its `ordinal` and the state of its review; a provisional one has no `revision`. Retired ones are left out,
    and those that are hidden on request.

    Raises:
        UnknownMeeting: it was never added.
        StoreUnavailable: the store does not answer.
    """
    suppressed, hidden = store.hidden(meeting_id)
    documents = [
        document(record, shown, hidden)
        for record, shown in store.current_revisions(meeting_id)
        if record.id not in suppressed
    ]
    known = {item["id"] for item in documents}
    documents += [item for item in provisional(store, meeting_id, machine) if item["id"] not in known]
    documents.sort(key=lambda item: (item["spans"][0]["start_ms"], item["id"]))
    return [{**item, "ordinal": ordinal} for ordinal, item in enumerate(documents, start=1)]


def provisional(store: Store, meeting_id: str, machine: Machine = MACHINE) -> list[dict[str, Any]]:
    """Return the record documents of a meeting's open interventions, with the words that were heard so far.

    One whose record exists already, because a person keeps it or because it was settled before, is left out.

    Raises:
        UnknownMeeting: it was never added.
        StoreUnavailable: the store does not answer.
    """
    _, hidden = store.hidden(meeting_id)
    with store.reading(meeting_id) as reader:
        found: list[Intervention] = [decode_intervention(row.document) for row in reader.provisional().values()]
        held = {record.intervention_id for record in reader.records_about([item.id for item in found])}
        return [
            {**as_shown(content_of(machine, reader, item), hidden), "review": {"state": "provisional"}}
            for item in found
            if item.id not in held
        ]


def document(record: RecordRow, revision: RevisionRow, hidden: Stretches) -> dict[str, Any]:
    """Return the record document of one revision as readers see it, with its number and the state of its review."""
    return {**as_shown(revision.content, hidden), "revision": revision.revision, "review": {"state": record.state}}
