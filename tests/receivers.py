"""Receivers of webhooks for tests: sockets that answer as they are told, well or badly."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Behave = Callable[[socket.socket, bytes], None]
"""Do something with a connection, once a request (head and body) was read from it."""


def saying(status: str, *headers: str, body: bytes = b"") -> Behave:
    """Answer like an ordinary server, and close."""
    head = "\r\n".join((f"HTTP/1.1 {status}", *headers, f"content-length: {len(body)}", "connection: close", "", ""))
    return lambda connection, _: connection.sendall(head.encode() + body)


@contextmanager
def receiver(behave: Behave) -> Iterator[tuple[str, list[bytes]]]:
    """The address of a receiver on this machine, and the requests that it got, as bytes."""
    got: list[bytes] = []
    over = threading.Event()

    def serve(listener: socket.socket) -> None:
        while not over.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            got.append(_request(connection))
            behave(connection, got[-1])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook", got
        finally:
            over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def _request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(65536)
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def headers_of(request: bytes) -> dict[str, str]:
    """The headers of a request, by their names in lower case."""
    lines = request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def body_of(request: bytes) -> bytes:
    """The body of a request."""
    return request.partition(b"\r\n\r\n")[2]
