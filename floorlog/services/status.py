"""How far everything is, as operators read it: of one meeting, of all, and the summary of a settled one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from floorlog.adapters.broker import Backlog
from floorlog.adapters.store import Store
from floorlog.clock import rfc3339
from floorlog.errors import InvalidSetting
from floorlog.services import engines, ledger


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one meeting is; ends are ms on the meeting clock, of the channel that is furthest behind."""

    announced_ms: int
    transcribed_ms: int
    heard_ms: int
    interventions: int
    dead_letters: int
    settled: bool


def of_meeting(store: Store, meeting_id: str) -> Progress:
    """Return how far a meeting is; `settled` once its stream has ended, was heard whole, and nothing is open.

    Raises:
        UnknownMeeting: it was never added.
    """
    summary, lags = store.summary(meeting_id), store.lag(meeting_id)
    return Progress(
        announced_ms=max((lag.announced_ms for lag in lags), default=0),
        transcribed_ms=min((lag.transcribed_ms for lag in lags), default=0),
        heard_ms=min((lag.heard_ms for lag in lags), default=0),
        interventions=summary.records + summary.provisional,
        dead_letters=summary.dead_letters,
        settled=summary.meeting.state == "ended" and summary.provisional == 0,
    )


def of_everything(subscription: str, meeting_id: str | None = None) -> dict[str, Any]:
    """Return the backlog, the dead letters, and each meeting's place; all of it may be printed as JSON.

    Raises:
        UnknownMeeting: the meeting was never added.
    """
    store = engines.store()
    backlog, listening = _backlog(subscription)
    todo = store.backlog()
    chosen = [store.summary(meeting_id)] if meeting_id else store.summaries()
    return {
        "listening": listening,
        "backlog": None if backlog is None else backlog.messages,
        "oldest_published_at": rfc3339(backlog.oldest_published_at)
        if backlog is not None and backlog.oldest_published_at is not None
        else None,
        "untranscribed": todo.untranscribed,
        "unheard": todo.unheard,
        "dead_letters": todo.open_dead_letters,
        "meetings": [
            _row(store, item.meeting.id, whole=meeting_id is not None)
            | (ledger_of(store, item.meeting.id) if meeting_id else {})
            for item in chosen
        ],
    }


def _backlog(subscription: str) -> tuple[Backlog | None, bool]:
    """Return what waits, None if nobody can tell, and whether a pipeline has ever begun to listen."""
    try:
        return engines.broker().backlog(subscription), True
    except InvalidSetting:
        return None, False


def _row(store: Store, meeting_id: str, *, whole: bool) -> dict[str, Any]:
    summary, progress = store.summary(meeting_id), of_meeting(store, meeting_id)
    last = store.last_announcement(meeting_id)
    return {
        "id": meeting_id,
        "title": summary.meeting.document["title"],
        "state": summary.meeting.state,
        "announced_ms": progress.announced_ms,
        "transcribed_ms": progress.transcribed_ms,
        "heard_ms": progress.heard_ms,
        "lag_ms": progress.announced_ms - progress.heard_ms,
        "last_announcement": None if last is None else last.id,
        "last_announced_at": None if last is None else rfc3339(last.received_at),
        "waiting_since": None if summary.waiting_since is None else rfc3339(summary.waiting_since),
        "interventions": progress.interventions,
        "gaps": summary.gaps,
        "gap_ms": {} if progress.settled and not whole else _gap_ms(store, meeting_id),
        "dead_letters": summary.dead_letters,
        "settled": progress.settled,
    }


def _gap_ms(store: Store, meeting_id: str) -> dict[str, dict[str, int]]:
    """Return how much is missing of each channel, by cause."""
    found: dict[str, dict[str, int]] = {}
    for channel in store.meeting(meeting_id).document["channels"]:
        for gap in store.gaps(meeting_id, channel["name"]):
            causes = found.setdefault(gap.channel, {})
            causes[gap.cause] = causes.get(gap.cause, 0) + gap.span.length_ms
    return found


def ledger_of(store: Store, meeting_id: str) -> dict[str, Any]:
    """Return where every second of each channel went, less the single stretches, and what is to be looked at."""
    channels = [ledger.encode_channel(item) for item in ledger.of_meeting(store, meeting_id)]
    items = [ledger.encode_item(item) for item in ledger.items(store, meeting_id)]
    return {
        "coverage": [{name: value for name, value in item.items() if name != "entries"} for item in channels],
        "review_items": [item for item in items if item["state"] == "open"],
    }


def meetings() -> list[dict[str, Any]]:
    """Return a line about each meeting, those of the latest date first."""
    return [
        {
            "id": item.meeting.id,
            "title": item.meeting.document["title"],
            "date": item.meeting.document["date"],
            "state": item.meeting.state,
            "records": item.records,
            "provisional": item.provisional,
            "gaps": item.gaps,
            "dead_letters": item.dead_letters,
            "synthetic": item.meeting.document["synthetic"],
        }
        for item in engines.store().summaries()
    ]


def summary(store: Store, meeting_id: str) -> dict[str, Any]:
    """Return the account of a meeting: how many interventions, how many attributed, and where every second went.

    The seconds of `coverage` sum to `audio_s`: both come from whole milliseconds. What is not heard yet is in neither.

    Raises:
        UnknownMeeting: it was never added.
    """
    document = store.meeting(meeting_id).document
    shown = [revision.content for _, revision in store.current_revisions(meeting_id)]
    interventions = [content for content in shown if content["kind"] != "chair"]
    coverage = dict.fromkeys(("words", "speech_without_words", "no_speech", "gap"), 0)
    channels = ledger.of_meeting(store, meeting_id)
    for channel in channels:
        totals = channel.ledger.totals()
        for kind in coverage:
            coverage[kind] += totals[kind]
    return {
        "meeting": meeting_id,
        "synthetic": document["synthetic"],
        "segments": sum(channel.segments for channel in channels),
        "interventions": len(interventions),
        "attributed": sum(content["attribution"]["status"] == "attributed" for content in interventions),
        "dead_letters": store.summary(meeting_id).dead_letters,
        "coverage": {f"{kind}_s": value / 1000 for kind, value in coverage.items()},
        "audio_s": sum(coverage.values()) / 1000,
    }
