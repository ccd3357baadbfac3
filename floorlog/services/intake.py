"""What happens to an announcement before and after it is transcribed: it is checked, made known, kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from floorlog import contract
from floorlog.adapters.broker import Broker
from floorlog.adapters.store import Store, dead_letter_id
from floorlog.announcements import Tick, decode
from floorlog.config import Settings
from floorlog.errors import InvalidDocument
from floorlog.identity import canonical_json
from floorlog.services import recognisers
from floorlog.services.recognisers import RecogniserSettings


def prepare(broker: Broker, settings: Settings) -> None:
    """Create the topics and the pipeline's subscriptions, unless they are there.

    Raises:
        BrokerUnavailable: the broker does not answer.
    """
    for topic, subscription in (
        (settings.topic, settings.subscription),
        (settings.replay_topic, settings.replay_subscription),
    ):
        broker.create_topic(topic)
        broker.create_subscription(subscription, topic, settings.lease_s)


def parse(payload: bytes) -> dict[str, Any]:
    """Return the announcement that a payload holds.

    Raises:
        InvalidDocument: it does not keep the contract; the error names the place.
    """
    return contract.parse("segment", payload)


def receive(store: Store, payload: bytes) -> dict[str, Any]:
    """Return the announcement that a payload holds, known to the store from now on.

    Raises:
        InvalidDocument: it does not keep the contract; the error names the place.
        UnknownMeeting: its meeting was never added.
        ConflictingSegment: it does not fit what was announced before.
        StoreUnavailable: the store does not answer.
    """
    document = parse(payload)
    announcement = decode(document)
    if not isinstance(announcement, Tick):
        store.register(announcement)
    return document


def keep(store: Store, transcript: dict[str, Any]) -> None:
    """Store a transcript; the first one of a segment and recogniser wins.

    Raises:
        InvalidDocument: it does not keep the contract.
        StoreUnavailable: the store does not answer.
    """
    contract.validate("transcript", transcript)
    store.put_transcript(transcript)


def kept(store: Store, payload: bytes, recogniser: RecogniserSettings) -> bool:
    """Return whether nothing of a payload can be lost any more, so that it may be acknowledged."""
    letter = store.dead_letter(dead_letter_id(payload))
    if letter is not None and letter.state == "open":  # one that was sent again must succeed, or fail, again
        return True
    try:
        document = parse(payload)
    except InvalidDocument:
        return False
    match document["kind"]:
        case "tick":
            return True
        case "segment":
            return store.transcript_exists(document["id"], recognisers.fingerprint(recogniser))
        case _:
            return store.announced(document["id"])


def announced(store: Store, meeting_id: str) -> Iterator[bytes]:
    """Yield the payloads of everything that capture announced of a meeting, by channel and time.

    Raises:
        UnknownMeeting: it was never added.
    """
    store.meeting(meeting_id)
    for document in store.announcements(meeting_id):
        yield canonical_json(document).encode()
