"""The web application: its routes, its errors, and the server that runs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import structlog
import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from numpy.typing import NDArray
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from floorlog.adapters import flac, objects
from floorlog.adapters.store import open_store
from floorlog.config import Settings
from floorlog.errors import FloorlogError, RetryableError
from floorlog.services import status
from floorlog.services.bench import Bench
from floorlog.services.signing_in import Lifetimes
from workers.gauges import Gauges
from workers.standings import standings
from workers.web import accounting, dashboard, listening, pages, people_pages, sign_in
from workers.web import desk as workbench
from workers.web.audio import AudioReader
from workers.web.board import Boards
from workers.web.desk import Desk
from workers.web.guard import SECURITY_HEADERS, Guard
from workers.web.hosts import Hosts, allowed_by
from workers.web.people import API, Sessions, carries_token
from workers.web.reading import Reader
from workers.web.shelf import Shelf, names_of
from workers.web.staff import Staff
from workers.web.stream import LOOK_EVERY_S, Watch
from workers.web.turns import Names
from workers.web.v1 import create_api

STATIC = Path(__file__).parent / "static"

SHUTDOWN_S = 2
"""How long open streams may hold up the end of the process."""

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
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    if hosts is not None:
        app.add_middleware(Hosts, allowed=hosts)
    app.add_middleware(Guard, registry=registry)
    app.mount("/static", Static(directory=STATIC), name="static")
    if api is not None:
        app.mount("/v1", api, name="v1")
    app.include_router(pages.routes(reader, boards, watch, registry))
    app.include_router(accounting.routes(reader, boards))
    app.include_router(listening.routes(reader, boards, audio))
    app.include_router(dashboard.routes())
    if desk is not None:
        app.include_router(workbench.routes(desk, reader, audio, watch, fetch, decode))
    if isinstance(people, Staff):
        app.include_router(sign_in.routes(people))
        app.include_router(people_pages.routes(people))
    _operations(app, reader, registry)
    _errors(app)
    return app


def serve(settings: Settings) -> None:
    """Serve the pages until the process is told to end.

    Args:
        settings: Names the store, and the address to serve on.
    """
    store = open_store(settings.database_url)
    store.migrate()
    registry = CollectorRegistry()
    captures = partial(standings, settings.data_dir)
    registry.register(Gauges(lambda: status.of_everything(settings.subscription), captures=captures))
    desk = Desk(Bench(store), settings.data_dir / "peaks")
    lifetimes = Lifetimes(timedelta(minutes=settings.session_idle_min), timedelta(hours=settings.session_max_h))
    staff = Staff(store, lifetimes, settings.base_url())
    api = create_api(store, public_url=settings.public_url.rstrip("/"), rate=settings.rate)
    app = create_app(
        Shelf(store),
        people=staff,
        hosts=allowed_by(settings),
        desk=desk,
        api=api,
        names=names_of,
        registry=registry,
    )
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    Server(config, app.state.watch).run()


class Server(uvicorn.Server):
    """Uvicorn that lets streams end when the process is told to; by itself it waits for readers to leave."""

    def __init__(self, config: uvicorn.Config, watch: Watch) -> None:
        super().__init__(config)
        self._watch = watch

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End what is open, and stop."""
        self._watch.stop()
        super().handle_exit(sig, frame)


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
