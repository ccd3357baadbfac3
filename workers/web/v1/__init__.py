"""The read-only HTTP API, version 1: an application of its own that the pages mount at `/v1`."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from starlette.middleware.cors import CORSMiddleware

from workers.web.v1 import describing, interventions, meetings, problems
from workers.web.v1.interim import Interim
from workers.web.v1.wire import json_answer


def create_api(reading: Interim, *, public_url: str = "") -> FastAPI:
    """Return the application.

    Args:
        reading: What is read.
        public_url: Where it is reached, without a slash at the end; by default as each request asked for it.
    """
    app = FastAPI(title="Floorlog", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.public_url = public_url
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD"],
        allow_headers=["Authorization", "Cache-Control", "If-None-Match", "Last-Event-ID"],
        expose_headers=["ETag", "Link", "Retry-After"],
        max_age=86_400,
    )
    problems.handlers(app)
    app.include_router(meetings.routes(reading))
    app.include_router(interventions.routes(reading))

    @app.get("/openapi.json", include_in_schema=False)
    def described(request: Request) -> Response:
        return json_answer(request, describing.description(app))

    return app
