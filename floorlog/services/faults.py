"""What becomes of a fault: it is tried again, or it is kept as a dead letter. The one place for that rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import structlog

from floorlog.adapters.store import Refusal, Store, dead_letter_id
from floorlog.announcements import Segment, decode
from floorlog.errors import FloorlogError, PermanentError, RetryableError
from floorlog.services import intake

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AttemptLimits:
    """When a retryable fault becomes a dead letter: at `count` attempts, once the first lies `age_s` back.

    Both must be reached, so that a store or a bucket that is down for a minute does not bury what was announced.
    """

    count: int = 8
    age_s: int = 120


class Fault(NamedTuple):
    """Why a stage could not go on with a payload."""

    stage: str
    payload: bytes
    reason: str
    message: str
    json_path: str | None
    retryable: bool

    @staticmethod
    def of(stage: str, payload: bytes, error: FloorlogError) -> Fault:
        """Return the fault that an error of ours means."""
        path = error.json_path if isinstance(error, PermanentError) else None
        return Fault(stage, payload, error.reason, str(error), path, isinstance(error, RetryableError))

    @staticmethod
    def crash(payload: bytes, error: BaseException) -> Fault:
        """Return the fault that an unexpected error means: a bug, tried again in case it passes."""
        return Fault("run", payload, "crash", f"{type(error).__name__}: {error}"[:2000], None, retryable=True)


class Verdict(NamedTuple):
    """What was decided; `meeting_id` is set where a dead letter opened a gap in a meeting."""

    again: bool
    meeting_id: str | None = None


def judge(store: Store, fault: Fault, limits: AttemptLimits) -> Verdict:
    """Count a retryable fault; keep a dead letter of a permanent one, or of one that was counted often enough.

    Raises:
        StoreUnavailable: the store does not answer; nothing was decided.
    """
    key = dead_letter_id(fault.payload)
    attempt = store.count_attempt(key, fault.reason) if fault.retryable else None
    if attempt is not None and (attempt.count < limits.count or attempt.age_s < limits.age_s):
        log.info("fault-again", stage=fault.stage, reason=fault.reason, key=key, attempt=attempt.count)
        return Verdict(again=True)
    kept = store.put_dead_letter(
        Refusal(
            fault.stage, fault.reason, fault.message, fault.payload, fault.json_path, attempt, _segment(fault.payload)
        )
    )
    log.warning("dead-letter", stage=fault.stage, reason=fault.reason, key=key, meeting_id=kept.meeting_id)
    return Verdict(again=False, meeting_id=kept.meeting_id)


def _segment(payload: bytes) -> Segment | None:
    """Return the announcement of a segment that a payload holds, if it holds a valid one."""
    try:
        announcement = decode(intake.parse(payload))
    except PermanentError:
        return None
    return announcement if isinstance(announcement, Segment) else None
