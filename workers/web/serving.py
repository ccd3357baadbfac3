"""The processes that serve: all pages with the desk, or only what is published."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import FrameType

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from floorlog.adapters.store import open_store
from floorlog.config import Settings
from floorlog.services import status
from floorlog.services.bench import Bench
from floorlog.services.signing_in import Lifetimes
from workers.gauges import Gauges
from workers.relay.gauges import RelayGauges
from workers.standings import standings
from workers.web.app import create_app, create_public_app
from workers.web.desk import Desk
from workers.web.hosts import allowed_by
from workers.web.shelf import Shelf
from workers.web.staff import Staff
from workers.web.v1 import create_api

SHUTDOWN_S = 2
"""How long open streams may hold up the end of the process."""

API_THREADS = 2
"""Requests that the API works on at once; others wait their turn. Python runs one thread at a time: with anyio's 40 a
busy core answered 44 of 100 requests a second, the median after 10 s; with 2 it answered 100, the median after 11 ms
(docs/measurements.md). Two, so that one may wait for the store."""


def serve(settings: Settings) -> None:
    """Serve the pages, the desk and the API until the process is told to end.

    Args:
        settings: Names the store, and the address to serve on.
    """
    store = open_store(settings.database_url)
    store.migrate()
    registry = CollectorRegistry()
    captures = partial(standings, settings.data_dir)
    registry.register(Gauges(lambda: status.of_everything(settings.subscription), captures=captures))
    registry.register(RelayGauges(store))
    desk = Desk(Bench(store), settings.data_dir / "peaks")
    lifetimes = Lifetimes(timedelta(minutes=settings.session_idle_min), timedelta(hours=settings.session_max_h))
    staff = Staff(store, lifetimes, settings.base_url())
    api = create_api(store, public_url=settings.public_url.rstrip("/"), rate=settings.rate)
    app = create_app(Shelf(store), people=staff, hosts=allowed_by(settings), desk=desk, api=api, registry=registry)
    _run(settings, app, app.state.watch.stop, api.state.live.stop)


def serve_api(settings: Settings) -> None:
    """Serve the API, permanent addresses and the dashboard until the process is told to end; several may run.

    Args:
        settings: Names the store, and the address to serve on.
    """
    store = open_store(settings.database_url)
    store.migrate()
    api = create_api(store, public_url=settings.public_url.rstrip("/"), rate=settings.rate)
    app = create_public_app(api, Shelf(store), hosts=allowed_by(settings))
    _run(settings, app, api.state.live.stop, threads=API_THREADS)


class Server(uvicorn.Server):
    """Uvicorn that lets streams end when the process is told to; by itself it waits for readers to leave."""

    def __init__(self, config: uvicorn.Config, *stops: Callable[[], None], threads: int | None = None) -> None:
        super().__init__(config)
        self._stops, self._threads = stops, threads

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, with as many threads for requests as were asked for."""
        if self._threads is not None:
            current_default_thread_limiter().total_tokens = self._threads
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End what is open, and stop."""
        for stop in self._stops:
            stop()
        super().handle_exit(sig, frame)


def _run(settings: Settings, app: FastAPI, *stops: Callable[[], None], threads: int | None = None) -> None:
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    Server(config, *stops, threads=threads).run()
