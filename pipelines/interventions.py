"""The graph: announcements of audio go in, interventions come out. Read it from the top; every stage is one line.

The same graph runs in the local driver (`drive.py`), over a file of announcements (`batch.py`) and on Dataflow
(`dataflow.py`). It uses no runner state and no timers: what a meeting knows lies in the store, and the last stage
moves it on in one transaction (`floorlog/services/advance.py`). Every stage may run twice for one element.
"""

from __future__ import annotations

from typing import NamedTuple

import apache_beam as beam

from pipelines.advance import AdvanceMeeting
from pipelines.decode import DecodeAnnouncement
from pipelines.elements import AGAIN, FAULTS, HEARD, Plan
from pipelines.judge import JudgeFault
from pipelines.store import StoreTranscript
from pipelines.transcribe import TranscribeSegment


class Outcome(NamedTuple):
    """What leaves the graph.

    Args:
        changed: ids of records that changed, after they are committed.
        again: payloads that failed for now. The local driver does not acknowledge them; elsewhere they are sent again.
    """

    changed: beam.PCollection[str]
    again: beam.PCollection[bytes]


def build(announced: beam.PCollection[bytes], plan: Plan) -> Outcome:
    """Build the graph over payloads of announcements.

    Args:
        announced: payloads as they were published, in any order, any number of times.
        plan: plain values that the stages carry.
    """
    decoded = announced | "Decode and validate each announcement" >> _two_ways(DecodeAnnouncement(plan), FAULTS)
    spread = decoded[HEARD] | "Let the read commit, and spread the slow work" >> beam.Reshuffle()
    transcribed = spread | "Transcribe each segment" >> _two_ways(TranscribeSegment(plan), FAULTS)
    stored = transcribed[HEARD] | "Store each transcript" >> _two_ways(StoreTranscript(plan), FAULTS)

    faults = (decoded[FAULTS], transcribed[FAULTS], stored[FAULTS]) | "Gather the faults" >> beam.Flatten()
    judged = faults | "Try again, or keep a dead letter" >> _two_ways(JudgeFault(plan), AGAIN)

    moved = (stored[HEARD], judged[HEARD]) | "Gather the meetings that moved" >> beam.Flatten()
    apart = moved | "Keep the slow work apart from the lock" >> beam.Reshuffle()
    changed = apart | "Advance each meeting's floor" >> beam.ParDo(AdvanceMeeting(plan))
    return Outcome(changed, judged[AGAIN])


def _two_ways(step: beam.DoFn, aside: str) -> beam.ParDo:
    """Return the step with its main way out and the tagged one."""
    return beam.ParDo(step).with_outputs(aside, main=HEARD)
