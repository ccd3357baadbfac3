"""Meetings of every audience with records in every state, for the tests of what readers of the API see."""

from __future__ import annotations

from typing import Any

from floorlog.adapters.store import Store
from floorlog.identity import record_id
from floorlog.services import policies, review
from floorlog.services.people import Actor
from floorlog.services.review import Author
from tests.sitting import a_meeting, a_record, entity

ANN = Author("ann", "Ann", "approver")
CLERK = Actor(None, "the clerk", "office")

LIVE, PUBLISHED, CLOSED = "live-one", "public-one", "shut-one"

SENTENCE = "Thank you Mr. President. We speak of the human rights of refugees and of sustainable development"


def rec(meeting_id: str, at_s: int) -> str:
    """The id of what begins at a second of a meeting."""
    return record_id(meeting_id, "floor", 1000 * at_s)


def said(meeting_id: str, at_s: int, code: str | None, text: str = SENTENCE, **changes: Any) -> dict[str, Any]:
    """A record of a meeting."""
    own = {"id": rec(meeting_id, at_s), "meeting_id": meeting_id}
    return a_record(text, 1000 * at_s, code=code, **{**own, **changes})


def tagged(text: str, theme: str, quote: str) -> dict[str, Any]:
    """A passage that touches a theme."""
    offset = text.index(quote)
    return {"theme": theme, "quote": quote, "offset": offset, "rule": "human", "version": "call-to-action/1"}


def fill(store: Store) -> None:
    """Put the meetings in.

    Of the published one, in order of its seconds: 0 nobody reviewed it; 20 published and corrected; 40 withdrawn;
    60 hidden on request; 80 published, then split; 120 published, in French with an interpretation; 140 published, and
    160 then merged into it.
    """
    for meeting_id, audience in ((LIVE, "live"), (PUBLISHED, "published"), (CLOSED, "closed")):
        store.add_meeting(
            a_meeting(meeting_id, title=f"A {audience} meeting", audience=audience, themes=["call-to-action-v1"])
        )
    theme = tagged(SENTENCE, "sustainable-development", "sustainable development")
    put(
        store,
        said(LIVE, 0, "CHAIR", "I give the floor to the representative of Cameroon", kind="chair"),
        said(LIVE, 20, "CMR", on_behalf_of=[entity("G77")], themes=[theme]),
        said(LIVE, 40, "NOR", aligned_with=[entity("EU")], themes=[theme]),
        said(LIVE, 60, None, "Somebody said words that nobody attributes"),
    )
    put(
        store,
        said(PUBLISHED, 0, "CMR"),
        said(PUBLISHED, 20, "NOR", "Norway thanks the Secretary-General for this breefing", themes=[]),
        said(PUBLISHED, 40, "CMR", "This was withdrawn for a reason"),
        said(PUBLISHED, 60, "NOR", "This was hidden because somebody asked"),
        said(PUBLISHED, 80, "CMR", "The first half stands here and the second half stands here"),
        said(
            PUBLISHED,
            120,
            "CMR",
            "Nous parlons des droits de l’homme",
            language_spoken="fr",
            language_text="fr",
            interpretations=[interpreted(120, "We speak of human rights")],
        ),
        said(PUBLISHED, 140, "NOR", "Norway has said this"),
        said(PUBLISHED, 160, "NOR", "and Norway has said that"),
    )
    put(store, said(CLOSED, 0, "NOR", "This was said behind closed doors"))
    for at_s in (20, 40, 60, 80, 120, 140, 160):
        bring(store, rec(PUBLISHED, at_s), "approved", "published")
    bring(store, rec(CLOSED, 0), "approved", "published")
    text = "Norway thanks the Secretary-General for this briefing"
    correct(store, rec(PUBLISHED, 20), "text", {"text": text}, "misheard")
    bring(store, rec(PUBLISHED, 40), "withdrawn", reason="the wrong meeting")
    policies.suppress(store, rec(PUBLISHED, 60), "asked for by letter", CLERK)
    correct(store, rec(PUBLISHED, 80), "split", {"at_ms": 82_500}, "two turns")
    both = [rec(PUBLISHED, 140), rec(PUBLISHED, 160)]
    correct(store, both[0], "merge", {"records": both[:1]}, "one turn", before={"records": both})


def interpreted(at_s: int, text: str) -> dict[str, Any]:
    """What interpreters said meanwhile."""
    words = [
        {
            "text": word,
            "start_ms": 1000 * at_s + 400 * place,
            "end_ms": 1000 * at_s + 400 * place + 300,
            "confidence": 0.9,
            "source": "recognised",
        }
        for place, word in enumerate(text.split())
    ]
    span = {"start_ms": words[0]["start_ms"], "end_ms": words[-1]["end_ms"]}
    return {"channel": "en", "language": "en", "spans": [span], "text": text, "words": words}


def put(store: Store, *records: dict[str, Any]) -> None:
    """Store records as the machine's."""
    with store.locked(records[0]["meeting_id"]) as tx:
        for record in records:
            tx.add_record(record, "machine", state="machine")
            tx.emit("record.created", record["id"], {"record_id": record["id"], "revision": 1, "reason": None}, 1)


def bring(store: Store, key: str, *states: str, reason: str | None = None) -> None:
    """Bring a record through states of review."""
    for state in states:
        review.change_state(store, key, _seen(store, key), state, ANN, reason)


def correct(store: Store, key: str, operation: str, value: Any, reason: str | None = None, **more: Any) -> None:
    """Correct a record as it stands."""
    asked = {"id": f"cor-{operation}-{key}", "operation": operation, "after": value, "reason": reason, **more}
    review.correct(store, key, _seen(store, key), [asked], ANN)


def _seen(store: Store, key: str) -> int:
    row = store.record_row(key)
    assert row is not None
    return row.current_revision
