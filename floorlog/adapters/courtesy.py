"""A courteous client for the pages and interfaces of others: identified, cached, slow, patient, and hard to mislead."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

import floorlog
from floorlog.adapters.guarded_network import GuardedTransport
from floorlog.adapters.host_turns import LONGEST_WAIT_S, USUAL, Host, Pace
from floorlog.adapters.kept_answers import Answer, KeptAnswers
from floorlog.addresses import Policy, host_of
from floorlog.errors import InvalidAnswer, OriginUnavailable

TIMEOUT_S = 30.0
"""One request, from the first byte sent to the last byte read (transcripts.un.org, lib/upstream-http.ts)."""

ATTEMPTS = 3
"""At most two retries (same source)."""

REDIRECTS = 5
"""Same source; each is checked by the address policy."""

BACKOFF_S = 1.0
"""The first retry comes after about this long, the second after twice that; a random half is added to each."""

MAX_BODY_BYTES = 4 * 2**20
"""A day's schedule is below 1 MB; more than this is not read."""

TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
"""Answers that may be others in a moment; 429 and 503 may say when (RFC 9110, 10.2.3)."""


class CourteousClient:
    """Asks hosts as slowly as each is to be asked; safe to use from several threads.

    Args:
        policy: which addresses may be asked.
        contact: how whoever is asked can reach the operator: the address of a page, or mailto:. May be empty.
        paces: how each host is asked.
        kept: folder of kept answers; None: nothing is kept.
        timeout_s: seconds of one request as a whole.
        transport: makes connections.
        clock: monotonic seconds.
        sleep: waits, in seconds.
        utc_now: the wall clock.
        chance: a number in [0, 1).
    """

    def __init__(
        self,
        policy: Policy,
        contact: str = "",
        paces: Mapping[str, Pace] | None = None,
        *,
        kept: Path | None = None,
        timeout_s: float = TIMEOUT_S,
        transport: GuardedTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        utc_now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._policy, self._paces = policy, dict(paces or {})
        self._clock, self._sleep, self._utc_now, self._chance = clock, sleep, utc_now, chance
        self._kept = KeptAnswers(kept, utc_now) if kept else None
        self._timeout_s = timeout_s
        self._transport = transport or GuardedTransport()
        self._hosts: dict[str, Host] = {}
        self._lock = threading.Lock()
        reach = f"; +{contact}" if contact else ""
        agent = f"floorlog/{floorlog.__version__} (automatic meeting log{reach})"
        self._client = httpx.Client(
            transport=self._transport,
            headers={"User-Agent": agent, "Accept-Encoding": "gzip, deflate"},
            timeout=httpx.Timeout(10.0, connect=5.0),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> CourteousClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def get(self, url: str, *, ttl_s: float = 0.0, named_by: str | None = None, follow: bool = True) -> Answer:
        """Return the answer to a GET; 4xx are answers, which the caller understands.

        Args:
            url: what is asked.
            ttl_s: seconds for which an answer of 200 may be kept, and given again without asking.
            named_by: the address that named this one; None where an operator did.
            follow: whether redirects are followed.

        Raises:
            AddressRefused: the address, or one that it redirects to, may not be asked.
            OriginUnavailable: no answer, or a fault that may pass, each time it was tried.
            InvalidAnswer: too much, or redirects without end.
        """
        return self._ask("GET", url, None, ttl_s, named_by, follow)

    def post_json(self, url: str, document: Any) -> Any:
        """Return the JSON that a POST of JSON is answered with.

        Raises:
            AddressRefused: the address may not be asked.
            OriginUnavailable: no answer, or a fault that may pass, each time it was tried.
            InvalidAnswer: anything else than JSON.
        """
        answer = self._ask("POST", url, json.dumps(document).encode(), 0.0, None, False)
        if answer.status != httpx.codes.OK:
            raise InvalidAnswer(url, f"HTTP {answer.status}")
        try:
            return json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            kind = answer.headers.get("content-type", "no content type")
            raise InvalidAnswer(url, f"JSON is expected, not {kind[:80]}") from error

    def join(self, base: str, location: str) -> str:
        """Return the absolute address that an answer names, if it may be asked.

        Raises:
            AddressRefused: it may not.
            InvalidAnswer: it is none.
        """
        try:
            target = str(httpx.URL(base).join(location))
        except httpx.InvalidURL as error:
            raise InvalidAnswer(base, f"redirects to what is no address: {error}") from error
        self._policy.check(target, base)
        return target

    def _ask(
        self, method: str, url: str, body: bytes | None, ttl_s: float, named_by: str | None, follow: bool
    ) -> Answer:
        asked = f"{method} {follow} {url}"
        if self._kept and ttl_s > 0 and (kept := self._kept.find(asked)):
            return kept
        answer = self._once(method, url, body, named_by)
        first, hops = url, 0
        while follow and 300 <= answer.status < 400 and "location" in answer.headers:
            if (hops := hops + 1) > REDIRECTS:
                raise InvalidAnswer(first, f"more than {REDIRECTS} redirects")
            target = self.join(answer.url, answer.headers["location"])
            answer = self._once(method, target, body, answer.url)
        if self._kept and ttl_s > 0 and answer.status == httpx.codes.OK:
            self._kept.keep(asked, answer, ttl_s)
        return answer

    def _once(self, method: str, url: str, body: bytes | None, named_by: str | None) -> Answer:
        """Ask one address, again where that may help."""
        self._policy.check(url, named_by)
        name = host_of(url)
        with self._lock:
            host = self._hosts.setdefault(name, Host(self._paces.get(name, USUAL)))
        retrying = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            retry=retry_if_exception_type(_TryAgain),
            wait=self._wait_s,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(self._try, host, method, url, body, named_by)
        except _TryAgain as again:
            raise OriginUnavailable(url, again.why) from again

    def _try(self, host: Host, method: str, url: str, body: bytes | None, named_by: str | None) -> Answer:
        with host.turn(url, self._clock, self._sleep):
            try:
                answer = self._send(method, url, body, named_by)
            except (httpx.HTTPError, httpx.StreamError) as error:
                raise _TryAgain(str(error) or type(error).__name__, None) from error
            except httpx.InvalidURL as error:
                raise InvalidAnswer(url, str(error)) from error
        if answer.status in TRY_AGAIN:
            wait_s = self._retry_after_s(answer.headers.get("retry-after"))
            if wait_s is not None:
                host.leave_alone_until(self._clock() + wait_s)
                if wait_s > LONGEST_WAIT_S:
                    raise OriginUnavailable(url, f"HTTP {answer.status}: asks to wait {wait_s:.0f} s")
            raise _TryAgain(f"HTTP {answer.status}", wait_s)
        return answer

    def _send(self, method: str, url: str, body: bytes | None, named_by: str | None) -> Answer:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        with (
            self._transport.request(named_by, self._timeout_s),
            self._client.stream(method, url, content=body, headers=headers) as response,
        ):
            data = bytearray()
            for chunk in response.iter_bytes(65536):
                data += chunk
                if len(data) > MAX_BODY_BYTES:
                    raise InvalidAnswer(url, f"more than {MAX_BODY_BYTES} bytes")
            return Answer(url, response.status_code, {k.lower(): v for k, v in response.headers.items()}, bytes(data))

    def _wait_s(self, state: RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, _TryAgain) and fault.wait_s is not None:
            return fault.wait_s
        return BACKOFF_S * float(2 ** (state.attempt_number - 1)) * (1.0 + self._chance() / 2)

    def _retry_after_s(self, header: str | None) -> float | None:
        """Return how long to wait, from seconds or a date; None where it is neither."""
        if header is None:
            return None
        if header.strip().isascii() and header.strip().isdecimal():
            return float(header.strip()[:9])
        try:
            moment = parsedate_to_datetime(header)
        except ValueError:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (aware - self._utc_now()).total_seconds())


class _TryAgain(Exception):
    """An answer that may be another one in a moment; never leaves this module."""

    def __init__(self, why: str, wait_s: float | None) -> None:
        super().__init__(why)
        self.why, self.wait_s = why, wait_s
