"""Decide of each fault whether to try again or to keep a dead letter."""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam

from floorlog.errors import RetryableError
from floorlog.services import engines, faults
from pipelines.elements import AGAIN, Fault, Plan


class JudgeFault(beam.DoFn):
    """Count a retryable fault; keep a dead letter of a permanent one, or of one that was counted too often.

    Input:  faults of every stage.
    Output: ids of meetings in which a dead letter opened a gap; payloads that are to come again apart.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def setup(self) -> None:
        """Open the store, once per process."""
        self.store = engines.store(self.plan.store)

    def process(self, fault: Fault) -> Iterator[str | beam.pvalue.TaggedOutput]:
        """Yield the meeting's id where the floor has something to hear, or the payload."""
        try:
            verdict = faults.judge(self.store, fault, self.plan.limits)
        except RetryableError:
            yield beam.pvalue.TaggedOutput(AGAIN, fault.payload)
            return
        if verdict.again:
            yield beam.pvalue.TaggedOutput(AGAIN, fault.payload)
        elif verdict.meeting_id is not None:
            yield verdict.meeting_id
