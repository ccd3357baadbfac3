"""The queue of what needs a person first, who works on what, and how far meetings are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from floorlog.adapters.store import Store, desk
from floorlog.adapters.store import claims as stored
from floorlog.adapters.store.claims import Claim
from floorlog.adapters.store.rows import MeetingRow
from floorlog.queue import LEADING, Need, Silence, Turn, needs
from floorlog.services import ledger
from floorlog.services.bench import Bench, Sheet, Standing

CLAIM_S = 300
"""How long a claim holds without being renewed: longer than a listened turn, shorter than lunch."""

BEAT_S = 60
"""What one beat of a page counts at most, in seconds; whoever left the desk stops counting after a minute."""

WORKED = frozenset({"approved", "published", "corrected"})
"""States that a person brought a record to."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A need, and how it is shown. `claim`: who works on it."""

    need: Need
    heading: str
    claim: Claim | None


@dataclass(frozen=True, slots=True)
class MeetingProgress:
    """How far the review of a meeting is: records by state, and minutes of people for an hour of audio.

    `minutes_per_audio_hour` counts all time spent on the meeting over the length of what was approved or worked on;
    None before anybody spent a second.
    """

    meeting_id: str
    title: str
    total: int
    by_state: dict[str, int]
    minutes_per_audio_hour: float | None


def queue(bench: Bench, meetings: Sequence[MeetingRow]) -> list[Queued]:
    """Return what needs a person in some meetings, the most pressing first.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    ids = [meeting.id for meeting in meetings]
    claimed = stored.active_claims(bench.store, ids)
    silences: dict[str, list[Silence]] = {meeting_id: [] for meeting_id in ids}
    sheets = {sheet.meeting.id: sheet for sheet in bench.sheets(ids)}
    for item in desk.open_items(bench.store, ids):
        interpreted = item.channel in sheets[item.meeting_id].interpretations
        silences[item.meeting_id].append(
            Silence(
                item.id,
                item.meeting_id,
                item.channel,
                item.span.start_ms,
                item.span.end_ms,
                item.reason,
                interpreted,
            )
        )
    found: list[Queued] = []
    for meeting_id, sheet in sheets.items():
        turns = [turn for item in sheet.standing if (turn := _turn(item, sheet))]
        headings = {item.digest.id: item.digest.heading for item in sheet.standing}
        for need in needs(turns, silences[meeting_id]):
            found.append(Queued(need, headings.get(need.id, need.channel), claimed.get(need.id)))
    return sorted(found, key=lambda item: item.need.place)


def progress(bench: Bench, meetings: Sequence[MeetingRow]) -> list[MeetingProgress]:
    """Return how far the review of each meeting is, in the order given; those without records are left out."""
    ids = [meeting.id for meeting in meetings]
    spent = stored.spent_ms(bench.store, ids)
    return [
        _progress(sheet, spent[sheet.meeting.id])
        for sheet in bench.sheets(ids)
        if any(item.row is not None for item in sheet.standing)
    ]


def claim(store: Store, subject_id: str, person_id: str, person_name: str) -> Claim:
    """Take a record or a review item for a person, or renew the claim; return who holds it now, and until when.

    Raises:
        UnknownSubject: there is nothing of that id.
        StoreUnavailable: the store does not answer.
    """
    return stored.claim(store, subject_id, person_id, person_name, CLAIM_S)


def release(store: Store, subject_id: str, person_id: str) -> bool:
    """Give a claim back; return whether this person held it."""
    return stored.release(store, subject_id, person_id)


def claims(store: Store, meeting_ids: Collection[str] | None = None) -> dict[str, Claim]:
    """Return the claims that hold now, by what they are on."""
    return stored.active_claims(store, meeting_ids)


def spend(store: Store, record_id: str, person_id: str, seconds: float) -> float:
    """Count time that a person spent on a record; return what was counted, in seconds: at most `BEAT_S` a beat.

    Raises:
        UnknownSubject: there is no such record.
        StoreUnavailable: the store does not answer.
    """
    return stored.spend(store, record_id, person_id, seconds, BEAT_S)


def settle(store: Store, item_id: str, person_id: str, state: str, reason: str | None) -> dict[str, Any]:
    """Close a review item for a person, or open it again; return it as the pages give it out.

    Raises:
        UnknownSubject: there is no such item.
        StoreUnavailable: the store does not answer.
    """
    with store.locked(desk.item_meeting(store, item_id)) as tx:
        return ledger.encode_item(desk.settle_item(tx, item_id, person_id, reason, state))


def _turn(item: Standing, sheet: Sheet) -> Turn | None:
    row, digest = item.row, item.digest
    if row is None or row.state == "withdrawn":
        return None
    return Turn(
        record_id=digest.id,
        meeting_id=sheet.meeting.id,
        channel=digest.channel,
        start_ms=digest.spans[0].start_ms,
        end_ms=digest.spans[-1].end_ms,
        kind=digest.kind,
        state=row.state,
        # A suspension or a vote is nobody's turn.
        attributed=digest.attributed or digest.kind in LEADING or digest.kind == "vote",
        confidence=digest.confidence if digest.attributed else 1.0,
        words=digest.words,
        words_confidence=digest.words_confidence,
        interpretation=digest.interpretation or digest.channel in sheet.interpretations,
        conflict=item.conflicts > 0,
        machine_waits=row.machine_waits,
    )


def _progress(sheet: Sheet, spent: dict[str, int]) -> MeetingProgress:
    records = [item for item in sheet.standing if item.row is not None]
    states = Counter(item.state for item in records)
    spent_ms, worked_ms = (
        sum(spent.values()),
        _length_ms(item for item in records if item.state in WORKED or spent.get(item.digest.id)),
    )
    per_hour = round(60 * spent_ms / worked_ms, 1) if spent_ms and worked_ms else None
    return MeetingProgress(sheet.meeting.id, sheet.meeting.document["title"], len(records), dict(states), per_hour)


def _length_ms(records: Iterable[Standing]) -> int:
    return sum(span.length_ms for item in records for span in item.digest.spans)
