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


class Revision(Intervention):
    """An intervention as one of its revisions had it."""

    made_by: Literal["machine", "person"] = Field(description="Who made the revision.")
    reason: Text | None = Field(description="Why it was made; null where nobody said.")
    shown_at: Moment = Field(description="Since when it was shown.")
    latest: Url = Field(description="Address of the intervention as it stands now.")


class RevisionNote(BaseModel):
    """That there is a revision."""

    revision: int = Field(ge=1, description="Its number; numbers that were never shown are missing.")
    made_by: Literal["machine", "person"] = Field(description="Who made it.")
    reason: Text | None = Field(description="Why it was made; null where nobody said.")
    shown_at: Moment = Field(description="Since when it was shown.")
    self: Url = Field(description="Address of the revision in this API.")
    url: Url = Field(description="Permanent address of the revision for people; `.json`, `.txt` and `.vtt` work.")


class RevisionList(Labels):
    """The revisions of an intervention that were shown."""

    items: list[RevisionNote] = Field(description="The revisions, the first one first.")
    next: None = Field(description="Always null: these are all.")


class InterventionList(Labels):
    """A page of interventions."""

    items: list[Intervention] = Field(description="The interventions, without the times of their words.")
    next: Cursor | None = Field(description="Give it back as `cursor` for the next page; null at the end.")


class HitList(Labels):
    """A page of what a search found."""

    items: list[Hit] = Field(description="The interventions, without the times of their words.")
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
