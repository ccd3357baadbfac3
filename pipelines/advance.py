"""Let each meeting's floor hear what has arrived, in order."""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam
import structlog

from floorlog.errors import RetryableError
from floorlog.services import advance, engines
from pipelines.elements import Plan

log = structlog.get_logger()


class AdvanceMeeting(beam.DoFn):
    """Move meetings on, each in one transaction that is over when the ids leave this step.

    Input:  ids of meetings whose transcripts, gaps or deadlines changed (`""`: any); repeats and any order are fine.
    Output: ids of records that changed.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def setup(self) -> None:
        """Open the store, once per process."""
        self.store = engines.store(self.plan.store)

    def process(self, meeting_id: str) -> Iterator[str]:
        """Yield the ids of the records that changed.

        What was heard is stored already, so a store that does not answer costs nothing: the next tick moves the floor.
        """
        try:
            yield from advance.advance(self.store, meeting_id) if meeting_id else advance.tick(self.store)
        except RetryableError as error:
            log.warning("advance-postponed", meeting_id=meeting_id, reason=error.reason)
