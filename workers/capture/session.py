"""One channel's capture: what it knows, and how a media segment changes that; every step goes to the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from floorlog.adapters import media as media_files
from floorlog.adapters import voice_activity
from floorlog.adapters.demuxing import Track
from floorlog.adapters.media import Run
from floorlog.announcements import GapCause, UtcSource
from floorlog.cutting import Rule
from floorlog.errors import UnreadableAudio
from floorlog.listing import Media
from floorlog.slots import Position
from workers.capture import places, placing, recording
from workers.capture.channels import Channels
from workers.capture.journal import Fetched, Journal
from workers.capture.places import Placed, Placing
from workers.capture.recording import Channel, Listen, Outgoing, Recording
from workers.capture.sending import Publisher, Put, Sender
from workers.capture.twins import Twins

DRIFT_MS = 250
"""A program date-time this far from where it should be is worth a line in the log; audio is never moved for it."""

log = structlog.get_logger()

SILENT = 0.001
"""Samples below this are silence (−60 dB): that of one channel is that of all."""

REMEMBERED = 64
"""Media segments whose audio is known again when an origin that was restarted lists them once more."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was announced of a channel so far, earlier runs included.

    Args:
        segments: announced.
        gaps: announced.
        audio_ms: announced.
        identical: media segments that had the same audio as another channel at the same time.
        began: the wall clock's moment at which the meeting clock starts; None where nothing was heard.
        until: its moment up to which everything is announced.
        ended: whether the end of the stream was announced.
    """

    segments: int
    gaps: int
    audio_ms: int
    identical: int = 0
    began: datetime | None = None
    until: datetime | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Sink:
    """Where a capture keeps its state and sends what it makes.

    Args:
        meeting: the meeting document.
        channel: name of the channel.
        objects_base: URI of the folder of audio objects.
        broker: takes the announcements.
        topic: where they go.
        journal_path: file of the journal; in the same folder as those of the meeting's other channels.
        put: stores an object.
        progress: told the audio announced so far, in ms, after each step.
        listen: voice activity.
    """

    meeting: dict[str, Any]
    channel: str
    objects_base: str
    broker: Publisher
    topic: str
    journal_path: Path
    put: Put
    progress: Callable[[int], None] = lambda audio_ms: None
    listen: Listen = voice_activity.probabilities


class Session:
    """The one that changes the journal. Not for several threads."""

    def __init__(self, sink: Sink, source: str, channels: Channels | None = None, twins: Twins | None = None) -> None:
        meeting_id = sink.meeting["id"]
        owner = f"{meeting_id} {sink.channel} {source}"
        self._sink, self._channels, self._twins = sink, channels, twins or Twins()
        self._log = log.bind(meeting_id=meeting_id, channel=sink.channel)
        self.journal = Journal(sink.journal_path, owner)
        document = self.journal.state()
        rule = Rule.of(sink.meeting["cutting"] if document is None else document["cutting"])
        self._channel = Channel(meeting_id, sink.channel, sink.objects_base, rule, sink.listen)
        self.position = Position() if document is None else Position.decode(document["position"])
        self._placing = Placing() if document is None else places.decode(document["placing"])
        self._recording = Recording() if document is None else recording.decode(document["recording"])
        self._tape, self._before = self.journal.tape(), self.journal.before()
        self._track: Track | None = None  # what was found in `_before`, where it was found here
        self.labelled: bool = document is not None and document["labelled"]
        self._identical: int = 0 if document is None else document["identical"]
        self._marks = [] if document is None else [tuple(mark) for mark in document["marks"]]
        self.sender = Sender(sink.journal_path, owner, meeting_id, sink.channel, sink.topic, sink.broker, sink.put)
        if document is not None:
            self._log.info("capture.resumed", sequence=self._recording.sequence, at_ms=self._recording.end_ms)
        self.sender.wake()

    @property
    def summary(self) -> Summary:
        """Return what was announced so far."""
        state = self._recording
        return Summary(
            state.segments, state.gaps, state.audio_ms, self._identical, state.began, state.until, state.ended
        )

    @property
    def end_ms(self) -> int:
        """Return up to where on the meeting clock everything was announced."""
        return self._recording.end_ms

    def close(self) -> None:
        """Let go of everything; what is not sent yet stays in the journal."""
        self.sender.stop()
        self.journal.close()

    def take(self, fetched: Fetched) -> None:
        """Use a media segment that was fetched."""
        media = fetched.media
        try:
            decoded = media_files.decode(fetched.data, self._earlier(media), media.uri, tolerance_s=placing.STEP_S)
        except UnreadableAudio as error:
            self._log.warning("media.unreadable", sequence=media.sequence, fault=error.fault)
            self.lose(media, "media-unreadable")
            return
        if decoded.damaged_packets:
            self._log.warning("media.damaged", sequence=media.sequence, packets=decoded.damaged_packets)
        if self._repeats(media, decoded.digest):
            self._log.warning("media.repeated", sequence=media.sequence, epoch=media.epoch)
            self.position = self.position.past(media)
            self._commit(media, fetched.data, ())
            self._track = decoded.track
            return
        if any(np.abs(run.samples).max(initial=0) > SILENT for run in decoded.runs):
            other = self._twins.hear(self._sink.channel, decoded.digest, media.utc)
            if other is not None:
                self._identical += 1
                self._log.warning("audio.identical", sequence=media.sequence, other=other)
        self.take_runs(media, decoded.runs, fetched.arrived, before=fetched.data)
        self._track = decoded.track

    def _earlier(self, media: Media) -> Track | bytes | None:
        """Return what a media segment's decoding goes on from."""
        return None if media.discontinuity else self._track or self._before

    def _repeats(self, media: Media, digest: str) -> bool:
        """Remember a media segment's audio; return whether it was taken already, before the origin was restarted."""
        utc = None if media.utc is None else media.utc.timestamp()
        repeated = any(
            epoch < media.epoch
            and known == digest
            and (name == media.name if at is None or utc is None else abs(at - utc) < 1)
            for epoch, known, at, name in self._marks
        )
        self._marks = [*self._marks, (media.epoch, digest, utc, media.name)][-REMEMBERED:]
        return repeated

    def take_runs(
        self,
        media: Media,
        runs: tuple[Run, ...],
        arrived: datetime,
        *,
        source: UtcSource = "program-date-time",
        before: bytes | None = None,
    ) -> None:
        """Use decoded audio, listed or read as `media`; see `placing.place`."""
        drift_ms = placing.drift_ms(self._placing, media)
        if abs(drift_ms) > DRIFT_MS and not media.discontinuity:
            self._log.warning("clock.drift", drift_ms=drift_ms, sequence=media.sequence)
        zero = self._zero(media)
        self._placing, placed = placing.place(self._placing, media, runs, arrived, zero=zero, source=source)
        self._step(media, placed, before)

    def _zero(self, media: Media) -> datetime | None:
        """Return where the meeting's clock starts, if this is the channel's first media segment."""
        fresh = self._placing.open is None and self._placing.before is None
        if not fresh or self._channels is None or media.utc is None:
            return None
        return self._channels.zero(media.utc)

    def lose(self, media: Media, cause: GapCause) -> None:
        """Take in that a media segment will never be had."""
        self._log.warning("media.lost", sequence=media.sequence, cause=cause)
        self._zero(media)  # agreed on before anything is kept: another run must not find another one
        self._placing, placed = placing.lose(self._placing, media, cause)
        self._step(media, placed, None)

    def take_part(self, part: Fetched, cause: GapCause) -> None:
        """Use what came of a media segment; the rest will never be had.

        Like any step it is one commit: a restart finds all of it, or nothing.
        """
        media = part.media
        try:
            decoded = media_files.decode(part.data, self._earlier(media), media.uri, tolerance_s=placing.STEP_S)
        except UnreadableAudio:
            self.lose(media, cause)
            return
        samples_ms = sum(len(run.samples) * 1000 // run.rate_hz for run in decoded.runs)
        rest = replace(media, duration_ms=max(1, media.duration_ms - samples_ms), discontinuity=False)
        self._log.warning("media.cut-short", sequence=media.sequence, cause=cause, missing_ms=rest.duration_ms)
        zero = self._zero(media)
        self._placing, placed = placing.place(self._placing, media, decoded.runs, part.arrived, zero=zero)
        self._placing, ended = placing.lose(self._placing, rest, cause)
        self._step(media, (*placed, *ended), None)

    def end(self, until_ms: int = 0) -> None:
        """Announce what is left, and the end of the stream; what lasted longer on other channels is missing here."""
        self._placing, placed = placing.finish(self._placing, until_ms)
        self._recording, self._tape, out = recording.record(self._recording, self._tape, placed, self._channel)
        self._recording, last = recording.end(self._recording, self._channel)
        self._commit(None, None, (*out, *last))

    def _step(self, media: Media, placed: tuple[Placed, ...], before: bytes | None) -> None:
        self._recording, self._tape, out = recording.record(self._recording, self._tape, placed, self._channel)
        self.position = self.position.past(media)
        self._commit(media, before, out)

    def _commit(self, used: Media | None, before: bytes | None, out: tuple[Outgoing, ...]) -> None:
        self._before, self._track = before, None
        rule = self._channel.rule
        state = {
            "position": self.position.encode(),
            "placing": places.encode(self._placing),
            "recording": recording.encode(self._recording),
            "labelled": self.labelled,
            "identical": self._identical,
            "marks": self._marks,
            "cutting": {name: getattr(rule, name) for name in rule.__dataclass_fields__},
        }
        self.journal.commit(state, self._tape, used, before, out)
        self.sender.wake()
        self._sink.progress(self._recording.audio_ms)
