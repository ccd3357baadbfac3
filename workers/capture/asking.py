"""One request at a time, bounded in every way: by its addresses, its redirects, its length, and its whole time.

An origin may be broken or hostile. Time-outs of single reads alone would let a server that sends a byte now and then
hold a request for ever.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

import floorlog
from floorlog.adapters.guarded_network import GuardedTransport
from floorlog.addresses import Policy
from floorlog.errors import OriginUnavailable

USER_AGENT = f"floorlog/{floorlog.__version__} (automatic meeting log)"

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
"""Connect 5 s, read 10 s: a live segment whose next bytes take longer is better asked for again."""

REQUEST_S = 30.0
"""The whole time of one request, redirects included: a media segment is 6 s of audio, and others wait behind it."""

REDIRECTS = 5


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
        self._network = GuardedTransport()
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
        self._client = httpx.Client(transport=self._network, timeout=TIMEOUT, headers=headers, follow_redirects=False)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

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
        deadline_s = time.monotonic() + self._request_s
        try:
            for _ in range(REDIRECTS + 1):
                self._policy.check(url, named_by)
                with self._network.request(named_by, deadline_s - time.monotonic()):
                    answer = self._ask(url, limit_bytes, byte_range)
                if isinstance(answer, Body):
                    return answer
                url, named_by = urljoin(url, answer), url
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise OriginUnavailable(url, type(error).__name__) from error
        except ValueError as error:  # a redirect to what is no address
            raise OriginUnavailable(url, str(error)[:200]) from error
        raise OriginUnavailable(url, f"more than {REDIRECTS} redirects")

    def _ask(self, url: str, limit_bytes: int, byte_range: tuple[int, int] | None) -> Body | str:
        """Return what is answered, or where that has moved to."""
        headers = {}
        if byte_range is not None:
            first, length = byte_range
            headers["Range"] = f"bytes={first}-{first + length - 1}"
            limit_bytes = min(limit_bytes, length)
        with self._client.stream("GET", url, headers=headers) as response:
            if response.has_redirect_location:
                return response.headers["location"]
            if byte_range is not None and response.status_code == httpx.codes.OK:
                raise OriginUnavailable(url, "it serves no parts of a file", response.status_code)
            if response.status_code != (httpx.codes.OK if byte_range is None else httpx.codes.PARTIAL_CONTENT):
                raise OriginUnavailable(url, f"HTTP {response.status_code}", response.status_code)
            said = response.headers.get("content-length", "")
            if said.isascii() and said.isdigit() and int(said) > limit_bytes:
                return Body(url, b"", False)
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > limit_bytes:
                    return Body(url, b"", False)
            if byte_range is not None and len(body) != byte_range[1]:
                raise OriginUnavailable(url, f"{len(body)} of {byte_range[1]} bytes")
            return Body(url, bytes(body), True)
