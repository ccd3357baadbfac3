"""The routes of entities: who can have the floor, by code, with names in six languages as of a day."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from floorlog.adapters.store import Store
from floorlog.adapters.store.published_rows import Filter
from floorlog.entities import LANGUAGES, REGIONAL_GROUPS, Entity, EntityTable
from floorlog.entity_search import search
from floorlog.records import DISCLAIMER
from workers.web.v1.answers import refusals
from workers.web.v1.answers_totals import EntityList, WholeEntity
from workers.web.v1.moments import Day
from workers.web.v1.problems import bad_parameter, not_found
from workers.web.v1.routing import ApiRoute
from workers.web.v1.selecting import CODE, Named, seen_meeting
from workers.web.v1.wire import Scopes, json_answer, link

LABELS = {
    "licence": "The table: Apache-2.0. Names of States: UNTERM, as collected in datasets/country-codes (ODC-PDDL).",
    "disclaimer": DISCLAIMER,
    "synthetic": False,
}

AT_ONCE = 500
"""Records that are looked through at once for who occurs in a meeting."""

EntityCode = Annotated[str, Path(pattern=CODE, min_length=2, max_length=40, description="Code of the entity.")]


def routes(store: Store, today: Callable[[], date]) -> APIRouter:
    """Return the routes.

    Args:
        store: Knows who spoke in a meeting.
        today: Gives the day as of which names are given where none is asked for.
    """
    router = APIRouter(route_class=ApiRoute, tags=["Entities"])
    table = EntityTable.load()

    @router.get("/entities", response_model=EntityList, responses=refusals(404))
    def list_entities(request: Request, scopes: Scopes, asked: Annotated[Named, Query()]) -> Response:
        """List states, observers, organizations, groups and officials, by their English names."""
        meeting = seen_meeting(store, asked.meeting, scopes)
        on = asked.on or (date.fromisoformat(meeting.document["date"]) if meeting else today())
        found = list(search(table, asked.q, on, len(list(table)))) if asked.q else _by_name(table, on)
        if meeting:
            occurring = _occurring(store, Filter(meeting_id=meeting.id, scopes=scopes))
            found = [entity for entity in found if entity.code in occurring]
        for code in asked.group:
            if code not in table:
                raise bad_parameter("group", f"no entity has the code {code!r}.")
        members = {member for code in asked.group for member in table.get(code).members}
        items = [
            presented(request, entity, on)
            for entity in found
            if (not asked.kind or entity.kind in asked.kind) and (not asked.group or entity.code in members)
        ]
        return json_answer(request, {"items": items, "next": None, **LABELS})

    @router.get("/entities/{code}", response_model=WholeEntity, responses=refusals(404))
    def get_entity(
        request: Request,
        code: EntityCode,
        on: Annotated[Day | None, Query(description="The day as of which names are given; today by default.")] = None,
    ) -> Response:
        """Return one entity."""
        if code not in table:
            raise not_found("entity")
        return json_answer(request, {**presented(request, table.get(code), on or today()), **LABELS})

    return router


def today_utc() -> date:
    """Return the day that it is in UTC."""
    return datetime.now(UTC).date()


def presented(request: Request, entity: Entity, on: date) -> dict[str, Any]:
    """Return an entity as the API gives it out, with its names as of a day."""
    return {
        "scheme": entity.scheme,
        "code": entity.code,
        "kind": entity.kind,
        "m49": entity.m49,
        "name": entity.name(on),
        "names": {language: entity.name(on, language) for language in LANGUAGES},
        "formal_names": {language: entity.name(on, language, formal=True) for language in LANGUAGES},
        "groups": list(groups_of(entity.code)),
        "regional_group": regional_group(entity.code),
        "members": list(entity.members),
        "self": link(request, f"/v1/entities/{entity.code}"),
        "interventions": link(request, "/v1/interventions", entity=entity.code),
    }


@cache
def groups_of(code: str) -> tuple[str, ...]:
    """Return the codes of the groups and organizations that an entity is a member of."""
    return EntityTable.load().groups_of(code)


def regional_group(code: str) -> str | None:
    """Return the code of the regional group that an entity is a member of; None where it is in none."""
    return next((group for group in groups_of(code) if group in REGIONAL_GROUPS), None)


def _by_name(table: EntityTable, on: date) -> list[Entity]:
    return sorted(table, key=lambda entity: (entity.name(on).casefold(), entity.code))


def _occurring(store: Store, wanted: Filter) -> set[str]:
    """Return the codes of those who had the floor, and of those whom they spoke for or agreed with."""
    found: set[str] = set()
    before: int | None = None
    while rows := store.interventions(wanted, before=before, limit=AT_ONCE):
        before = rows[-1].number
        for document in (json.loads(row.document) for row in rows):
            found |= {document["speaker"]["entity"]["code"]} if document["speaker"] else set()
            found |= {item["code"] for name in ("on_behalf_of", "aligned_with") for item in document[name]}
    return found
