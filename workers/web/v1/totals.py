"""The routes of totals: who spoke how long, which themes were touched, and by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from floorlog.adapters.store import Store
from floorlog.adapters.store.published_rows import Filter, MeetingFilter, ShownMeeting
from floorlog.entities import EntityTable
from floorlog.themes import lexicon_names, load_lexicon
from workers.web.v1.answers import refusals
from workers.web.v1.answers_totals import SpeakingTimes, ThemesByEntity, ThemeTotals
from workers.web.v1.entities import regional_group
from workers.web.v1.routing import ApiRoute
from workers.web.v1.selecting import Anywhere, Within, chosen_by, seen_meeting
from workers.web.v1.wire import MeetingId, Scopes, json_answer, labels, link

AT_ONCE = 500
"""Meetings whose licences are read at once."""


def routes(store: Store, today: Callable[[], date]) -> APIRouter:
    """Return the routes.

    Args:
        store: Where the totals are from.
        today: Gives the day as of which names over many meetings are given.
    """
    router = APIRouter(route_class=ApiRoute, tags=["Totals"])

    @router.get("/speaking-time", response_model=SpeakingTimes, responses=refusals(404))
    def speaking_time(request: Request, scopes: Scopes, asked: Annotated[Anywhere, Query()]) -> Response:
        """Return who spoke how long, over all meetings or those chosen."""
        return json_answer(request, _speaking_time(request, store, asked, asked.meeting, scopes, today))

    @router.get("/meetings/{meeting_id}/speaking-time", response_model=SpeakingTimes, responses=refusals(404))
    def speaking_time_of_meeting(
        request: Request, meeting_id: MeetingId, scopes: Scopes, asked: Annotated[Within, Query()]
    ) -> Response:
        """Return who spoke how long in a meeting."""
        return json_answer(request, _speaking_time(request, store, asked, meeting_id, scopes, today))

    @router.get("/themes", response_model=ThemeTotals, responses=refusals(404))
    def themes(request: Request, scopes: Scopes, asked: Annotated[Anywhere, Query()]) -> Response:
        """List the themes, and how often each was touched."""
        return json_answer(request, _themes(request, store, asked, asked.meeting, scopes))

    @router.get("/meetings/{meeting_id}/themes", response_model=ThemeTotals, responses=refusals(404))
    def themes_of_meeting(
        request: Request, meeting_id: MeetingId, scopes: Scopes, asked: Annotated[Within, Query()]
    ) -> Response:
        """List the themes of a meeting, and how often each was touched."""
        return json_answer(request, _themes(request, store, asked, meeting_id, scopes))

    @router.get("/themes-by-entity", response_model=ThemesByEntity, responses=refusals(404))
    def themes_by_entity(request: Request, scopes: Scopes, asked: Annotated[Anywhere, Query()]) -> Response:
        """Return who touched which theme how often, over all meetings or those chosen."""
        return json_answer(request, _matrix(request, store, asked, asked.meeting, scopes, today))

    @router.get("/meetings/{meeting_id}/themes-by-entity", response_model=ThemesByEntity, responses=refusals(404))
    def themes_by_entity_of_meeting(
        request: Request, meeting_id: MeetingId, scopes: Scopes, asked: Annotated[Within, Query()]
    ) -> Response:
        """Return who touched which theme how often in a meeting."""
        return json_answer(request, _matrix(request, store, asked, meeting_id, scopes, today))

    return router


def _speaking_time(
    request: Request,
    store: Store,
    asked: Within,
    meeting_id: str | None,
    scopes: tuple[str, ...],
    today: Callable[[], date],
) -> dict[str, Any]:
    meeting = seen_meeting(store, meeting_id, scopes)
    chosen = chosen_by(asked, meeting_id, scopes)
    rows = store.speaking_time(chosen)
    items = [
        {
            "entity": row.entity,
            **_named(row.entity, meeting, today),
            "role": row.role,
            "kind": row.kind,
            "records": row.records,
            "ms": row.length_ms,
            "interventions": _passages(request, asked, meeting_id, row.entity, kind=row.kind),
        }
        for row in rows
    ]
    total = {"records": sum(row.records for row in rows), "ms": sum(row.length_ms for row in rows)}
    return {"items": items, "next": None, **total, **_labels(store, meeting, chosen)}


def _themes(
    request: Request, store: Store, asked: Within, meeting_id: str | None, scopes: tuple[str, ...]
) -> dict[str, Any]:
    meeting = seen_meeting(store, meeting_id, scopes)
    chosen = chosen_by(asked, meeting_id, scopes)
    counted: dict[str, tuple[int, int]] = {}
    for row in store.themes_by_entity(chosen):
        records, ms = counted.get(row.theme, (0, 0))
        counted[row.theme] = (records + row.records, ms + row.length_ms)
    lexicons: Sequence[str] = meeting.document["themes"] if meeting else lexicon_names()
    known = {theme: title for theme, title in _titles(lexicons) if not chosen.themes or theme in chosen.themes}
    items = [
        {
            "id": theme,
            **known.get(theme, _untitled(theme)),
            "records": counted.get(theme, (0, 0))[0],
            "ms": counted.get(theme, (0, 0))[1],
            "interventions": _passages(request, asked, meeting_id, theme=theme),
        }
        for theme in dict.fromkeys((*known, *counted))
    ]
    return {"items": items, "next": None, **_labels(store, meeting, chosen)}


def _matrix(
    request: Request,
    store: Store,
    asked: Within,
    meeting_id: str | None,
    scopes: tuple[str, ...],
    today: Callable[[], date],
) -> dict[str, Any]:
    meeting = seen_meeting(store, meeting_id, scopes)
    chosen = chosen_by(asked, meeting_id, scopes)
    titles = dict(_titles(lexicon_names()))
    items = [
        {
            "theme": row.theme,
            **{name: titles.get(row.theme, _untitled(row.theme))[name] for name in ("label", "title")},
            "entity": row.entity,
            **_named(row.entity, meeting, today),
            "records": row.records,
            "ms": row.length_ms,
            "interventions": _passages(request, asked, meeting_id, row.entity, theme=row.theme),
        }
        for row in store.themes_by_entity(chosen)
        if not chosen.themes or row.theme in chosen.themes
    ]
    return {"items": items, "next": None, **_labels(store, meeting, chosen)}


def _named(code: str | None, meeting: ShownMeeting | None, today: Callable[[], date]) -> dict[str, str | None]:
    table = EntityTable.load()
    if code is None or code not in table:
        return {"name": code, "regional_group": None}
    on = date.fromisoformat(meeting.document["date"]) if meeting else today()
    return {"name": table.name(code, on), "regional_group": regional_group(code)}


def _titles(lexicons: Sequence[str]) -> Iterator[tuple[str, dict[str, str | None]]]:
    """Yield the themes of some lexicons with their titles; of one in several, that of the last counts."""
    for name in lexicons:
        lexicon = load_lexicon(name)
        for theme in lexicon.themes.values() if lexicon else ():
            yield theme.id, {"lexicon": name, "label": theme.label, "title": theme.title}


def _untitled(theme: str) -> dict[str, str | None]:
    words = theme.replace("-", " ").replace("_", " ").capitalize()
    return {"lexicon": None, "label": words, "title": words}


def _passages(request: Request, asked: Within, meeting_id: str | None, *entity: str | None, **more: str) -> str | None:
    """Return the address of the interventions behind a row: what was asked for, and what the row adds."""
    if entity == (None,):
        return None
    given = asked.model_dump(by_alias=True, exclude_none=True, exclude={"from_", "to", "meeting", "cursor", "limit"})
    own = {**({"entity": entity[0]} if entity else {}), **more}
    kept = {name: value for name, value in given.items() if name not in own and value not in ([], None)}
    asked_again = {name: request.query_params[name] for name in ("from", "to") if name in request.query_params}
    return link(request, "/v1/interventions", meeting=meeting_id, **kept, **asked_again, **own)


def _labels(store: Store, meeting: ShownMeeting | None, chosen: Filter) -> dict[str, Any]:
    """Return the labels of the meeting, or of all that were held in the time that is asked for."""
    if meeting:
        return labels([meeting.document])
    wanted = MeetingFilter(scopes=chosen.scopes)
    found: list[dict[str, Any]] = []
    before: tuple[int, str] | None = None
    while rows := store.meetings_shown(wanted, before=before, limit=AT_ONCE):
        before = rows[-1].cursor
        found += [row.document for row in rows if row.records]
    return labels(found)
