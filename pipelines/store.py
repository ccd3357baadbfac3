"""Store each transcript, so that a step that runs again finds it."""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam

from floorlog.errors import FloorlogError
from floorlog.services import engines, intake
from pipelines.elements import FAULTS, Arrival, Fault, Plan


class StoreTranscript(beam.DoFn):
    """Commit what was heard; the first transcript of a segment and recogniser wins.

    Input:  arrivals, with or without a new transcript.
    Output: ids of meetings that have something to hear (`""` for a tick: all of them); faults apart.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def setup(self) -> None:
        """Open the store, once per process."""
        self.store = engines.store(self.plan.store)

    def process(self, arrival: Arrival) -> Iterator[str | beam.pvalue.TaggedOutput]:
        """Yield the meeting's id, or the fault."""
        try:
            if arrival.transcript is not None:
                intake.keep(self.store, arrival.transcript)
        except FloorlogError as error:
            yield beam.pvalue.TaggedOutput(FAULTS, Fault.of("store", arrival.payload, error))
        else:
            yield arrival.announcement.get("meeting_id", "")
