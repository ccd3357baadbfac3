"""Requests to the server: what goes with each, and asking again where that helps."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from floorlog.client.problems import Unreachable, problem_of, retry_after_s

Value = str | int | bool | Sequence[str] | None
"""A parameter: several values are sent as several parameters of one name; None is not sent."""

AGAIN = frozenset({429, 502, 503, 504})
"""Answers that may be others in a moment (RFC 6585, section 4; RFC 9110, section 15.6)."""

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


def pause_s(failures: int) -> float:
    """Return how long to wait after so many failures in a row, in seconds: twice as long each time, and never in step.

    "Full jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/, from half the pause on.
    """
    longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (failures - 1))
    return random.uniform(longest / 2, longest)


class Connection:
    """A server under an address, and how patiently it is asked.

    Args:
        address: Of the server, without `/v1`.
        key: Sent with each request; None sends none.
        timeout_s: How long the server may be silent before a request counts as failed.
        tries: How often a request is made before it counts as failed.
        patience_s: The longest wait that the server may ask for; beyond it the client gives up at once.
        transport: How requests travel; over the network by default.
        wait: Waits for so many seconds.
    """

    def __init__(
        self,
        address: str,
        key: str | None,
        timeout_s: float,
        tries: int,
        patience_s: float,
        transport: httpx.BaseTransport | None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"user-agent": "floorlog-client/1"}
        if key is not None:
            headers["authorization"] = f"Bearer {key}"
        base = address.rstrip("/") + "/v1"
        self.http = httpx.Client(
            base_url=base, headers=headers, timeout=timeout_s, transport=transport, follow_redirects=True
        )
        self.tries, self.patience_s, self.wait = tries, patience_s, wait

    def get(self, path: str, parameters: Mapping[str, Value] | None = None) -> Any:
        """Return the JSON at a path below `/v1`.

        Raises:
            Problem: the server answered with an error.
            Unreachable: it did not answer, though asked several times.
        """
        return self._answered(path, parameters, read=True).json()

    @contextmanager
    def opened(self, path: str) -> Iterator[httpx.Response]:
        """Open the answer at a path below `/v1`, whose content is read by the caller, once.

        Raises:
            Problem: the server answered with an error.
            Unreachable: it did not answer, though asked several times, or its answer broke off.
        """
        answer = self._answered(path, None, read=False)
        try:
            yield answer
        except httpx.TransportError as fault:
            raise Unreachable(f"{answer.url}: {fault}") from fault
        finally:
            answer.close()

    def _answered(self, path: str, parameters: Mapping[str, Value] | None, *, read: bool) -> httpx.Response:
        request = self.http.build_request("GET", path, params=plain(parameters or {}))
        failures = 0
        while True:
            failures += 1
            last = failures >= self.tries
            try:
                answer = self.http.send(request, stream=True)
                if read or not answer.is_success:
                    answer.read()
            except httpx.TransportError as fault:
                if last:
                    raise Unreachable(f"{request.url}: {fault}") from fault
                self.wait(pause_s(failures))
                continue
            if answer.is_success:
                return answer
            asked_s = retry_after_s(answer)
            if last or answer.status_code not in AGAIN or (asked_s or 0) > self.patience_s:
                raise problem_of(answer)
            self.wait(pause_s(failures) if asked_s is None else asked_s)


def plain(parameters: Mapping[str, Value]) -> httpx.QueryParams:
    """Return parameters as they are sent; a name of Python's that ends in an underscore is sent without it."""
    sent: list[tuple[str, str | int | float | bool | None]] = []
    for name, value in parameters.items():
        values = [value] if isinstance(value, str | int) else value or ()
        for item in values:
            text = str(item).lower() if isinstance(item, bool) else str(item)
            sent.append((name.rstrip("_"), text))
    return httpx.QueryParams(sent)
