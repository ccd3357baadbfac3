"""From placed audio to announcements: voice activity on its grid, cuts, FLAC objects.

The state of a channel's recording encodes to JSON; the samples that are not cut off yet stand beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from floorlog import announcements, contract, cutting
from floorlog.adapters import flac, objects
from floorlog.adapters.flac import Samples
from floorlog.adapters.voice_activity import BLOCK_FRAMES, FRAME_SAMPLES, NOTHING_HEARD, Memory, Probabilities
from floorlog.announcements import Announcement, AudioObject, Cut, End, Gap, Segment, UtcSource
from floorlog.clock import SAMPLES_PER_MS, Span, after, parse_rfc3339
from floorlog.identity import canonical_json
from workers.capture.places import Closed, Hole, Opened, Placed, Sound

Listen = Callable[[Samples, Memory], tuple[Probabilities, Memory]]
"""Voice activity: a block and the memory before it to a probability for each frame, and the memory after it."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An announcement to send, and the object to store before it."""

    sequence: int
    kind: str
    document: bytes
    uri: str | None
    audio: bytes | None


@dataclass(frozen=True, slots=True)
class Channel:
    """What is recorded, and where its objects go."""

    meeting_id: str
    name: str
    objects_base: str
    rule: cutting.Rule
    listen: Listen


@dataclass(frozen=True, slots=True)
class Recording:
    """Where a channel's recording stands.

    Args:
        sequence: of the next announcement.
        segments: announced so far.
        gaps: announced so far.
        audio_ms: announced so far.
        end_ms: all before this on the meeting clock is announced.
        continuity: number of the open continuity, or of the last one; -1 before the first.
        start_ms: where it began.
        utc: when that was.
        utc_source: what `utc` rests on.
        frames: frames of it that were listened to.
        memory: what voice activity remembers of it.
        cutter: what the cutter heard of it.
        ended: whether the end of the stream was announced, and nothing since.
        began: the wall clock's moment at which the meeting clock starts, by the first audio.
    """

    sequence: int = 0
    segments: int = 0
    gaps: int = 0
    audio_ms: int = 0
    end_ms: int = 0
    continuity: int = -1
    start_ms: int = 0
    utc: datetime | None = None
    utc_source: UtcSource = "arrival"
    frames: int = 0
    memory: Memory = NOTHING_HEARD
    cutter: cutting.State = field(default_factory=cutting.State)
    ended: bool = False
    began: datetime | None = None

    @property
    def until(self) -> datetime | None:
        """Return the wall clock's moment up to which everything is announced, by the last audio."""
        return self.utc and after(self.utc, self.end_ms - self.start_ms)

    @property
    def needed_from(self) -> int:
        """Return the first sample of the open continuity that is still needed."""
        return self.cutter.start * FRAME_SAMPLES


@dataclass(frozen=True, slots=True)
class Tape:
    """Samples of the open continuity that are still needed; the first of them is sample `first` of it."""

    first: int
    samples: Samples

    def part(self, start: int, end: int) -> Samples:
        """Return the samples from `start` to `end` of the continuity, silence behind the last one."""
        found = self.samples[start - self.first : end - self.first]
        return np.pad(found, (0, end - start - len(found)))

    @property
    def end(self) -> int:
        """Return how many samples the continuity has so far."""
        return self.first + len(self.samples)


EMPTY = Tape(0, np.zeros(0, dtype=np.int16))


def record(
    state: Recording, tape: Tape, placed: Sequence[Placed], channel: Channel
) -> tuple[Recording, Tape, tuple[Outgoing, ...]]:
    """Take in what was placed; return the state, the samples still needed, and what is to be sent, in order."""
    out: list[Outgoing] = []
    for each in placed:
        match each:
            case Hole(span, cause):
                gap = Gap(channel.meeting_id, channel.name, state.sequence, span, cause)
                out.append(_outgoing(gap, None))
                state = replace(state, sequence=state.sequence + 1, gaps=state.gaps + 1, end_ms=span.end_ms)
            case Opened(start_ms, utc, utc_source):
                state = replace(
                    state,
                    continuity=state.continuity + 1,
                    start_ms=start_ms,
                    utc=utc,
                    utc_source=utc_source,
                    began=state.began or after(utc, -start_ms),
                    frames=0,
                    memory=NOTHING_HEARD,
                    cutter=cutting.State(),
                )
                tape = EMPTY
            case Sound(samples):
                tape = Tape(tape.first, np.concatenate((tape.samples, samples)))
                state, tape, made = _listen(state, tape, channel, BLOCK_FRAMES)
                out += made
            case Closed(cut):
                state, tape, made = _listen(state, tape, channel, 1)
                out += made
                state, tape, made = _rest(state, tape, channel, cut)
                out += made
        state = replace(state, ended=False)
    return state, tape, tuple(out)


def end(state: Recording, channel: Channel) -> tuple[Recording, tuple[Outgoing, ...]]:
    """Announce that the stream has ended, unless that was the last thing announced."""
    if state.ended:
        return state, ()
    last = End(channel.meeting_id, channel.name, state.sequence, state.end_ms, state.sequence - 1)
    return replace(state, sequence=state.sequence + 1, ended=True), (_outgoing(last, None),)


def _listen(state: Recording, tape: Tape, channel: Channel, at_least: int) -> tuple[Recording, Tape, list[Outgoing]]:
    """Listen to what is there, block by block on the grid; a last block may be shorter, if `at_least` allows."""
    out: list[Outgoing] = []
    while (frames := min(BLOCK_FRAMES, tape.end // FRAME_SAMPLES - state.frames)) >= at_least:
        heard = tape.part(state.frames * FRAME_SAMPLES, (state.frames + frames) * FRAME_SAMPLES)
        probabilities, memory = channel.listen(heard, state.memory)
        cutter, cuts = cutting.hear(state.cutter, probabilities.tolist(), channel.rule)
        start = state.cutter.start
        for cut in cuts:
            ratio = cut.speech_frames / (cut.frame - start)
            state, made = _segment(
                state, tape, channel, start * FRAME_SAMPLES, cut.frame * FRAME_SAMPLES, cut.kind, ratio
            )
            out.append(made)
            start = cut.frame
        state = replace(state, cutter=cutter, memory=memory, frames=state.frames + frames)
        tape = Tape(state.needed_from, tape.part(state.needed_from, tape.end))
    return state, tape, out


def _rest(state: Recording, tape: Tape, channel: Channel, cut: Cut) -> tuple[Recording, Tape, list[Outgoing]]:
    """Cut off what is left at the end of a continuity; its last millisecond is filled up with silence."""
    start, whole = state.cutter.start * FRAME_SAMPLES, -(-tape.end // SAMPLES_PER_MS) * SAMPLES_PER_MS
    if start >= whole:
        return state, EMPTY, []
    ratio = state.cutter.speech_frames / max(1, len(state.cutter.heard))
    state, made = _segment(state, tape, channel, start, whole, cut, ratio)
    return state, EMPTY, [made]


def _segment(
    state: Recording, tape: Tape, channel: Channel, start: int, end: int, cut: Cut, speech_ratio: float
) -> tuple[Recording, Outgoing]:
    span = Span(state.start_ms + start // SAMPLES_PER_MS, state.start_ms + end // SAMPLES_PER_MS)
    audio = flac.encode(tape.part(start, end))
    assert state.utc is not None
    uri = objects.join(channel.objects_base, channel.meeting_id, channel.name, f"{span.start_ms:010d}.flac")
    segment = Segment(
        meeting_id=channel.meeting_id,
        channel=channel.name,
        sequence=state.sequence,
        span=span,
        utc_start=state.utc + timedelta(milliseconds=start // SAMPLES_PER_MS),
        utc_source=state.utc_source,
        continuity=state.continuity,
        audio=AudioObject(uri, hashlib.sha256(audio).hexdigest(), len(audio)),
        cut=cut,
        speech_ratio=round(speech_ratio, 4),
    )
    state = replace(
        state,
        sequence=state.sequence + 1,
        segments=state.segments + 1,
        audio_ms=state.audio_ms + span.length_ms,
        end_ms=span.end_ms,
    )
    return state, _outgoing(segment, audio)


def _outgoing(announcement: Announcement, audio: bytes | None) -> Outgoing:
    document = announcements.encode(announcement)
    contract.validate("segment", document)
    uri = announcement.audio.uri if isinstance(announcement, Segment) else None
    return Outgoing(document["sequence"], document["kind"], canonical_json(document).encode(), uri, audio)


def encode(state: Recording) -> dict[str, Any]:
    """Return its JSON form."""
    document = {name: getattr(state, name) for name in state.__dataclass_fields__}
    utc, began = state.utc and state.utc.isoformat(), state.began and state.began.isoformat()
    return {**document, "utc": utc, "began": began, "memory": state.memory.encode(), "cutter": state.cutter.encode()}


def decode(document: dict[str, Any]) -> Recording:
    """Return the state of a JSON form."""
    utc, began = (moment and parse_rfc3339(moment) for moment in (document["utc"], document.get("began")))
    memory, cutter = Memory.decode(document["memory"]), cutting.State.decode(document["cutter"])
    return Recording(**{**document, "utc": utc, "began": began, "memory": memory, "cutter": cutter})
