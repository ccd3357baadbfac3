"""The parameters with which interventions and meetings are chosen, and what each may be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from floorlog.adapters.store import Store
from floorlog.adapters.store.published_rows import Filter, ShownMeeting
from floorlog.entities import EntityTable
from workers.web.v1.moments import Day, UtcMs
from workers.web.v1.paging import PATTERN
from workers.web.v1.problems import bad_parameter, not_found
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


def _flag(text: object) -> object:
    """Return a flag of an address; only `true` and `false` are, so that nothing is taken for what it was not meant."""
    if text in ("true", "false", True, False, None):
        return text
    raise ValueError("true or false is expected")


Flag = Annotated[bool, BeforeValidator(_flag)]
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
EntityKind = Literal["state", "observer", "organization", "group", "official"]
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
    interpretation: Flag | None = Field(
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
WORDS = "Words that all occur in the text; in double quotes, one after the other. Case and accents do not matter."


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
        "newest", description="By the time at which they began, or the best match first."
    )


class Sat(Pages):
    """What `/meetings` takes."""

    from_: UtcMs | None = Field(None, alias="from", description="Held at or after this day or moment.")
    to: UtcMs | None = Field(None, description="Held before this day or moment.")
    state: list[Literal["scheduled", "live", "ended"]] = Field([], max_length=3, description="How far; repeatable.")


class Named(BaseModel):
    """What `/entities` takes."""

    q: Words | None = Field(None, description="Any part of a name or code, in six languages; the best match first.")
    kind: list[EntityKind] = Field([], max_length=MOST_VALUES, description="What they are; repeatable.")
    group: list[Code] = Field([], max_length=MOST_VALUES, description="Code of a group: its members; repeatable.")
    meeting: str | None = Field(
        None, pattern=MEETING, description="Id of a meeting: who spoke there, and for whom; names are as of its date."
    )
    on: Day | None = Field(None, description="The day as of which names are given; today by default.")


def chosen_by(asked: Within, meeting_id: str | None, scopes: tuple[str, ...]) -> Filter:
    """Return the filter behind the parameters of a request.

    Raises:
        Problem: 400, no entity has a code that is named.
    """
    known = EntityTable.load()
    for name, codes in (("entity", asked.entity), ("group", asked.group), ("on_behalf_of", asked.on_behalf_of)):
        for code in codes:
            if code not in known:
                raise bad_parameter(name, f"no entity has the code {code!r}; /v1/entities has them all.")
    return Filter(
        meeting_id=meeting_id,
        entities=tuple(asked.entity),
        on_behalf_of=tuple(asked.on_behalf_of),
        groups=tuple(asked.group),
        kinds=tuple(asked.kind),
        themes=tuple(asked.theme),
        languages=tuple(asked.language),
        states=tuple(asked.state),
        interpretation=asked.interpretation,
        from_ms=asked.from_,
        to_ms=asked.to,
        scopes=scopes,
    )


def needed_meeting(store: Store, meeting_id: str, scopes: tuple[str, ...]) -> ShownMeeting:
    """Return the meeting of an address.

    Raises:
        Problem: 404, it is not there, or not shown to who asks.
    """
    found = store.meeting_shown(meeting_id, scopes)
    if found is None:
        raise not_found("meeting")
    return found


def seen_meeting(store: Store, meeting_id: str | None, scopes: tuple[str, ...]) -> ShownMeeting | None:
    """Return the meeting that is asked for, None where none is.

    Raises:
        Problem: 404, it is not there, or not shown to who asks.
    """
    return None if meeting_id is None else needed_meeting(store, meeting_id, scopes)
