"""
Every error that the client raises on purpose:

* ClientError
  x Problem              the server answered with an error (RFC 9457)
    + BadRequest         400: `parameter` names what was not understood
    + NotAllowed         401, 403: the key is missing, unknown, revoked, or has not the scope
    + NotFound           404: there is no such thing, or this reader may not see it
    + Gone               410: withdrawn or removed; `detail` says why
    + TooMany            429: asked too often, and waiting longer than the client is patient
  x Unreachable          no answer, though asked several times
  x WebhookRefused       a delivery that is not signed with the secret, or too old
"""

from __future__ import annotations

from typing import Any

import httpx


class ClientError(Exception):
    """The client could not do what it was asked for."""


class Problem(ClientError):
    """The server answered with an error.

    Attributes:
        status: The HTTP status.
        type: Names the kind of problem for programs; `about:blank` where the status says all.
        title: The same in words.
        detail: What is wrong with this request.
        parameter: The parameter that is wrong; None where it is none.
        fields: The whole problem document, with fields that only some problems have.
        retry_after_s: How long the server asks to wait, in seconds; None where it does not ask.
    """

    def __init__(self, status: int, fields: dict[str, Any], retry_after_s: float | None = None) -> None:
        super().__init__(status, fields)
        self.status = status
        self.type = str(fields.get("type", "about:blank"))
        self.title = str(fields.get("title", ""))
        self.detail = str(fields.get("detail", ""))
        found = fields.get("parameter")
        self.parameter: str | None = None if found is None else str(found)
        self.fields = fields
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        named = f" ({self.parameter})" if self.parameter else ""
        return f"{self.status} {self.title}{named}: {self.detail}"


class BadRequest(Problem):
    """A parameter was not understood; `parameter` names it."""


class NotAllowed(Problem):
    """The key is missing, unknown or revoked, or has not the scope."""


class NotFound(Problem):
    """There is no such thing, or this reader may not see it."""


class Gone(Problem):
    """It was withdrawn or removed; `detail` says why."""


class TooMany(Problem):
    """Asked too often, and the server asks to wait for longer than the client is patient."""


class Unreachable(ClientError):
    """There was no answer, though the server was asked several times."""


class WebhookRefused(ClientError):
    """A delivery that must not be believed: not signed with the secret, or too old."""


KINDS: dict[int, type[Problem]] = {
    400: BadRequest,
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    410: Gone,
    429: TooMany,
}


def problem_of(answer: httpx.Response) -> Problem:
    """Return the error that an answer is; one without a problem document has its status line for a title."""
    try:
        fields = answer.json()
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        fields = {"title": answer.reason_phrase, "detail": answer.text[:200]}
    return KINDS.get(answer.status_code, Problem)(answer.status_code, fields, retry_after_s(answer))


def retry_after_s(answer: httpx.Response) -> float | None:
    """Return how long an answer asks to wait, in seconds; a date or nonsense counts as not asked."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else None
