"""One request at a time, bounded in every way: by its addresses, its redirects, its length, and its whole time.

An origin may be broken or hostile. A read time-out alone lets a server that sends a byte now and then hold a request
for ever, so each request has a deadline. A public name may resolve to an address inside this network, so names are
resolved here, checked, and connected to by the address that was checked.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore

import floorlog
from floorlog.addresses import Policy, host_of, is_private, is_private_ip
from floorlog.errors import AddressRefused, OriginUnavailable

USER_AGENT = f"floorlog/{floorlog.__version__} (automatic meeting log)"

CONNECT_S, READ_S = 5.0, 10.0
"""A live media segment whose next bytes take longer is better asked for again."""

REQUEST_S = 30.0
"""The whole time of one request, redirects included: a media segment is 6 s of audio, and others wait behind it."""

REDIRECTS = 5

_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Body:
    """What was answered. `whole` is false if there was more than was asked for: `data` is then not to be used."""

    url: str
    data: bytes
    whole: bool


class Asker:
    """Asks origins, for any number of threads. Connections are kept and used again."""

    def __init__(self, policy: Policy, *, request_s: float = REQUEST_S) -> None:
        self._policy, self._request_s = policy, request_s
        self._network = _Network()
        self._tls = ssl.create_default_context()
        self._pools: dict[str, httpcore.ConnectionPool] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.close()

    def get(
        self, url: str, limit_bytes: int, *, named_by: str | None = None, byte_range: tuple[int, int] | None = None
    ) -> Body:
        """Return the address after redirects, and what it answers.

        Args:
            url: absolute.
            limit_bytes: more is not read.
            named_by: the address of what names it; None where an operator does.
            byte_range: first byte and length of the part that is wanted; None: all.

        Raises:
            AddressRefused: it, or where it leads, may not be asked.
            OriginUnavailable: no answer in time, or not this answer.
        """
        if named_by is None:
            self._network.trusted.add(host_of(url))
        self._network.until(time.monotonic() + self._request_s)
        try:
            for _ in range(REDIRECTS + 1):
                self._policy.check(url, named_by)
                body, moved = self._ask(url, limit_bytes, byte_range)
                if moved is None:
                    return body
                url, named_by = urljoin(url, moved), url
        except (httpcore.TimeoutException, TimeoutError) as error:
            raise OriginUnavailable(url, type(error).__name__) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
            raise OriginUnavailable(url, f"{type(error).__name__}: {error}"[:200]) from error
        raise OriginUnavailable(url, f"more than {REDIRECTS} redirects")

    def _ask(self, url: str, limit_bytes: int, byte_range: tuple[int, int] | None) -> tuple[Body, str | None]:
        headers = [("User-Agent", USER_AGENT), ("Accept-Encoding", "identity")]
        if byte_range is not None:
            first, length = byte_range
            headers.append(("Range", f"bytes={first}-{first + length - 1}"))
            limit_bytes = min(limit_bytes, length)
        timeouts = {"connect": CONNECT_S, "read": READ_S, "write": READ_S, "pool": CONNECT_S}
        with self._pool(url).stream(
            "GET", url.encode("utf-8"), headers=headers, extensions={"timeout": timeouts}
        ) as response:
            known = {name.lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in _MOVED and known.get(b"location"):
                return Body(url, b"", True), known[b"location"]
            if byte_range is not None and response.status == 200:
                raise OriginUnavailable(url, "it serves no parts of a file", response.status)
            if response.status != (200 if byte_range is None else 206):
                raise OriginUnavailable(url, f"HTTP {response.status}", response.status)
            if known.get(b"content-encoding", "identity") != "identity":
                raise OriginUnavailable(url, f"it is encoded as {known[b'content-encoding']}, unasked")
            length_said = known.get(b"content-length", "")
            if length_said.isascii() and length_said.isdigit() and int(length_said) > limit_bytes:
                return Body(url, b"", False), None
            body = bytearray()
            for chunk in response.iter_stream():
                body += chunk
                if len(body) > limit_bytes:
                    return Body(url, b"", False), None
            if byte_range is not None and len(body) != byte_range[1]:
                raise OriginUnavailable(url, f"{len(body)} of {byte_range[1]} bytes")
            return Body(url, bytes(body), True), None

    def _pool(self, url: str) -> httpcore.ConnectionPool:
        """Return the connections to use: direct ones, or those to the proxy that the environment names."""
        parts = urlsplit(url)
        proxy = "" if urllib.request.proxy_bypass(parts.hostname or "") else _proxies().get(parts.scheme, "")
        with self._lock:
            if proxy not in self._pools:
                if proxy:
                    self._network.trusted.add(host_of(proxy))
                self._pools[proxy] = httpcore.ConnectionPool(
                    ssl_context=self._tls,
                    proxy=httpcore.Proxy(proxy) if proxy else None,
                    max_connections=None,
                    max_keepalive_connections=16,
                    keepalive_expiry=30.0,
                    network_backend=self._network,
                )
            return self._pools[proxy]


def _proxies() -> dict[str, str]:
    return urllib.request.getproxies()


class _Network(httpcore.NetworkBackend):
    """Connects to addresses that were checked; what a thread reads and writes ends at that thread's deadline."""

    def __init__(self) -> None:
        self.trusted: set[str] = set()
        """Hosts that an operator named: they may be inside this network."""
        self._sync = httpcore.SyncBackend()
        self._here = threading.local()

    def until(self, deadline_s: float) -> None:
        """Set the deadline of what this thread does from now on, by the monotonic clock."""
        self._here.deadline_s = deadline_s

    def left_s(self, timeout: float | None) -> float:
        """Return how long this thread may wait.

        Raises:
            TimeoutError: it may not wait any more.
        """
        left_s = float(self._here.deadline_s) - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the request takes too long")
        return left_s if timeout is None else min(left_s, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        if host not in self.trusted and not is_private(host):
            for *_, address in found:
                if is_private_ip(ipaddress.ip_address(str(address[0]).partition("%")[0])):
                    raise AddressRefused(f"//{host}:{port}", f"the name leads into this network, to {address[0]}")
        failure: Exception | None = None
        for *_, address in found:
            try:
                stream = self._sync.connect_tcp(
                    str(address[0]), port, self.left_s(timeout), local_address, socket_options
                )
                return _Stream(stream, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")


class _Stream(httpcore.NetworkStream):
    """A connection whose waiting ends at the deadline of the thread that waits."""

    def __init__(self, stream: httpcore.NetworkStream, network: _Network) -> None:
        self._stream, self._network = stream, network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._network.left_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._network.left_s(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(
            self._stream.start_tls(ssl_context, server_hostname, self._network.left_s(timeout)), self._network
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
