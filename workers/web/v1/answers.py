"""The shapes of the API's answers, from which its description (OpenAPI) is made.

An intervention is the record of `schemas/record.v1.schema.json` with what is said here beside it: `describing` puts
both together. Readers ignore members that they do not know; a version of the API only gains some.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Text = Annotated[str, Field(max_length=2_000_000)]
Url = Annotated[str, Field(max_length=4000, json_schema_extra={"format": "uri"})]
Moment = Annotated[str, Field(max_length=40, json_schema_extra={"format": "date-time"})]
Day = Annotated[str, Field(max_length=10, json_schema_extra={"format": "date"})]
AtMs = Annotated[int, Field(ge=0, le=172_800_000)]
Sum = Annotated[int, Field(ge=0)]
Cursor = Annotated[str, Field(max_length=400)]


class Labels(BaseModel):
    """What every answer says of where its words are from."""

    licence: Text | None = Field(
        description="Licence of what is in the answer, and whose it is; several are joined; null of nothing."
    )
    disclaimer: Literal["Automatic transcript. Not an official record."] = Field(
        description="Always the same; show it."
    )
    synthetic: bool = Field(description="Whether any of it is from audio that was made, not recorded; show it.")


class Part(BaseModel):
    """A piece of an excerpt."""

    text: Text = Field(description="The piece as it stands in the text.")
    hit: bool = Field(description="Whether it is one of the words that were searched for.")


class Highlight(BaseModel):
    """Where the words of a search stand in an intervention."""

    parts: list[Part] = Field(description="The passage around the first of them, in pieces; join them to read it.")
    start_ms: AtMs = Field(description="When the first of them was said, on the meeting clock.")
    url: Url = Field(description="Address of that moment for people.")


class Intervention(BaseModel):
    """A record of one intervention, as `schemas/record.v1.schema.json` describes it, and where it is found."""

    self: Url = Field(description="Address of the intervention in this API.")
    url: Url = Field(description="Permanent address of the intervention for people; `.json`, `.txt` and `.vtt` work.")
    moment_url: Url = Field(description="Permanent address of the moment at which it began, in its meeting.")
    started_at: Moment = Field(description="When it began, in UTC: lists are in this order.")
    duration_ms: Sum = Field(description="How long it lasted, without what interrupted it.")


class Hit(Intervention):
    """An intervention in which the words of a search occur."""

    highlight: Highlight = Field(description="Where they occur.")


class InterventionList(Labels):
    """A page of interventions."""

    items: list[Intervention] = Field(description="The interventions, without the times of their words.")
    next: Cursor | None = Field(description="Give it back as `cursor` for the next page; null at the end.")


class HitList(Labels):
    """A page of what a search found."""

    items: list[Hit] = Field(description="The interventions, without the times of their words.")
    next: Cursor | None = Field(description="Give it back as `cursor` for the next page; null at the end.")


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
    themes: Url = Field(description="Which themes were touched, by whom.")
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


class MeetingList(Labels):
    """A page of meetings."""

    items: list[Meeting] = Field(description="The meetings.")
    next: Cursor | None = Field(description="Give it back as `cursor` for the next page; null at the end.")


class Problem(BaseModel):
    """What every refusal looks like (RFC 9457), as `application/problem+json`."""

    type: str = Field(description="Names the kind of problem: `urn:floorlog:problem:…`, never reworded.")
    title: str = Field(description="What is wrong, in a few words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong this time, and what to do.")
    parameter: str | None = Field(default=None, description="The parameter that cannot be used (status 400).")
    reason: str | None = Field(default=None, description="Why something was withdrawn or removed (status 410).")
    record_id: str | None = Field(default=None, description="The record that is gone (status 410).")


Refusals = dict[int | str, dict[str, Any]]


def refusals(*statuses: int) -> Refusals:
    """Return how a route's refusals are described."""
    said = {
        304: "Not modified: the reader has it already.",
        308: "Others stand for it: the addresses of all are in `Link` headers.",
        400: "A parameter cannot be used; `parameter` names it.",
        401: "The key is not known, or was revoked.",
        404: "Not there, or not shown to who asks.",
        410: "It was shown once: withdrawn, with the `reason`, or removed on request.",
        429: "Too many requests; `Retry-After` says when to come again.",
        503: "The store does not answer; `Retry-After` says when to come again.",
    }
    bare = {"304", "308"}
    return {
        status: {"description": said[status]} if str(status) in bare else _problem(said[status])
        for status in sorted({304, 400, 401, 429, 503, *statuses})
    }


def _problem(description: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "content": content}
