"""The route of entities: who can have the floor, found by what a reviewer types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from floorlog.entities import LANGUAGES, EntityTable
from floorlog.entity_search import search
from workers.web.desk.problems import ProblemRoute
from workers.web.desk.wire import Viewer, answer


def routes() -> APIRouter:
    """Return the route."""
    router = APIRouter(route_class=ProblemRoute)

    @router.get("/entities")
    def entities(
        person: Viewer,
        q: Annotated[str, Query(max_length=300)] = "",
        on: Annotated[date | None, Query(alias="date")] = None,
        limit: Annotated[int, Query(ge=1, le=400)] = 20,
    ) -> JSONResponse:
        day = on or datetime.now(UTC).date()
        return answer(
            {
                "entities": [
                    {
                        "code": entity.code,
                        "scheme": entity.scheme,
                        "kind": entity.kind,
                        "name": entity.name(day),
                        "names": {language: entity.name(day, language) for language in LANGUAGES},
                    }
                    for entity in search(EntityTable.load(), q, day, limit)
                ]
            }
        )

    return router
