"""What leaves to whom: which events a reader sees, shards, waits between attempts, and signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from floorlog.addresses import host_of, is_private
from floorlog.errors import AddressRefused, InvalidSetting
from floorlog.visibility import SCOPES, states

AUDIENCES: Final = ("closed", "live", "published")
"""Who may read a meeting, as its document says it."""

SHARDS: Final = 16
"""Parts into which a subscriber's events are divided, so that several relays share them."""

LONGEST_WAIT_S: Final = 3600.0
"""Longest pause between two attempts: a receiver that is back is served within an hour."""

SECRET_PREFIX: Final = "whsec_"
"""How a secret begins (Standard Webhooks 1.0, "Signature scheme")."""

SECRET_BYTES: Final = range(24, 65)
"""How long a secret may be (Standard Webhooks 1.0, "Signature scheme": 192 to 512 bits)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events somebody wants, and may see.

    Args:
        meeting_id: Only this meeting's; None: of all.
        types: Only of these types; empty: of all.
        scopes: What the reader may see beyond what everybody may: `unpublished`, `closed`.
    """

    meeting_id: str | None = None
    types: tuple[str, ...] = ()
    scopes: frozenset[str] = field(default_factory=frozenset)


EVERYTHING: Final = Wanted(scopes=frozenset(SCOPES))


def sees(audience: str, public: bool, scopes: Collection[str]) -> bool:
    """Return whether a reader sees an event: what was published like a published record, the rest like a machine's.

    Args:
        audience: The meeting's audience.
        public: Whether everybody sees the event of a published meeting.
        scopes: Of the reader.
    """
    return ("published" if public else "machine") in states(audience, scopes)


def shard_of(subject: str) -> int:
    """Return the shard of all events about a record, a meeting or a gap: 0 to `SHARDS` - 1, the same everywhere."""
    return hashlib.sha256(subject.encode()).digest()[0] % SHARDS


def fair_share(relays: int) -> int:
    """Return how many of a subscriber's shards one of several relays takes at most."""
    return -(-SHARDS // max(1, relays))


def wait_s(failures: int, first_s: float, chance: float, asked_s: float | None = None) -> float:
    """Return how long to wait before the next attempt, in seconds.

    It doubles with each failure, and half of it is left to chance, so that many do not come back at once ("equal
    jitter", M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog 2015).

    Args:
        failures: How often it failed, at least once.
        first_s: The wait after the first failure.
        chance: A random number in [0, 1).
        asked_s: What the receiver asked for (`Retry-After`); it counts where it is longer, up to `LONGEST_WAIT_S`.
    """
    longest_s = min(first_s * 2.0 ** min(failures - 1, 30), LONGEST_WAIT_S)
    waited_s = longest_s / 2 * (1 + chance)
    return max(waited_s, min(asked_s or 0.0, LONGEST_WAIT_S))


def signature(secret: str, message_id: str, sent_s: int, body: bytes) -> str:
    """Return the signature of a message as Standard Webhooks 1.0 has it: `v1,` and a base64 HMAC-SHA256.

    Args:
        secret: `whsec_` and the base64 of the key.
        message_id: Value of the header `webhook-id`.
        sent_s: Value of the header `webhook-timestamp`, seconds since 1970.
        body: The bytes that are sent.

    Raises:
        InvalidSetting: the secret is none.
    """
    signed = f"{message_id}.{sent_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key_of(secret), signed, "sha256")).decode()


def secret_of(key: bytes) -> str:
    """Return the form in which a key is given to a receiver."""
    return SECRET_PREFIX + base64.b64encode(key).decode()


def key_of(secret: str) -> bytes:
    """Return the key in a secret.

    Raises:
        InvalidSetting: it is no secret, or its key is too short or too long.
    """
    try:
        if not secret.startswith(SECRET_PREFIX):
            raise ValueError
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) not in SECRET_BYTES:
        # Not the value itself: it may be nearly right.
        raise InvalidSetting("secret", "…", f"{SECRET_PREFIX} and the base64 of 24 to 64 bytes")
    return key


def check_receiver(url: str, *, inside: bool) -> None:
    """Refuse the address of a webhook where events may not go.

    Args:
        url: The address.
        inside: Whether `http` and addresses inside this network are allowed.

    Raises:
        AddressRefused: it is no http or https address, carries a name or password, or leads inside where it may not.
    """
    host = host_of(url)
    if "@" in url.split("//", 1)[1].split("/", 1)[0]:
        raise AddressRefused(url, "it carries a name or a password")
    if inside:
        return
    if not url.lower().startswith("https://"):
        raise AddressRefused(url, "webhooks go to https addresses; FLOORLOG_WEBHOOK_INSIDE=yes allows http")
    if is_private(host):
        raise AddressRefused(url, "it is inside this network; FLOORLOG_WEBHOOK_INSIDE=yes allows that")
