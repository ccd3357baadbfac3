"""The shapes of the API's answers about what changes."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from workers.web.v1.answers import AtMs, Labels, Moment, Text


class Event(BaseModel):
    """An event, as `schemas/event.v1.schema.json` describes it: CloudEvents 1.0 in structured JSON."""

    specversion: Literal["1.0"] = Field(description="Version of CloudEvents.")
    id: str = Field(description="Names the event: drop an id that you have seen.")
    source: str = Field(description="Where it is from: `/meetings/<id>`.")
    type: str = Field(description="What happened, for example `record.published`; pass over types you do not know.")
    subject: str = Field(description="Id of what it happened to: a record, a meeting or a gap.")
    time: Moment = Field(description="When it was committed.")
    datacontenttype: Literal["application/json"] = Field(description="What `data` is.")
    dataschema: str = Field(description="Schema of `data`: a part of `schemas/event.v1.schema.json`.")
    data: dict[str, Any] = Field(description="What happened, by type: `docs/schemas.md`, Event.")
    sequence: str = Field(pattern=r"^[0-9]{1,19}$", description="Its place in the feed: a cursor behind it.")


class Changes(Labels):
    """A page of the feed of changes."""

    events: list[Event] = Field(description="The events, in the order in which they happened.")
    next: str = Field(pattern=r"^[0-9]{1,19}$", description="Give it back as `after` for what comes next.")
    more: bool = Field(description="Whether there is more already: ask again at once.")


class Floor(BaseModel):
    """Who has the floor."""

    record_id: str = Field(description="Id of the open intervention.")
    channel: str = Field(description="The channel on which it is heard.")
    kind: str = Field(description="Kind of intervention, so far.")
    speaker: dict[str, Any] | None = Field(description="Who speaks, as in a record; null where that is not known.")
    since_ms: AtMs = Field(description="Since when, on the meeting clock.")


class LiveNow(Labels):
    """A meeting at this moment."""

    meeting_id: str = Field(description="The meeting.")
    state: Literal["scheduled", "live", "ended"] = Field(description="How far it is.")
    heard_until_ms: AtMs = Field(description="Up to when it was heard, on the meeting clock.")
    open: list[dict[str, Any]] = Field(
        description="Records of the open interventions, without words, each `provisional`: they change with every word."
    )
    floor: Floor | None = Field(description="Who has the floor; null where nobody has, or who asks may not see it.")
    title: Text = Field(description="Title of the meeting.")
