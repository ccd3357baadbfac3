"""Serves an application on 127.0.0.1, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from floorlog.errors import InvalidSetting


class Serving:
    """A server that serves from when it is made until `stop`.

    Args:
        routes: what it answers.
        port: 0 takes a free one.

    Raises:
        InvalidSetting: the port is taken.
    """

    def __init__(self, routes: list[BaseRoute], port: int = 0) -> None:
        listener = _listen(port)
        self.port: int = listener.getsockname()[1]
        settings = uvicorn.Config(
            Starlette(routes=routes),
            lifespan="off",
            log_level="critical",  # an answer that breaks off on purpose is no error of the server
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="origin", daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> str:
        """Return where it is, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Finish what is being sent, and close."""
        self._server.should_exit = True
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as fault:
        listener.close()
        raise InvalidSetting("port", str(port), str(fault)) from fault
    listener.listen()  # from here on a client may connect, though the server still starts
    return listener
