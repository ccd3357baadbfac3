"""Deliveries of webhooks: whether to believe one (Standard Webhooks 1.0.0, https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import cast

from floorlog.client.documents import Event
from floorlog.client.problems import WebhookRefused

TOLERANCE_S = 300.0
"""How far a delivery's time may be from now: what the libraries of Standard Webhooks allow."""


def verify_webhook(
    headers: Mapping[str, str],
    body: bytes | str,
    secret: str,
    *,
    tolerance_s: float = TOLERANCE_S,
    now_s: float | None = None,
) -> Event:
    """Return the event of a delivery that is signed with the secret.

    A delivery may come again: keep the ids of events that you have handled, and drop those you have seen.

    Args:
        headers: Of the request; upper and lower case are alike.
        body: Of the request, as it came: not parsed and written again.
        secret: As `floorlog webhook add` printed it: `whsec_…`.
        tolerance_s: How far the delivery's time may be from now, in seconds.
        now_s: The time, in seconds since 1970; that of this machine by default.

    Raises:
        WebhookRefused: a header is missing, the signature is another one, or the time is too far away.
    """
    named = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, sent, signatures = (named[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    except KeyError as missing:
        raise WebhookRefused(f"the header {missing.args[0]} is missing") from None
    try:
        sent_s = int(sent)
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (ValueError, binascii.Error):
        raise WebhookRefused("the time or the secret is not of the form that was agreed") from None
    if abs((time.time() if now_s is None else now_s) - sent_s) > tolerance_s:
        raise WebhookRefused(f"sent at {sent_s}, which is more than {tolerance_s:g} s from now")
    raw = body.encode() if isinstance(body, str) else body
    wanted = base64.b64encode(hmac.digest(key, b".".join((message_id.encode(), sent.encode(), raw)), hashlib.sha256))
    given = [item.partition(",") for item in signatures.split()]
    if not any(kind == "v1" and hmac.compare_digest(wanted, value.encode()) for kind, _, value in given):
        raise WebhookRefused("no signature of the delivery is one with this secret")
    return cast(Event, json.loads(raw))
