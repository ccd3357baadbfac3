"""Decode and validate each announcement, and make it known to the store."""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam

from floorlog.errors import FloorlogError
from floorlog.services import engines, intake
from pipelines.elements import FAULTS, Arrival, Fault, Plan


class DecodeAnnouncement(beam.DoFn):
    """Turn payloads into announcements that keep their contract.

    Input:  payloads as published.
    Output: arrivals whose announcement the store knows; faults apart.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def setup(self) -> None:
        """Open the store, once per process."""
        self.store = engines.store(self.plan.store)

    def process(self, payload: bytes) -> Iterator[Arrival | beam.pvalue.TaggedOutput]:
        """Yield the arrival, or the fault."""
        try:
            announcement = intake.receive(self.store, payload)
        except FloorlogError as error:
            yield beam.pvalue.TaggedOutput(FAULTS, Fault.of("decode", payload, error))
        else:
            yield Arrival(payload, announcement)
