"""The read-only HTTP API, version 1: an application of its own that the pages mount at `/v1`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from fastapi import FastAPI, Request, Response
from starlette.middleware.cors import CORSMiddleware

from floorlog.adapters.store import Store
from workers.web.guard import SECURITY_HEADERS
from workers.web.pages import render
from workers.web.v1 import describing, door, entities, files, interventions, meetings, problems, totals
from workers.web.v1.live import Live
from workers.web.v1.wire import body_answer, json_answer, link

PAGE_HEADERS = {"content-security-policy": SECURITY_HEADERS["content-security-policy"]}
"""Of the one page among the data: it may use this server's style sheet."""


def create_api(
    store: Store,
    *,
    public_url: str = "",
    rate: int = 0,
    today: Callable[[], date] = entities.today_utc,
) -> FastAPI:
    """Return the application; its state has the `store`, `find_key`, and `live`, whose `stop()` ends the streams.

    Args:
        store: What is read.
        public_url: Where it is reached, without a slash at the end; by default as each request asked for it.
        rate: Requests a minute of a key or an address; 0 means as many as they like.
        today: Gives the day as of which names over many meetings are given.
    """
    app = FastAPI(
        title="Floorlog",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=describing.operation_id,
    )
    find = door.find_in(store)
    app.state.public_url = public_url
    app.state.store, app.state.find_key = store, find
    app.state.live = Live(store, door.scopes_anew(find))
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET", "HEAD"],
        allow_headers=["Authorization", "Cache-Control", "If-None-Match", "Last-Event-ID"],
        expose_headers=["ETag", "Link", "Retry-After"],
        max_age=86_400,
    )
    app.add_middleware(door.Door, find=find, rate=rate)
    problems.handlers(app)
    app.include_router(meetings.routes(store))
    app.include_router(interventions.routes(store))
    app.include_router(totals.routes(store, today))
    app.include_router(entities.routes(store, today))
    app.include_router(files.routes(store))
    app.include_router(app.state.live.router)

    @app.get("/", include_in_schema=False)
    def index(request: Request) -> Response:
        lists = ("meetings", "interventions", "search", "entities", "themes", "changes", "openapi.json", "docs")
        return json_answer(request, {name: link(request, f"/v1/{name}") for name in lists})

    @app.get("/openapi.json", include_in_schema=False)
    def description(request: Request) -> Response:
        return json_answer(request, describing.description(app))

    @app.get("/docs", include_in_schema=False)
    def docs(request: Request) -> Response:
        page = render("api.html", **describing.to_read(describing.description(app))).encode()
        return body_answer(request, page, headers=PAGE_HEADERS, media_type="text/html; charset=utf-8")

    return app
