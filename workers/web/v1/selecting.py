"""The parameters with which interventions and meetings are chosen, and what each may be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from workers.web.v1.moments import UtcMs
from workers.web.v1.paging import PATTERN
from workers.web.v1.wire import MEETING

MOST_VALUES = 50
"""Values of one filter."""

LONGEST_PAGE = 100

CODE = r"^[A-Z][A-Z0-9]*([_:-][A-Z0-9]+)*$"
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
THEME = r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$"

Code = Annotated[str, Field(pattern=CODE, min_length=2, max_length=40)]
Language = Annotated[str, Field(pattern=LANGUAGE, max_length=35)]
Theme = Annotated[str, Field(pattern=THEME, max_length=64)]

Kind = Literal[
    "statement",
    "chair",
    "procedural",
    "right_of_reply",
    "point_of_order",
    "briefing",
    "explanation_of_vote",
    "video_statement",
    "suspension",
    "vote",
    "minute_of_silence",
    "unassigned",
]
State = Literal["machine", "in_review", "approved", "published", "corrected"]


class Pages(BaseModel):
    """Which page of a list."""

    limit: int = Field(20, ge=1, le=LONGEST_PAGE, description="How many items at most.")
    cursor: str | None = Field(
        None, pattern=PATTERN, description="`next` of the page before; with the same filters and order."
    )


class Within(BaseModel):
    """Which interventions of a meeting. What can be repeated means any of the values; different filters all hold."""

    entity: list[Code] = Field(
        [], max_length=MOST_VALUES, description="Code of who had the floor, for example `FRA`; repeatable."
    )
    group: list[Code] = Field(
        [],
        max_length=MOST_VALUES,
        description="Code of a group: whoever is a member had the floor, or the group itself; repeatable.",
    )
    on_behalf_of: list[Code] = Field(
        [], max_length=MOST_VALUES, description="Code of whom else was spoken for, for example `G77`; repeatable."
    )
    kind: list[Kind] = Field([], max_length=MOST_VALUES, description="Kind of intervention; repeatable.")
    theme: list[Theme] = Field([], max_length=MOST_VALUES, description="Id of a theme that was touched; repeatable.")
    language: list[Language] = Field(
        [], max_length=MOST_VALUES, description="Language that was spoken (BCP 47), for example `fr`; repeatable."
    )
    state: list[State] = Field([], max_length=MOST_VALUES, description="State of review; repeatable.")
    interpretation: bool | None = Field(
        None, description="Only what is (`true`), or is not (`false`), an interpreter's words."
    )
    from_: UtcMs | None = Field(
        None, alias="from", description="Begun at or after this day or moment (RFC 3339; a day begins at 00:00 UTC)."
    )
    to: UtcMs | None = Field(None, description="Begun before this day or moment.")


class Anywhere(Within):
    """Which interventions, of one meeting or of all."""

    meeting: str | None = Field(None, pattern=MEETING, description="Id of a meeting.")


Words = Annotated[str, Field(min_length=1, max_length=200)]
WORDS = "Words that all occur in the text; everything else in it counts as a space."


class Listed(Anywhere, Pages):
    """What `/interventions` takes."""

    q: Words | None = Field(None, description=WORDS)
    sort: Literal["newest", "oldest"] = Field("newest", description="By the time at which they began.")


class ListedOfMeeting(Within, Pages):
    """What `/meetings/{meeting_id}/interventions` takes."""

    q: Words | None = Field(None, description=WORDS)
    sort: Literal["newest", "oldest"] = Field("newest", description="By the time at which they began.")


class Searched(Anywhere, Pages):
    """What `/search` takes."""

    q: Words = Field(description=WORDS)
    sort: Literal["newest", "oldest", "relevance"] = Field(
        "newest", description="By time, or the best match first: that is one page only, of at most `limit`."
    )


class Sat(Pages):
    """What `/meetings` takes."""

    from_: UtcMs | None = Field(None, alias="from", description="Held at or after this day or moment.")
    to: UtcMs | None = Field(None, description="Held before this day or moment.")
    state: list[Literal["scheduled", "live", "ended"]] = Field([], max_length=3, description="How far; repeatable.")
    audience: list[Literal["closed", "live", "published"]] = Field(
        [], max_length=3, description="Who may read it; repeatable."
    )
    sort: Literal["newest", "oldest"] = Field("newest", description="By the time at which they began.")
