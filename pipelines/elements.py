"""What travels between the stages, and the plain values that they carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from floorlog.services.faults import AttemptLimits, Fault
from floorlog.services.recognisers import RecogniserSettings

HEARD = "heard"
"""Tag of what goes on."""

FAULTS = "faults"
"""Tag of what failed, as a `Fault`."""

AGAIN = "again"
"""Tag of payloads that are to come again."""


class Arrival(NamedTuple):
    """An announcement on its way.

    Args:
        payload: as it was published; its digest is the key under which attempts are counted.
        announcement: the validated document.
        transcript: the document of its transcript, once there is one and it is not stored yet.
    """

    payload: bytes
    announcement: dict[str, Any]
    transcript: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Plain values for every stage: names of secrets, never a URL with a password, because DoFns are staged.

    Args:
        store: the environment variable that holds the store's URL.
        recogniser: how to transcribe.
        limits: when a retryable fault becomes a dead letter.
    """

    store: str = "DATABASE_URL"
    recogniser: RecogniserSettings = field(default_factory=RecogniserSettings)
    limits: AttemptLimits = field(default_factory=AttemptLimits)


__all__ = ["AGAIN", "FAULTS", "HEARD", "Arrival", "AttemptLimits", "Fault", "Plan"]
