"""What the API answers besides records and events; /v1/openapi.json describes each name, and a test compares."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from floorlog.client.documents import Record, Span, Speaker


class Labels(TypedDict):
    """What every answer says of where its words are from. Show it."""

    licence: str | None
    disclaimer: str
    synthetic: bool


class Channel(TypedDict):
    """An audio track of a meeting."""

    name: str
    language: str | None
    interpretation: bool
    label: str


class Chair(TypedDict):
    """The presiding officer."""

    title: str | None


class Phase(TypedDict):
    """One phase of the programme."""

    phase: str
    label: str


class RelatedDocument(TypedDict):
    """A document or page that belongs to a meeting."""

    title: str
    url: str | None
    symbol: str | None


class MeetingLinks(TypedDict):
    """Where the parts of a meeting are."""

    interventions: str
    coverage: str
    speaking_time: str
    themes: str
    themes_by_entity: str
    live: str
    stream: str


class MeetingTheme(TypedDict):
    """A theme whose passages are looked for in a meeting."""

    id: str
    lexicon: str
    label: str
    title: str


class Audio(TypedDict):
    """What can be listened to of a channel."""

    until_ms: int
    url: str


class Meeting(Labels):
    """One sitting of one body. Lists leave out `themes` and `audio`."""

    id: str
    title: str
    body: str
    symbol: str | None
    format: str
    date: str
    state: Literal["scheduled", "live", "ended"]
    audience: Literal["closed", "live", "published"]
    records: int
    scheduled_start: str | None
    scheduled_end: str | None
    actual_start: str | None
    actual_end: str | None
    channels: list[Channel]
    chair: Chair
    programme: list[Phase]
    summary: str | None
    categories: list[str]
    related_documents: list[RelatedDocument]
    source_page: str | None
    self: str
    url: str
    links: MeetingLinks
    themes: NotRequired[list[MeetingTheme]]
    audio: NotRequired[dict[str, Audio]]


class Stretch(Span):
    """A stretch of a channel, and what it holds."""

    kind: Literal["words", "speech_without_words", "no_speech", "gap", "unheard"]
    cause: str | None


class ChannelCoverage(TypedDict):
    """The account of one channel over the whole clock of the meeting."""

    channel: str
    language: str | None
    interpretation: bool
    required: bool
    until_ms: int
    own_end_ms: int
    totals_ms: dict[str, int]
    entries: list[Stretch]


class Coverage(Labels):
    """Where every second of a meeting went."""

    meeting_id: str
    clock_ms: int
    channels: list[ChannelCoverage]


class Floor(TypedDict):
    """Who has the floor."""

    record_id: str
    channel: str
    kind: str
    speaker: Speaker | None
    since_ms: int


class Live(Labels):
    """A meeting at this moment."""

    meeting_id: str
    state: Literal["scheduled", "live", "ended"]
    heard_until_ms: int
    open: list[Record]
    floor: Floor | None
    title: str


class RevisionNote(TypedDict):
    """That there is a revision."""

    revision: int
    made_by: Literal["machine", "person"]
    reason: str | None
    shown_at: str
    self: str
    url: str


class Names(TypedDict):
    """A name in the six official languages."""

    en: str
    fr: str
    es: str
    ar: str
    zh: str
    ru: str


class Delegation(TypedDict):
    """Who can have the floor, or for whom somebody can speak: a state, an observer, an organization, a group."""

    scheme: str
    code: str
    kind: Literal["state", "observer", "organization", "group", "official"]
    m49: str | None
    name: str
    names: Names
    formal_names: Names
    groups: list[str]
    regional_group: str | None
    members: list[str]
    self: str
    interventions: str


class SpeakingTime(TypedDict):
    """How often and how long an entity had the floor in one role, with one kind of intervention."""

    entity: str | None
    name: str | None
    regional_group: str | None
    role: str | None
    kind: str
    records: int
    ms: int
    interventions: str | None


class ThemeTotal(TypedDict):
    """A theme, and how often it was touched."""

    id: str
    lexicon: str | None
    label: str
    title: str
    records: int
    ms: int
    interventions: str


class ThemeOfEntity(TypedDict):
    """How often an entity touched a theme."""

    theme: str
    label: str
    title: str
    entity: str | None
    name: str | None
    regional_group: str | None
    records: int
    ms: int
    interventions: str | None
