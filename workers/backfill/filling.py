"""Fills the holes of one channel: what of the recording belongs where, cut and announced as capture does it."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import structlog
from filelock import FileLock

from floorlog import alignment, announcements, contract
from floorlog.adapters import flac, objects, tracks, voice_activity
from floorlog.adapters.store import Store
from floorlog.alignment import Aligned, Part, Samples
from floorlog.announcements import End, Segment
from floorlog.clock import SAMPLES_PER_MS, Span, without
from floorlog.cutting import Rule
from floorlog.errors import InvalidSetting
from floorlog.identity import canonical_json
from workers.backfill.holes import LEAST_TAIL_MS, Captured, captured, tiles
from workers.backfill.obtaining import Recorded
from workers.capture import recording
from workers.capture.places import Closed, Opened, Placed, Sound
from workers.capture.sending import Publisher

BLOCK_MS = 8000
"""How much of the recording is cut at once."""

log = structlog.get_logger()

Outcome = Literal["filled", "known", "not-in-recording", "not-certain"]


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of a hole: how much of it the recording held, and, where it was not used, why not."""

    span: Span
    outcome: Outcome
    audio_ms: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a recording gave for one channel.

    Args:
        parts: how much of the captured audio was looked up, in parts.
        aligned: how many of them were found.
        holes: what became of each hole, in order; the tail behind the last captured sample among them.
        segments: announced now.
        before_ms: audio that the recording holds before the meeting clock starts; it has no place in the log.
    """

    channel: str
    parts: int
    aligned: int
    holes: tuple[Filled, ...]
    segments: int
    before_ms: int

    def encode(self) -> dict[str, Any]:
        """Return its JSON form."""
        holes = [{**each.span.encode(), "outcome": each.outcome, "audio_ms": each.audio_ms} for each in self.holes]
        return {**asdict(self), "holes": holes}


def fill(
    store: Store,
    meeting_id: str,
    recorded: Recorded,
    *,
    objects_base: str,
    broker: Publisher,
    topic: str,
    work: Path,
    tail: bool,
    progress: Callable[[str], None] = lambda text: None,
) -> Summary:
    """Announce what a recording holds of the holes of one channel.

    Args:
        store: where the meeting is.
        meeting_id: the meeting.
        recorded: the channel's recording.
        objects_base: URI of the folder of audio objects.
        broker: takes the announcements.
        topic: where they go.
        work: folder for the decoded recording while this runs.
        tail: whether what lies behind the last captured sample is taken, and the end of the stream announced.
        progress: is told what is being done.

    Raises:
        UnknownMeeting, InvalidSetting, UnreadableAudio, BrokerUnavailable: as `backfill` does.
    """
    meeting = store.meeting(meeting_id).document
    names = [channel["name"] for channel in meeting["channels"]]
    if recorded.channel not in names:
        raise InvalidSetting("--channel", recorded.channel, f"one of {', '.join(names)} is expected")
    was = captured_of(store, meeting_id, recorded.channel)
    if not was.segments:
        raise InvalidSetting("--channel", recorded.channel, "nothing of it was captured: use `floorlog ingest`")
    raw = work / "backfill" / f"{meeting_id}.{recorded.channel}.raw"
    raw.parent.mkdir(parents=True, exist_ok=True)
    # One name, held by one run at a time: what a killed one left is written over, and not kept for ever.
    with FileLock(raw.with_suffix(".lock")), contextlib.ExitStack() as left:
        left.callback(raw.unlink, missing_ok=True)
        progress("decoding the recording …")
        samples = tracks.decode(recorded.path, raw)
        progress("looking up what was captured …")
        spans = alignment.probes(was.stretches)
        aligned = alignment.align(_parts(was, spans), alignment.index(samples))
        progress("filling …")
        filling = _Filling(meeting, recorded.channel, objects_base, broker, topic, was, samples, aligned, spans)
        holes = [filling.hole(hole) for hole in was.holes]
        if tail and aligned:
            holes += filling.tail()
        before_ms = max(0, aligned[0].offset_ms) if aligned else 0
    return Summary(recorded.channel, len(spans), len(aligned), tuple(holes), filling.segments, before_ms)


class _Filling:
    """One run over the holes of a channel."""

    def __init__(
        self,
        meeting: dict[str, Any],
        channel: str,
        objects_base: str,
        broker: Publisher,
        topic: str,
        was: Captured,
        samples: Samples,
        aligned: Sequence[Aligned],
        looked_up: Sequence[Span],
    ) -> None:
        self._broker, self._topic, self._was = broker, topic, was
        self._samples, self._aligned, self._looked_up = samples, aligned, looked_up
        rule = Rule.of(meeting["cutting"])
        self._channel = recording.Channel(meeting["id"], channel, objects_base, rule, voice_activity.probabilities)
        self.segments = 0

    def hole(self, hole: Span) -> Filled:
        """Fill a hole with what the recording holds of it."""
        offset_ms = alignment.offset_for(hole, self._aligned, self._looked_up)
        if offset_ms is None:
            return Filled(hole, "not-certain", 0)
        ends_ms = len(self._samples) // SAMPLES_PER_MS - offset_ms
        start_ms, end_ms = max(hole.start_ms, -offset_ms), min(hole.end_ms, ends_ms)
        if start_ms >= end_ms:
            return Filled(hole, "not-in-recording", 0)
        held = Span(start_ms, end_ms)
        known = [each for each in self._was.found if each.span.overlap_ms(hole)]
        if tiles([each.span for each in known], held):
            return Filled(hole, "known", held.length_ms)
        made = list(self._cut(held, offset_ms)) if known else []
        if all(any(_same(each, other) for other, _ in made) for each in known):
            rest = [held]  # the same again, or for the first time
        else:  # another recording had some of it
            rest = without(held, [each.span for each in known])
        for span in rest:
            for segment, audio in self._cut(span, offset_ms):
                self._send(segment, audio)
        return Filled(hole, "filled", sum(span.length_ms for span in rest))

    def tail(self) -> list[Filled]:
        """Take what the recording holds behind the last captured sample, and announce the end unless capture did."""
        until_ms, offset_ms = self._was.until_ms, self._aligned[-1].offset_ms
        ends_ms = len(self._samples) // SAMPLES_PER_MS - offset_ms
        filled: list[Filled] = []
        if ends_ms - until_ms >= LEAST_TAIL_MS:
            filled.append(self.hole(Span(until_ms, ends_ms)))
        if filled or self._was.end is None:
            at_ms = ends_ms if filled else until_ms
            number = self._was.last_sequence + 1
            end = End(self._channel.meeting_id, self._channel.name, number, at_ms, number - 1, "recording")
            self._publish(announcements.encode(end))
        return filled

    def _cut(self, span: Span, offset_ms: int) -> Iterator[tuple[Segment, bytes]]:
        """Yield the segments of a stretch, cut as capture cuts a continuity, with their audio."""
        near = self._was.before(span.start_ms)
        assert near is not None
        number = max((each.sequence for each in self._was.segments if each.span.start_ms <= span.start_ms), default=0)
        folder = (self._channel.objects_base, self._channel.meeting_id, self._channel.name)
        state, tape = recording.Recording(), recording.EMPTY
        for placed in self._placed(span, offset_ms):
            state, tape, out = recording.record(state, tape, (placed,), self._channel)
            for each in out:
                made = announcements.decode(contract.parse("segment", each.document))
                assert isinstance(made, Segment)
                assert each.audio is not None
                uri = objects.join(*folder, f"{made.span.start_ms:010d}.recording.flac")
                yield (
                    replace(
                        made,
                        sequence=number,
                        continuity=near.continuity,
                        audio=replace(made.audio, uri=uri),
                        origin="recording",
                    ),
                    each.audio,
                )

    def _placed(self, span: Span, offset_ms: int) -> Iterator[Placed]:
        yield Opened(span.start_ms, self._was.utc(span.start_ms), "recording")
        for start_ms in range(span.start_ms, span.end_ms, BLOCK_MS):
            first = (start_ms + offset_ms) * SAMPLES_PER_MS
            last = (min(start_ms + BLOCK_MS, span.end_ms) + offset_ms) * SAMPLES_PER_MS
            yield Sound(np.asarray(self._samples[first:last], dtype=np.int16))
        yield Closed("discontinuity")

    def _send(self, segment: Segment, audio: bytes) -> None:
        objects.put(segment.audio.uri, audio)
        self._publish(announcements.encode(segment))
        self.segments += 1

    def _publish(self, document: dict[str, Any]) -> None:
        contract.validate("segment", document)
        meeting_id, channel = self._channel.meeting_id, self._channel.name
        attributes = {"meeting_id": meeting_id, "channel": channel, "kind": document["kind"]}
        self._broker.publish(self._topic, canonical_json(document).encode(), attributes, f"{meeting_id}/{channel}")


def _same(one: Segment, other: Segment) -> bool:
    return (one.span, one.audio.sha256) == (other.span, other.audio.sha256)


def captured_of(store: Store, meeting_id: str, channel: str) -> Captured:
    """Return one channel as capture left it, and as it has arrived."""
    documents = [each for each in store.announcements(meeting_id) if each["channel"] == channel]
    return captured([announcements.decode(each) for each in documents], store.gaps(meeting_id, channel))


def _parts(was: Captured, spans: Sequence[Span]) -> Iterator[Part]:
    """Yield captured audio, one part at a time."""

    @lru_cache(maxsize=8)
    def audio(uri: str) -> tuple[str, Samples]:
        data = objects.get(uri)
        return hashlib.sha256(data).hexdigest(), flac.decode(data, uri)

    for span in spans:
        samples = np.zeros(span.length_ms * SAMPLES_PER_MS, dtype=np.int16)
        for each in was.segments:
            if not each.span.overlap_ms(span):
                continue
            digest, found = audio(each.audio.uri)
            if digest != each.audio.sha256:
                log.warning("backfill.object-changed", segment_id=each.id)
                continue
            start_ms, end_ms = max(each.span.start_ms, span.start_ms), min(each.span.end_ms, span.end_ms)
            part = found[(start_ms - each.span.start_ms) * SAMPLES_PER_MS :][: (end_ms - start_ms) * SAMPLES_PER_MS]
            samples[(start_ms - span.start_ms) * SAMPLES_PER_MS :][: len(part)] = part
        yield Part(span.start_ms, samples)
