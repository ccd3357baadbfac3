"""Transcribe each segment whose transcript is not stored yet."""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam

from floorlog.errors import FloorlogError
from floorlog.services import engines, recognition
from pipelines.elements import FAULTS, Arrival, Fault, Plan


class TranscribeSegment(beam.DoFn):
    """Load a segment's audio and write down its words.

    Input:  arrivals. Gaps, ends and ticks pass through, and so do segments that were transcribed before.
    Output: arrivals, with the transcript's document where one was made; faults apart.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def setup(self) -> None:
        """Open the store, once per process."""
        self.store = engines.store(self.plan.store)

    def process(self, arrival: Arrival) -> Iterator[Arrival | beam.pvalue.TaggedOutput]:
        """Yield the arrival with its transcript, or the fault."""
        try:
            transcript = recognition.hear(self.store, arrival.announcement, self.plan.recogniser)
        except FloorlogError as error:
            yield beam.pvalue.TaggedOutput(FAULTS, Fault.of("transcribe", arrival.payload, error))
        else:
            yield arrival._replace(transcript=transcript)
