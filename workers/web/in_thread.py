"""An application served by a thread of this process: to measure it, beside what asks it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

LOOK_S = 0.02


@contextmanager
def served(app: Any, listener: socket.socket) -> Iterator[None]:
    """Serve an application on a socket that listens, from its start to the end of the block."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        thread.join(LOOK_S)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
