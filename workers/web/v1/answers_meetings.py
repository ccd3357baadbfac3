"""The shapes of the API's answers about meetings."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from workers.web.v1.answers import AtMs, Cursor, Day, Labels, Moment, Sum, Url


class Channel(BaseModel):
    """An audio track of a meeting."""

    name: str = Field(description="`floor` for the floor as delivered, a language code for an interpretation.")
    language: str | None = Field(description="Language of an interpretation (BCP 47); null for the floor.")
    interpretation: bool = Field(description="Whether interpreters speak on it.")
    label: str = Field(description="How it is called, in English.")


class Chair(BaseModel):
    """The presiding officer. No person is named before a reviewer confirmed the name, in the records."""

    title: str | None = Field(description="What the chair is called, for example `President`.")


class Phase(BaseModel):
    """One phase of the programme."""

    phase: str = Field(description="What kind of phase: `opening`, `briefing`, `statements`, `closing`, …")
    label: str = Field(description="How the programme calls it.")


class Document(BaseModel):
    """A document or page that belongs to a meeting."""

    title: str = Field(description="What it is called.")
    url: str | None = Field(description="Where it can be read; null where that is not known.")
    symbol: str | None = Field(description="Its document symbol, if it has one.")


class MeetingLinks(BaseModel):
    """Where the parts of a meeting are."""

    interventions: Url = Field(description="Its interventions.")
    coverage: Url = Field(description="The account of every second of its channels.")
    speaking_time: Url = Field(description="Who spoke how long.")
    themes: Url = Field(description="Which themes were touched.")
    themes_by_entity: Url = Field(description="Which themes were touched, by whom.")
    live: Url = Field(description="What is being said now.")
    stream: Url = Field(description="Its events, as they happen (server-sent events).")


class Meeting(Labels):
    """One sitting of one body, as far as the reader may know it."""

    id: str = Field(description="Names the meeting everywhere.")
    title: str = Field(description="Title of the meeting.")
    body: str = Field(description="The body that sits, for example `General Assembly`.")
    symbol: str | None = Field(description="Document symbol of the official record, if there is one.")
    format: str = Field(description="How the body sits: `formal`, `informal`, …")
    date: Day = Field(description="Day of the meeting where it is held; names of states are those of this day.")
    state: Literal["scheduled", "live", "ended"] = Field(description="How far it is.")
    audience: Literal["closed", "live", "published"] = Field(
        description="Who may read its interventions: nobody without a key, everybody at once, or once published."
    )
    records: Sum = Field(description="How many of its interventions are shown to who asks.")
    scheduled_start: Moment | None = Field(description="When it was to begin.")
    scheduled_end: Moment | None = Field(description="When it was to end.")
    actual_start: Moment | None = Field(description="When it began.")
    actual_end: Moment | None = Field(description="When it ended.")
    channels: list[Channel] = Field(description="Its audio tracks.")
    chair: Chair = Field(description="The presiding officer.")
    programme: list[Phase] = Field(description="What was to happen, in order.")
    summary: str | None = Field(description="What it is about; null where nobody wrote it.")
    categories: list[str] = Field(description="What its source files it under.")
    related_documents: list[Document] = Field(description="Documents and pages that belong to it.")
    source_page: str | None = Field(description="The page of UN Web TV that shows it; null where there is none.")
    self: Url = Field(description="Address of the meeting in this API.")
    url: Url = Field(description="Permanent address of the meeting for people; `?t=1:23:45` leads to a moment.")
    links: MeetingLinks = Field(description="Where its parts are.")


class MeetingTheme(BaseModel):
    """A theme whose passages are looked for in a meeting."""

    id: str = Field(description="Id of the theme, as filters take it.")
    lexicon: str = Field(description="The lexicon that defines it, with its version.")
    label: str = Field(description="Short title, in English.")
    title: str = Field(description="Whole title, in English.")


class Audio(BaseModel):
    """What can be listened to of a channel."""

    until_ms: AtMs = Field(description="Up to when, on the meeting clock, from 0.")
    url: Url = Field(description="The audio as a WAV file, of which any range can be asked for.")


class WholeMeeting(Meeting):
    """A meeting with what lists leave out."""

    themes: list[MeetingTheme] = Field(description="The themes whose passages are looked for.")
    audio: dict[str, Audio] = Field(description="What everybody may listen to, by channel.")


class MeetingList(Labels):
    """A page of meetings."""

    items: list[Meeting] = Field(description="The meetings.")
    next: Cursor | None = Field(description="Give it back as `cursor` for the next page; null at the end.")


class Entry(BaseModel):
    """A stretch of a channel, and what it holds."""

    start_ms: AtMs = Field(description="First millisecond of the stretch.")
    end_ms: AtMs = Field(description="First millisecond after it.")
    kind: Literal["words", "speech_without_words", "no_speech", "gap", "unheard"] = Field(
        description="What it holds; `unheard` is still to be transcribed."
    )
    cause: str | None = Field(description="Why audio is missing (`gap`); else null.")


class ChannelCoverage(BaseModel):
    """The account of one channel over the whole clock of the meeting."""

    channel: str = Field(description="Name of the channel.")
    language: str | None = Field(description="Language of an interpretation; null for the floor.")
    interpretation: bool = Field(description="Whether interpreters speak on it.")
    required: bool = Field(description="Whether the meeting's log waits for it.")
    until_ms: AtMs = Field(description="Where the clock ends: the stretches tile it from 0 up to here.")
    own_end_ms: AtMs = Field(description="Where what was announced of the channel itself ends.")
    totals_ms: dict[str, Sum] = Field(description="How long each kind lasts together; they sum to `until_ms`.")
    entries: list[Entry] = Field(description="The stretches, in order.")


class Coverage(Labels):
    """Where every second of a meeting went."""

    meeting_id: str = Field(description="The meeting.")
    clock_ms: AtMs = Field(description="How long its clock has run.")
    channels: list[ChannelCoverage] = Field(
        description="The account of each channel; none while nothing of the meeting is shown."
    )
