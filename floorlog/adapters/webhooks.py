"""Sends signed events to webhooks (Standard Webhooks 1.0), whatever the receiver does with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from floorlog import __version__
from floorlog.adapters.guarded_network import GuardedTransport
from floorlog.errors import AddressRefused
from floorlog.relaying import check_receiver, signature

LIMIT_S = 15.0
"""How long one attempt may take, all in all: what Standard Webhooks 1.0 suggests at least ("Delivering webhooks")."""

READ_BYTES = 16 * 1024
"""How much of an answer is read: all of a short one, so that the connection serves again, and no more of a long one."""

GONE = 410


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of sending. `error` None: it was taken. `asked_s`: after how long the receiver wants it again."""

    status: int | None
    duration_ms: int
    error: str | None
    asked_s: float | None = None

    @property
    def gone(self) -> bool:
        """Return whether the receiver wants nothing any more."""
        return self.status == GONE


class Sender:
    """Connections to receivers; several threads may share them.

    Args:
        inside: Whether `http` and addresses inside this network are allowed.
        limit_s: How long one attempt may take.
        transport: Makes the connections.
        now_s: Seconds since 1970, for the time in the signature.
    """

    def __init__(
        self,
        *,
        inside: bool,
        limit_s: float = LIMIT_S,
        transport: GuardedTransport | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._inside, self._limit_s, self._now_s = inside, limit_s, now_s
        self._transport = transport or GuardedTransport()
        agent = {"user-agent": f"Floorlog/{__version__} (webhooks)", "accept": "*/*"}
        self._client = httpx.Client(
            transport=self._transport, headers=agent, timeout=limit_s, follow_redirects=False, trust_env=False
        )

    def send(self, url: str, secret: str, message_id: str, body: bytes, content_type: str) -> Answer:
        """Send one message, and return what the receiver answered, or why it did not.

        Args:
            url: Where to.
            secret: Signs it.
            message_id: The same for each attempt, so that a receiver can drop what it has.
            body: What is sent.
            content_type: What it is.
        """
        began = time.monotonic()

        def answer(status: int | None, error: str | None, asked_s: float | None = None) -> Answer:
            return Answer(status, round(1000 * (time.monotonic() - began)), error, asked_s)

        sent_s = int(self._now_s())
        headers = {
            "content-type": content_type,
            "webhook-id": message_id,
            "webhook-timestamp": str(sent_s),
            "webhook-signature": signature(secret, message_id, sent_s, body),
        }
        try:
            check_receiver(url, inside=self._inside)
            # What names an address may lead where it lies itself: a public name never to an address inside.
            named_by = None if self._inside else url
            with (
                self._transport.request(named_by, self._limit_s),
                self._client.stream("POST", url, content=body, headers=headers) as response,
            ):
                _drain(response)
                status = response.status_code
                if 200 <= status < 300:
                    return answer(status, None)
                return answer(status, _said(response), _asked_s(response, self._now_s()))
        except AddressRefused as refused:
            return answer(None, str(refused))
        except (httpx.TimeoutException, TimeoutError):
            return answer(None, f"no answer within {self._limit_s:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as fault:
            return answer(None, f"{type(fault).__name__}: {fault}"[:300])

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


def _drain(response: httpx.Response) -> None:
    read_bytes = 0
    for piece in response.iter_raw():
        read_bytes += len(piece)
        if read_bytes > READ_BYTES:
            return


def _said(response: httpx.Response) -> str:
    if response.is_redirect:
        return f"it answered {response.status_code} and leads elsewhere: redirects are not followed"
    return f"it answered {response.status_code}"


def _asked_s(response: httpx.Response, now_s: float) -> float | None:
    """Return the seconds of `Retry-After` (RFC 9110, section 10.2.3); None where it is not there or not understood."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        moment: datetime = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now_s)
