"""Connections of httpx that end in time, and that lead into this network only where an operator sent them."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from floorlog.addresses import host_of, is_private, is_private_ip
from floorlog.errors import AddressRefused

Resolve = Callable[[str, int], Sequence[str]]
"""Return the IP addresses of a host, for a port; raise OSError where there are none."""


def resolve(host: str, port: int) -> Sequence[str]:
    """Return a host's IP addresses, as this machine resolves names."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class GuardedTransport(httpx.HTTPTransport):
    """A transport whose requests are made inside `request(…)`: it knows who named the address, and until when.

    A name is resolved once for each connection, looked at, and the connection goes to what was looked at: a name that
    resolves to something else a moment later gains nothing. Proxies are not used.
    """

    def __init__(self, resolve: Resolve = resolve, backend: httpcore.NetworkBackend | None = None) -> None:
        super().__init__()
        self._network = _Network(resolve, backend or httpcore.SyncBackend())
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(), max_connections=32, network_backend=self._network
        )

    @contextmanager
    def request(self, named_by: str | None, limit_s: float) -> Iterator[None]:
        """Allow this thread's requests where `named_by` may send them, and until `limit_s` seconds from now.

        Raises:
            AddressRefused: a name resolves to an address inside this network, and what named it is outside.
        """
        state, before = self._network.thread, dict(vars(self._network.thread))
        state.named_by, state.deadline = named_by, time.monotonic() + limit_s
        try:
            yield
        finally:
            vars(state).clear()
            vars(state).update(before)


class _Thread(threading.local):
    named_by: str | None = None
    deadline: float | None = None

    def left_s(self, timeout: float | None) -> float | None:
        """Return how long the next step of this thread's request may take.

        Raises:
            httpcore.ReadTimeout: its time is over.
        """
        if self.deadline is None:
            return timeout
        left_s = self.deadline - time.monotonic()
        if left_s <= 0:
            raise httpcore.ReadTimeout("the answer as a whole took too long")
        return left_s if timeout is None else min(timeout, left_s)


class _Network(httpcore.NetworkBackend):
    def __init__(self, resolve: Resolve, inner: httpcore.NetworkBackend) -> None:
        self.thread, self._resolve, self._inner = _Thread(), resolve, inner
        self._was_private: dict[str, bool] = {}

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} has no address: {error}") from error
        private = any(is_private_ip(ipaddress.ip_address(each.partition("%")[0])) for each in addresses)
        named_by = self.thread.named_by
        if named_by is not None and private and not self._is_inside(host_of(named_by)):
            raise AddressRefused(f"{host}:{port}", "its name resolves to an address inside this network", named_by)
        self._was_private.setdefault(host, private)
        fault: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                stream = self._inner.connect_tcp(
                    address, port, self.thread.left_s(timeout), local_address, socket_options
                )
                return _Stream(stream, self.thread)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
        raise fault

    def _is_inside(self, naming_host: str) -> bool:
        """Return whether what names an address was itself inside this network when it was first asked."""
        return self._was_private.get(naming_host, is_private(naming_host))


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, thread: _Thread) -> None:
        self._inner, self._thread = inner, thread

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._thread.left_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._thread.left_s(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._thread.left_s(timeout))
        return _Stream(inner, self._thread)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
