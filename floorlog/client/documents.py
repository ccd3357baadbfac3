"""What is read, as it is in JSON. Ignore properties that you do not know: a version only gains optional ones.

Each name is described in docs/schemas.md; a test compares these with the schemas.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

State = Literal["provisional", "machine", "in_review", "approved", "published", "corrected", "withdrawn"]
"""Where a record stands in its review."""


class Span(TypedDict):
    """A stretch of the meeting clock, half-open."""

    start_ms: int
    end_ms: int


class RecordSpan(Span):
    """A stretch of the meeting clock, and when that was."""

    start_utc: str
    end_utc: str


class Word(Span):
    """A word with its time."""

    text: str
    confidence: float
    source: str


class Entity(TypedDict):
    """A state, an observer, an organization, a group or an officer."""

    scheme: str
    code: str
    name: str


class Speaker(TypedDict):
    """Who had the floor. `person` is null until a reviewer has confirmed the name."""

    entity: Entity
    name_as_said: str | None
    role: str | None
    capacity: str | None
    person: str | None


class Evidence(TypedDict):
    """One observed reason for an attribution."""

    type: str
    quote: str
    span: Span
    channel: str
    weight: float
    entity: str | None


class Alternative(TypedDict):
    """Another entity that it may have been."""

    entity: str
    confidence: float


class Attribution(TypedDict):
    """How it is known whose floor it was."""

    status: Literal["attributed", "unattributed"]
    confidence: float
    method: str
    evidence: list[Evidence]
    alternatives: list[Alternative]


class Theme(TypedDict):
    """A passage that touches a theme."""

    theme: str
    quote: str
    offset: int
    rule: str
    version: str


class Interpretation(TypedDict):
    """What interpreters said meanwhile on one channel. Lists leave out `words`."""

    channel: str
    language: str | None
    spans: list[Span]
    text: str
    words: NotRequired[list[Word]]


class AccountOfSpans(TypedDict):
    """Account of every millisecond of a record's spans."""

    words_ms: int
    speech_without_words_ms: int
    no_speech_ms: int
    gap_ms: int


class Quality(TypedDict):
    """How far to trust the text."""

    recogniser_confidence: float | None
    coverage: AccountOfSpans
    flags: list[str]


class Review(TypedDict):
    """Where the record stands."""

    state: State


class Provenance(TypedDict):
    """What made the record."""

    model: str | None
    model_sha256: str | None
    fingerprint: str | None
    method: str
    version: str


class Record(TypedDict):
    """One intervention: who had the floor, for whom, from when to when, in which words. Lists leave out `words`.

    The last five are the server's: `self` is where it can be read again, `url` its page for people, `moment_url` the
    same page at the moment at which it begins.
    """

    schema: str
    id: str
    revision: NotRequired[int]
    ordinal: NotRequired[int]
    meeting_id: str
    channel: str
    kind: str
    spans: list[RecordSpan]
    language_spoken: str | None
    language_text: str | None
    interpretation: bool
    speaker: Speaker | None
    on_behalf_of: list[Entity]
    aligned_with: list[Entity]
    attribution: Attribution
    text: str
    words: NotRequired[list[Word]]
    interpretations: NotRequired[list[Interpretation]]
    quality: Quality
    themes: list[Theme]
    review: Review
    provenance: Provenance
    licence: str
    disclaimer: str
    synthetic: bool
    self: NotRequired[str]
    url: NotRequired[str]
    moment_url: NotRequired[str]
    started_at: NotRequired[str]
    duration_ms: NotRequired[int]


class Part(TypedDict):
    """A piece of a passage, and whether it is what was searched for."""

    text: str
    hit: bool


class Highlight(TypedDict):
    """The passage in which the words occur; `url` opens at the moment at which the first of them was said."""

    parts: list[Part]
    start_ms: int | None
    url: str


class Hit(Record):
    """An intervention in which words occur, and where."""

    highlight: Highlight


class EventData(TypedDict):
    """What happened: of `record.*` all but the last five, of `meeting.*` and `gap.*` those that their schema names."""

    meeting_id: str
    record_id: NotRequired[str]
    revision: NotRequired[int | None]
    record: NotRequired[Record]
    reason: NotRequired[str | None]
    before: NotRequired[dict[str, Any] | None]
    after: NotRequired[dict[str, Any] | None]
    successors: NotRequired[list[str]]
    at: NotRequired[str | None]
    at_ms: NotRequired[int]
    title: NotRequired[str]
    channel: NotRequired[str]
    span: NotRequired[Span]
    cause: NotRequired[str]
    interpretation: NotRequired[bool]


class Event(TypedDict):
    """A CloudEvent. It is delivered at least once: drop an `id` that you have seen."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    dataschema: str
    data: EventData
    sequence: NotRequired[str]
