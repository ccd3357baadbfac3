"""Transcribe each segment whose transcript is not stored yet."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import apache_beam as beam
from apache_beam.transforms.window import BoundedWindow
from apache_beam.utils.timestamp import Timestamp
from apache_beam.utils.windowed_value import WindowedValue

from floorlog.errors import FloorlogError
from floorlog.services import engines, recognition
from pipelines.elements import FAULTS, Arrival, Fault, Plan

Pending = tuple["Future[Arrival | beam.pvalue.TaggedOutput]", Timestamp, BoundedWindow]


class TranscribeSegment(beam.DoFn):
    """Load a segment's audio and write down its words.

    The segments of a bundle are spread over as many calls as the plan allows, each call taking the next one: runners
    divide a bundle beforehand, by number, and long segments would wait behind each other while a core is idle.

    Input:  arrivals. Gaps, ends and ticks pass through, and so do segments that were transcribed before.
    Output: arrivals, with the transcript's document where one was made; faults apart.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def setup(self) -> None:
        """Open the store, once per process, and the pool of calls."""
        self.store = engines.store(self.plan.store)
        self.calls = ThreadPoolExecutor(self.plan.recogniser.calls, thread_name_prefix="transcribe")

    def teardown(self) -> None:
        """Let go of the pool."""
        self.calls.shutdown()

    def start_bundle(self) -> None:
        """Begin with nothing pending."""
        self.pending: list[Pending] = []

    def process(
        self, arrival: Arrival, at: Any = beam.DoFn.TimestampParam, window: Any = beam.DoFn.WindowParam
    ) -> None:
        """Hand the arrival to the next free call; what comes of it leaves when the bundle ends."""
        self.pending.append((self.calls.submit(self._transcribed, arrival), at, window))

    def finish_bundle(self) -> Iterator[WindowedValue | beam.pvalue.TaggedOutput]:
        """Yield each arrival with its transcript, or its fault, in the order in which they came."""
        for future, at, window in self.pending:
            outcome = future.result()
            if isinstance(outcome, beam.pvalue.TaggedOutput):
                yield beam.pvalue.TaggedOutput(outcome.tag, WindowedValue(outcome.value, at, (window,)))
            else:
                yield WindowedValue(outcome, at, (window,))

    def _transcribed(self, arrival: Arrival) -> Arrival | beam.pvalue.TaggedOutput:
        try:
            transcript = recognition.hear(self.store, arrival.announcement, self.plan.recogniser)
        except FloorlogError as error:
            return beam.pvalue.TaggedOutput(FAULTS, Fault.of("transcribe", arrival.payload, error))
        return arrival._replace(transcript=transcript)
