"""
Every error raised on purpose:

* FloorlogError
  x RetryableError      may succeed later: the message is not acknowledged
    + ObjectNotReady
    + ObjectNotStored
    + StoreUnavailable
    + BrokerUnavailable
    + OriginUnavailable
    + NotLiveYet
    + RecordingNotReady
  x PermanentError      always fails: the message becomes a dead letter
    + InvalidDocument
    + InvalidSpan
    + CorruptAudio
    + UnreadableAudio
    + UnknownMeeting
    + UnknownSubject
    + UnknownDeadLetter
    + ConflictingSegment
    + MessageTooLarge
    + InvalidPlaylist
    + ModelMissing
    + InvalidSetting
    + InvalidObjectName
    + AddressRefused
    + InvalidAnswer
    + SourceChanged
    + SourceRemoved
    + UnknownSource
    + UnknownPerson
    + PersonRefused
    + UnknownKey
    + KeyRefused
    + UnknownRecord
    + StaleRevision
    + TransitionRefused
    + UndoBlocked
    + SuppressionRefused
    + UnknownSubscriber

Each has a `reason`: a slug for logs, metrics and dead letters that is never reworded.
"""

from __future__ import annotations

from typing import Any


class FloorlogError(Exception):
    """Something that Floorlog can name went wrong."""

    reason = "floorlog-error"


class RetryableError(FloorlogError):
    """May succeed later: the message that caused it is not acknowledged."""

    reason = "retryable"


class PermanentError(FloorlogError):
    """Always fails: the message that caused it becomes a dead letter."""

    reason = "permanent"

    @property
    def json_path(self) -> str | None:
        """Return where in the document the fault lies (JSONPath), or None where that has no meaning."""
        return None


class ObjectNotReady(RetryableError):
    """An announced object cannot be read yet."""

    reason = "object-missing"

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.uri = uri

    def __str__(self) -> str:
        return f"{self.uri} was announced but cannot be read"


class ObjectNotStored(RetryableError):
    """An object could not be written: no room, no right, no answer."""

    reason = "object-not-stored"

    def __init__(self, uri: str, fault: str) -> None:
        super().__init__(uri, fault)
        self.uri, self.fault = uri, fault

    def __str__(self) -> str:
        return f"{self.uri} cannot be stored: {self.fault}"


class StoreUnavailable(RetryableError):
    """The store did not answer."""

    reason = "store-unavailable"


class BrokerUnavailable(RetryableError):
    """The broker did not answer."""

    reason = "broker-unavailable"


class OriginUnavailable(RetryableError):
    """The origin of a stream did not answer, or answered with a fault that may pass."""

    reason = "origin-unavailable"

    def __init__(self, url: str, fault: str, status: int | None = None) -> None:
        super().__init__(url, fault, status)
        self.url, self.fault, self.status = url, fault, status

    def __str__(self) -> str:
        return f"{self.url}: {self.fault}"


class NotLiveYet(RetryableError):
    """A meeting that is to be streamed is not on air yet."""

    reason = "not-live-yet"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} is not live yet"


class RecordingNotReady(RetryableError):
    """A meeting has ended, and its recording cannot be fetched yet."""

    reason = "recording-not-ready"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} has ended; its recording is not ready, which takes an hour as a rule"


class InvalidDocument(PermanentError):
    """A document does not keep its contract."""

    reason = "invalid-document"

    def __init__(self, schema: str, path: str, expected: str) -> None:
        super().__init__(schema, path, expected)
        self.schema, self.path, self.expected = schema, path, expected

    @property
    def json_path(self) -> str:
        """Return where in the document the fault lies (JSONPath)."""
        return self.path

    def __str__(self) -> str:
        return f"not a valid {self.schema}: at {self.path}: {self.expected}"


class InvalidSpan(PermanentError):
    """A span is empty, runs backwards, or starts before zero."""

    reason = "invalid-span"

    def __init__(self, start_ms: int, end_ms: int) -> None:
        super().__init__(start_ms, end_ms)
        self.start_ms, self.end_ms = start_ms, end_ms

    def __str__(self) -> str:
        return f"[{self.start_ms}, {self.end_ms}) ms is no span on the meeting clock"


class CorruptAudio(PermanentError):
    """The object's bytes are not the bytes that were announced."""

    reason = "corrupt-audio"

    def __init__(self, uri: str, announced_sha256: str, found_sha256: str) -> None:
        super().__init__(uri, announced_sha256, found_sha256)
        self.uri, self.announced_sha256, self.found_sha256 = uri, announced_sha256, found_sha256

    def __str__(self) -> str:
        return f"{self.uri} has sha256 {self.found_sha256[:12]}…, announced as {self.announced_sha256[:12]}…"


class UnreadableAudio(PermanentError):
    """The object holds what was announced, but it cannot be decoded or has not the announced length."""

    reason = "unreadable-audio"

    def __init__(self, uri: str, fault: str) -> None:
        super().__init__(uri, fault)
        self.uri, self.fault = uri, fault

    def __str__(self) -> str:
        return f"{self.uri} cannot be decoded: {self.fault}"


class UnknownMeeting(PermanentError):
    """A message names a meeting that was never added."""

    reason = "unknown-meeting"

    def __init__(self, meeting_id: str) -> None:
        super().__init__(meeting_id)
        self.meeting_id = meeting_id

    @property
    def json_path(self) -> str:
        """Return where in the document the fault lies (JSONPath)."""
        return "$.meeting_id"

    def __str__(self) -> str:
        return f"no meeting {self.meeting_id!r} was added"


class UnknownSubject(PermanentError):
    """Somebody asks for a record or a review item that is not there."""

    reason = "unknown-subject"

    def __init__(self, subject_id: str) -> None:
        super().__init__(subject_id)
        self.subject_id = subject_id

    def __str__(self) -> str:
        return f"there is no record and no review item {self.subject_id!r}"


class UnknownDeadLetter(PermanentError):
    """An id names no dead letter."""

    reason = "unknown-dead-letter"

    def __init__(self, letter_id: str) -> None:
        super().__init__(letter_id)
        self.letter_id = letter_id

    def __str__(self) -> str:
        return f"there is no dead letter {self.letter_id!r}"


class ConflictingSegment(PermanentError):
    """A segment overlaps another one, or repeats one with other content."""

    reason = "conflicting-segment"

    def __init__(self, segment_id: str, fault: str) -> None:
        super().__init__(segment_id, fault)
        self.segment_id, self.fault = segment_id, fault

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.fault}"


class MessageTooLarge(PermanentError):
    """A message is above what Pub/Sub takes (10 MB, https://cloud.google.com/pubsub/quotas)."""

    reason = "message-too-large"

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(size_bytes, limit_bytes)
        self.size_bytes, self.limit_bytes = size_bytes, limit_bytes

    def __str__(self) -> str:
        return f"a message of {self.size_bytes} bytes is above the limit of {self.limit_bytes} bytes"


class InvalidPlaylist(PermanentError):
    """What the origin served is not an HLS playlist that can be followed."""

    reason = "invalid-playlist"

    def __init__(self, url: str, fault: str) -> None:
        super().__init__(url, fault)
        self.url, self.fault = url, fault

    def __str__(self) -> str:
        return f"{self.url}: {self.fault}"


class ModelMissing(PermanentError):
    """A model cannot be found, or its files are not the files that are expected."""

    reason = "model-missing"

    def __init__(self, name: str, remedy: str) -> None:
        super().__init__(name, remedy)
        self.name, self.remedy = name, remedy

    def __str__(self) -> str:
        return f"model {self.name!r}: {self.remedy}"


class InvalidSetting(PermanentError):
    """A setting has a value that cannot be used."""

    reason = "invalid-setting"

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(name, value, expected)
        self.name, self.value, self.expected = name, value, expected

    def __str__(self) -> str:
        return f"{self.name}={self.value!r}: {self.expected}"


class InvalidObjectName(PermanentError):
    """A name would lead out of the place where objects are kept, or to no place at all."""

    reason = "invalid-object-name"

    def __init__(self, name: str, fault: str) -> None:
        super().__init__(name, fault)
        self.name, self.fault = name, fault

    def __str__(self) -> str:
        return f"{self.name!r} cannot name an object: {self.fault}"


class AddressRefused(PermanentError):
    """An address that may not be asked: what names it may not send us there."""

    reason = "address-refused"

    def __init__(self, url: str, why: str, named_by: str | None = None) -> None:
        super().__init__(url, why, named_by)
        self.url, self.why, self.named_by = url, why, named_by

    def __str__(self) -> str:
        named = f" (named by {self.named_by[:200]})" if self.named_by else ""
        return f"{self.url[:200]!r} is not asked: {self.why}{named}"


class InvalidAnswer(PermanentError):
    """A service answered with something that cannot be used: too much of it, or not what was asked for."""

    reason = "invalid-answer"

    def __init__(self, url: str, fault: str) -> None:
        super().__init__(url, fault)
        self.url, self.fault = url, fault

    def __str__(self) -> str:
        return f"{self.url[:200]}: {self.fault}"


class SourceChanged(PermanentError):
    """A page or an answer lacks a field that was always there: the service has changed, and Floorlog must follow."""

    reason = "source-changed"

    def __init__(self, url: str, field: str) -> None:
        super().__init__(url, field)
        self.url, self.field = url, field

    def __str__(self) -> str:
        return f"{self.url[:200]} has no {self.field}: the service may have renamed it"


class SourceRemoved(PermanentError):
    """What a person named is not published any more, or never was."""

    reason = "source-removed"

    def __init__(self, what: str, why: str) -> None:
        super().__init__(what, why)
        self.what, self.why = what, why

    def __str__(self) -> str:
        return f"{self.what[:200]} is not published: {self.why}"


class UnknownSource(PermanentError):
    """What a person named is no page, asset id, entry id or address of a stream."""

    reason = "unknown-source"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what[:200]!r} is no page of UN Web TV, asset id (k1…), entry id (1_…) or address of a stream"


class UnknownPerson(PermanentError):
    """Nobody has a name or an id."""

    reason = "unknown-person"

    def __init__(self, who: str) -> None:
        super().__init__(who)
        self.who = who

    def __str__(self) -> str:
        return f"there is nobody called {self.who[:200]!r}; floorlog people list names all"


class PersonRefused(PermanentError):
    """What is asked for a person cannot be: a name, a role, or leaving nobody to manage people."""

    reason = "person-refused"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, why)
        self.name, self.why = name, why

    def __str__(self) -> str:
        return f"{self.name} {self.why}"


class UnknownKey(PermanentError):
    """No key has that id."""

    reason = "unknown-key"

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id

    def __str__(self) -> str:
        return f"there is no key {self.key_id!r}"


class KeyRefused(PermanentError):
    """A key cannot be made like that."""

    reason = "key-refused"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name, why)
        self.name, self.why = name, why

    def __str__(self) -> str:
        return f"no key for {self.name}: {self.why}"


class UnknownRecord(PermanentError):
    """There is no record with an id."""

    reason = "unknown-record"

    def __init__(self, record_id: str) -> None:
        super().__init__(record_id)
        self.record_id = record_id

    def __str__(self) -> str:
        return f"no record has the id {self.record_id[:80]!r}"


class StaleRevision(PermanentError):
    """A correction is bound to a revision that is not the one that stands: somebody else was faster.

    `current` is the record's document as it stands, None where the record is gone.
    """

    reason = "stale-revision"

    def __init__(self, record_id: str, seen: int, current: dict[str, Any] | None) -> None:
        super().__init__(record_id, seen, current)
        self.record_id, self.seen, self.current = record_id, seen, current

    def __str__(self) -> str:
        stands = f"revision {self.current['revision']} stands" if self.current else "it is gone"
        return f"{self.record_id}: revision {self.seen} was seen, but {stands}"


class TransitionRefused(PermanentError):
    """A record cannot go from its state to another."""

    reason = "transition-refused"

    def __init__(self, record_id: str, state: str, to: str, why: str) -> None:
        super().__init__(record_id, state, to, why)
        self.record_id, self.state, self.to, self.why = record_id, state, to, why

    def __str__(self) -> str:
        return f"{self.record_id} cannot go from {self.state} to {self.to}: {self.why}"


class UndoBlocked(PermanentError):
    """What a person did cannot be undone, because others built on it."""

    reason = "undo-blocked"

    def __init__(self, record_id: str, fields: tuple[str, ...]) -> None:
        super().__init__(record_id, fields)
        self.record_id, self.fields = record_id, fields

    def __str__(self) -> str:
        return f"{self.record_id}: others have changed {', '.join(self.fields)} since"


class SuppressionRefused(PermanentError):
    """A record cannot be hidden, or shown again."""

    reason = "suppression-refused"

    def __init__(self, record_id: str, why: str) -> None:
        super().__init__(record_id, why)
        self.record_id, self.why = record_id, why

    def __str__(self) -> str:
        return f"{self.record_id}: {self.why}"


class UnknownSubscriber(PermanentError):
    """There is no webhook, topic or delivery with an id."""

    reason = "unknown-subscriber"

    def __init__(self, subscriber_id: str) -> None:
        super().__init__(subscriber_id)
        self.subscriber_id = subscriber_id

    def __str__(self) -> str:
        return f"no webhook or delivery has the id {self.subscriber_id[:80]!r}; floorlog webhook list names all"
