"""The web applications: their routes and their errors. `serving` runs them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from numpy.typing import NDArray
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from floorlog.adapters import flac, objects
from floorlog.errors import FloorlogError, RetryableError
from workers.web import accounting, citations, dashboard, listening, pages, people_pages, sign_in
from workers.web import desk as workbench
from workers.web.audio import AudioReader
from workers.web.board import Boards
from workers.web.desk import Desk
from workers.web.guard import SECURITY_HEADERS, Guard
from workers.web.hosts import Hosts
from workers.web.people import API, Sessions, carries_token
from workers.web.reading import Reader
from workers.web.shelf import names_of
from workers.web.staff import Staff
from workers.web.stream import LOOK_EVERY_S, Watch
from workers.web.turns import Names
from workers.web.v1 import problems

STATIC = Path(__file__).parent / "static"

COMPRESSION: dict[str, Any] = {
    "minimum_size": 1024,
    "compresslevel": 2,  # of JSON of 110 kB level 5 takes more than twice as long, for a fifth fewer bytes
    "exclude_content_types": (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/vnd.apache.parquet"),  # it is already
}

ERRORS = {
    400: ("Not understood", "The address asks for something in a way that is not understood."),
    401: ("Not signed in", "Please sign in first."),
    403: ("Not allowed", "This is not among what you may do, or the page was open for too long. Load it again."),
    404: ("Not found", "There is nothing at this address, or it is not shown to the public."),
    411: ("Not understood", "The request does not tell how long it is."),
    413: ("Too much", "More was sent than is taken here."),
    405: ("Not possible", "This address can only be read."),
    500: ("Something went wrong", "The fault is on this side, and it was logged. Please try again."),
    503: ("Not available now", "The store does not answer. Please try again in a moment."),
}

log = structlog.get_logger()


def create_app(
    reader: Reader,
    *,
    people: Sessions | None = None,
    hosts: Collection[str] | None = None,
    desk: Desk | None = None,
    api: FastAPI | None = None,
    names: Callable[[dict[str, Any]], Names] = names_of,
    fetch: Callable[[str], bytes] = objects.get,
    decode: Callable[[bytes, str], NDArray[np.int16]] = flac.decode,
    registry: CollectorRegistry | None = None,
    look_every_s: float = LOOK_EVERY_S,
) -> FastAPI:
    """Return the application that serves the pages.

    Args:
        reader: What the pages read.
        people: Knows who is signed in; without it nobody is, and only what is public is served.
        hosts: Names of hosts, besides loopback, under which it may be asked for; any by default.
        desk: What the workbench works on; without it there is none.
        api: What programs read, served below `/v1`; without it there is none.
        names: Gives, for a meeting document, what names its entities' codes.
        fetch: Gives an audio object's bytes by its URI.
        decode: Gives the samples of such bytes.
        registry: Where metrics are kept; a new one by default.
        look_every_s: How often the store is asked for changes while somebody reads.
    """
    registry = registry or CollectorRegistry()
    boards = Boards(reader, names, pages.render)
    audio = AudioReader(fetch, decode, registry)
    # What the workbench shows changes more often than what the public sees: one look serves both.
    watch = Watch(desk.bench.versions if desk else reader.versions, look_every_s)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(watch.run())
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    app = FastAPI(
        title="Floorlog",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(carries_token)],
    )
    app.state.watch, app.state.people = watch, people
    _in_front(app, hosts, registry)
    if api is not None:
        published(app, api)
    app.include_router(pages.routes(reader, boards, watch, registry))
    app.include_router(accounting.routes(reader, boards))
    app.include_router(listening.routes(reader, boards, audio))
    if desk is not None:
        app.include_router(workbench.routes(desk, reader, audio, watch, fetch, decode))
    if isinstance(people, Staff):
        app.include_router(sign_in.routes(people))
        app.include_router(people_pages.routes(people))
    _operations(app, reader, registry)
    _errors(app)
    return app


def published(app: FastAPI, api: FastAPI) -> None:
    """Let an application answer what everybody may ask: the API, permanent addresses, and the dashboard."""
    app.state.public_url, app.state.find_key = api.state.public_url, api.state.find_key
    app.mount("/v1", api, name="v1")
    app.include_router(citations.routes(api.state.store))
    app.include_router(dashboard.routes())


def create_public_app(
    api: FastAPI,
    reader: Reader,
    *,
    hosts: Collection[str] | None = None,
    names: Callable[[dict[str, Any]], Names] = names_of,
    registry: CollectorRegistry | None = None,
) -> FastAPI:
    """Return an application that serves only what is published: no pages of the log, no desk, nobody signs in.

    Args:
        api: What programs read, below `/v1`.
        reader: Knows the audio, which everybody may hear who may read.
        hosts: Names of hosts, besides loopback, under which it may be asked for; any by default.
        names: Gives, for a meeting document, what names its entities' codes.
        registry: Where metrics are kept; a new one by default.
    """
    registry = registry or CollectorRegistry()
    app = FastAPI(title="Floorlog", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.people = None
    _in_front(app, hosts, registry)
    published(app, api)
    boards = Boards(reader, names, pages.render)
    app.include_router(listening.routes(reader, boards, AudioReader(objects.get, flac.decode, registry)))

    @app.get("/")
    def index() -> RedirectResponse:
        return RedirectResponse("/dashboard")

    @app.get("/meetings/{meeting_id}")
    def meeting(request: Request, meeting_id: str) -> RedirectResponse:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/dashboard/{quote(meeting_id, safe='')}{query}")

    _operations(app, reader, registry)
    _errors(app)
    return app


def _in_front(app: FastAPI, hosts: Collection[str] | None, registry: CollectorRegistry) -> None:
    """Add what stands in front of every route, and the files that pages need."""
    app.add_middleware(GZipMiddleware, **COMPRESSION)
    if hosts is not None:
        app.add_middleware(Hosts, allowed=hosts)
    app.add_middleware(Guard, registry=registry)
    app.mount("/static", Static(directory=STATIC), name="static")


class Static(StaticFiles):
    """Files of ours; a browser asks each time whether its copy is still good."""

    def file_response(self, full_path: Any, stat_result: Any, scope: Scope, status_code: int = 200) -> Response:
        """Return the answer for a file."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = "no-cache"
        return response


def _operations(app: FastAPI, reader: Reader, registry: CollectorRegistry) -> None:
    @app.get("/health", response_class=PlainTextResponse)
    def health() -> str:
        return "ok\n"

    @app.get("/ready", response_class=PlainTextResponse)
    def ready() -> PlainTextResponse:
        try:
            reader.versions(())
        except FloorlogError as fault:
            return PlainTextResponse(f"{fault.reason}\n", 503)
        return PlainTextResponse("ready\n")

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _errors(app: FastAPI) -> None:
    def page(request: Request, status: int, headers: dict[str, str] | None = None) -> Response:
        if request.url.path.startswith("/v1/"):  # with a line feed in it: no mounted application is asked for those
            return problems.answer(problems.plain(status), headers)
        title, explanation = ERRORS.get(status, ("That did not work", "The request could not be answered."))
        if request.url.path.startswith(f"{API}/"):
            problem = {"type": "about:blank", "title": title, "status": status, "detail": explanation}
            kept = {**(headers or {}), **SECURITY_HEADERS, **pages.NO_STORE}
            return JSONResponse(problem, status, headers=kept, media_type="application/problem+json")
        content = pages.render("error.html", status=status, title=title, explanation=explanation)
        return HTMLResponse(content, status, headers={**(headers or {}), **SECURITY_HEADERS, **pages.NO_STORE})

    @app.exception_handler(HTTPException)
    def refused(request: Request, fault: HTTPException) -> Response:
        return page(request, fault.status_code, dict(fault.headers or {}))

    @app.exception_handler(RequestValidationError)
    def misunderstood(request: Request, fault: RequestValidationError) -> Response:
        in_path = any(error["loc"][0] == "path" for error in fault.errors())
        return page(request, 404 if in_path else 400)

    @app.exception_handler(RetryableError)
    def unavailable(request: Request, fault: RetryableError) -> Response:
        log.warning("page-unavailable", reason=fault.reason, fault=str(fault))
        return page(request, 503, {"retry-after": "5"})

    @app.exception_handler(Exception)
    def broken(request: Request, fault: Exception) -> Response:
        log.error("page-failed", route=getattr(request.scope.get("route"), "path", "none"), exc_info=fault)
        return page(request, 500)
