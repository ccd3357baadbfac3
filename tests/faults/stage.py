"""A stage for faults: an origin that plays click tracks at high pace, captures of it, and the check of every sample."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from floorlog.adapters import flac
from floorlog.adapters.voice_activity import FRAME_SAMPLES, Memory, Probabilities
from floorlog.clock import parse_rfc3339
from workers import capture
from workers.origin_clicks import HEARD_RATE_HZ, HEARD_UNIT, UNIT_SAMPLES, ClickTrack, listen
from workers.origin_playlist import LivePlaylist
from workers.origin_script import MEDIA_RATE_HZ, Faults, Take, segments_of
from workers.origin_segments import Rendition
from workers.origin_server import Origin
from workers.origin_tokens import Tokens
from workers.origin_tracks import SUFFIXES, Form, rendition

START = datetime(2021, 2, 24, 15, tzinfo=UTC)
LANGUAGES = {"floor": "ia", "en": "en", "fr": "fr"}
KEYS = {"floor": "s100", "en": "s101", "fr": "s102"}
MEETING: dict[str, Any] = {
    "id": "rehearsal",
    "channels": [
        {"name": name, "language": None if name == "floor" else name, "interpretation": name != "floor"}
        for name in LANGUAGES
    ],
    "cutting": {"min_ms": 4000, "aim_ms": 8000, "max_ms": 20_000},
    "actual_start": None,
    "scheduled_start": "2021-02-24T15:00:00Z",
}

CLOCK_ERROR_MS = 20.0
"""The mark: no click may lie further from its place."""

EDGE_MS = 12
"""What the ends of a hole may be off: capture takes a step of the timestamps of up to 10 ms for none, and whole ms."""

DECODER_MS = 45
"""A decoder that begins anew needs a frame or two before its sound is right."""

BEHIND_S = 12.0
"""How far a capture may be behind the media before that waits: it asks an origin in trouble no sooner than in 8 s."""

TURNS = 2.25
"""The same in media segments: to learn when they come, a capture may wait for two."""

STEP_S = 0.5
"""How far the media goes on before it is looked again whether somebody is behind."""

CREEP = 20
"""How many times slower than usual the media goes on meanwhile."""

LOOK_S = 0.005
"""What counts at most between two looks at the clock."""

PATIENCE_S = 15.0
"""How long media waits for a capture that does not ask; then it is taken for one that does not want to."""


@dataclass
class Kept:
    """What a capture announced and stored."""

    documents: list[bytes] = field(default_factory=list)
    objects: dict[str, bytes] = field(default_factory=dict)

    def publish(
        self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None, ordering_key: str = ""
    ) -> str:
        self.documents.append(data)
        return str(len(self.documents))

    def put(self, uri: str, data: bytes) -> None:
        self.objects[uri] = data


@dataclass(frozen=True)
class Switch:
    """A broker and an object store that keep each channel's apart."""

    kept: Mapping[str, Kept]

    def publish(
        self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None, ordering_key: str = ""
    ) -> str:
        return self.kept[ordering_key.rpartition("/")[2]].publish(topic, data)

    def put(self, uri: str, data: bytes) -> None:
        self.kept[uri.rpartition("/")[0].rpartition("/")[2]].put(uri, data)


@dataclass(frozen=True)
class Played:
    """One channel: what was served, and what was kept of it."""

    channel: str
    rendition: Rendition
    kept: Kept
    listed: frozenset[int]
    given: frozenset[int]
    recordings: int  # how often the playlist of a recording was served


@dataclass(frozen=True)
class LiveSource:
    """A source that knows whether its origin is on air, as UN Web TV's does."""

    origin: Origin

    def master(self) -> str:
        return self.origin.url

    def is_live(self) -> bool:
        return not self.origin.ended


class Clock:
    """The time of an origin and its captures. It runs with the wall's, but stands still while one of them is behind.

    So a machine that is busy shows no faults of its own: to both sides no time has passed. It does not stand still
    wholly: what is behind may be waiting itself. So it creeps on as that one looks at it, which who is kept from work
    does seldom.
    """

    def __init__(self) -> None:
        self._now_s, self._wall_s, self._held_s = 1_000_000_000.0, time.monotonic(), 0.0
        self._lock = threading.Lock()
        self._excused: dict[str, float | None] = {}  # what was waited for in vain, by the last time it was asked for
        self._waived: set[tuple[str, int]] = set()
        self.origin: Origin | None = None

    def __call__(self) -> float:
        with self._lock:
            wall_s = time.monotonic()
            passed_s, self._wall_s = wall_s - self._wall_s, wall_s
            step_s = STEP_S if self.origin is None else STEP_S / self.origin.pace
            while passed_s > 0:
                behind = None if self.origin is None else self._behind(self.origin, waive=self._held_s > PATIENCE_S)
                if behind is not None:
                    self._held_s += passed_s
                    if threading.current_thread().name == f"follow-{behind}":
                        self._now_s += min(passed_s, LOOK_S) / CREEP
                    break
                self._held_s = 0.0
                self._now_s += min(passed_s, step_s)
                passed_s -= step_s
            return self._now_s

    def _behind(self, origin: Origin, *, waive: bool) -> str | None:
        """Return a channel whose capture is behind, or None."""
        published_s = (self._now_s - origin.started_at_unix) * origin.pace
        for key, each in origin.renditions.items():
            playlist, diary = each.playlist, origin.diary
            newest = playlist.segments[playlist.window(published_s)[-1]]
            allowed_s = max(BEHIND_S, TURNS * newest.duration_s)
            asked_s = diary.asked_s.get(key)
            if published_s > (asked_s or 0.0) + allowed_s and self._excused.get(key, -1.0) != asked_s:
                if not waive:
                    return each.name
                self._excused[key] = asked_s
            waiting = diary.listed[key] - diary.given[key] - set(playlist.faults.segments)
            for index in sorted(waiting):
                late = published_s > playlist.listed_at_s(index) + allowed_s
                there = playlist.serves(index, published_s) and playlist.media_status(published_s) == 200
                if late and there and (key, index) not in self._waived:
                    if not waive:
                        return each.name
                    self._waived.add((key, index))
        return None


def heard(samples: NDArray[np.int16], memory: Memory) -> tuple[Probabilities, Memory]:
    """Tell sound from silence by loudness alone: quicker than the model, and as dependent on every sample."""
    loudness = np.abs(samples.reshape(-1, FRAME_SAMPLES).astype(np.float32)).mean(axis=1)
    return np.asarray(loudness / (loudness + 300), dtype=np.float32), memory


def stream(
    channel: str,
    takes: Sequence[Take],
    faults: Faults | None = None,
    *,
    form: Form = "ts",
    filled: Mapping[int, str] | None = None,
    ranged: bool = False,
    **options: Any,
) -> Rendition:
    """Return a channel's click track as a rendition."""
    key = KEYS[channel]
    segments = segments_of(takes, key, SUFFIXES[form])
    options = {"window_s": 60.0, "first_sequence": 100, **options}
    playlist = LivePlaylist(segments, START, faults=faults or Faults(), key=key, **options)
    others = {index: ClickTrack(name) for index, name in (filled or {}).items()}
    return rendition(
        channel, LANGUAGES[channel], ClickTrack(channel), playlist, form=form, filled=others, ranged=ranged
    )


def play(
    renditions: Mapping[str, Rendition],
    folder: Path,
    *,
    pace: float = 30.0,
    tokens: Tokens | None = None,
    elsewhere: bool = False,
    recorded_at_s: float | None = None,
    request_s: float = 30.0,
    limit_s: float = 300.0,
) -> dict[str, Played]:
    """Serve channels and capture them all until they have ended.

    Raises:
        AssertionError: that took longer than `limit_s`.
    """
    clock = Clock()
    with Origin(
        list(renditions.values()),
        pace=pace,
        started_at_unix=clock(),
        now=clock,
        tokens=tokens,
        elsewhere=elsewhere,
        recorded_at_s=recorded_at_s,
    ) as origin:
        clock.origin = origin
        kept = {channel: Kept() for channel in renditions}
        stop = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(
                capture.follow_all,
                LiveSource(origin),
                MEETING,
                {channel: folder / f"{channel}.db" for channel in renditions},
                objects_base="memory://objects",
                broker=Switch(kept),
                topic="audio-segments",
                put=Switch(kept).put,
                listen=heard,
                stop=stop,
                pace=pace,
                patience_s=30.0,
                request_s=request_s,
                utc_now=lambda: datetime.fromtimestamp(clock(), UTC),
                monotonic=clock,
            )
            wait([future], limit_s)
            late = not future.done()
            stop.set()
            future.result(30.0)
        assert not late, f"not over after {limit_s} s; published {origin.published_s:.0f} s"
        return {
            channel: Played(
                channel,
                each,
                kept[channel],
                frozenset(origin.diary.listed[each.playlist.key]),
                frozenset(origin.diary.given[each.playlist.key]),
                origin.diary.recordings,
            )
            for channel, each in renditions.items()
        }


@dataclass(frozen=True)
class Gap:
    """A hole on the meeting clock."""

    start_ms: float
    end_ms: float
    cause: str


@dataclass(frozen=True)
class Account:
    """What a channel's announcements say, after every check of their form."""

    gaps: tuple[Gap, ...]
    sounds: tuple[tuple[int, int], ...]
    samples: NDArray[np.int16]
    end_ms: int


def account(kept: Kept) -> Account:
    """Check that announcements tile the clock, that numbers go on and objects are whole, and return what they say."""
    documents = [json.loads(data) for data in dict.fromkeys(kept.documents)]
    at_ms, gaps, sounds = 0, list[Gap](), list[tuple[int, int]]()
    spans = [each["span"] for each in documents if "span" in each]
    samples = np.zeros(max((span["end_ms"] for span in spans), default=0) * 16, dtype=np.int16)
    for number, each in enumerate(documents):
        assert each["sequence"] == number
        if each["kind"] == "end":
            assert each["at_ms"] == at_ms
            continue
        start_ms, end_ms = each["span"]["start_ms"], each["span"]["end_ms"]
        assert start_ms == at_ms, f"what follows {at_ms} ms begins at {start_ms} ms"
        at_ms = end_ms
        if each["kind"] == "gap":
            if gaps and gaps[-1].end_ms == start_ms and gaps[-1].cause == each["cause"]:
                gaps[-1] = Gap(gaps[-1].start_ms, end_ms, each["cause"])
            else:
                gaps.append(Gap(start_ms, end_ms, each["cause"]))
        else:
            sound = flac.decode(kept.objects[each["audio"]["uri"]], each["audio"]["uri"])
            assert len(sound) == (end_ms - start_ms) * 16
            samples[start_ms * 16 : end_ms * 16] = sound
            if sounds and sounds[-1][1] == start_ms:
                sounds[-1] = (sounds[-1][0], end_ms)
            else:
                sounds.append((start_ms, end_ms))
    assert documents[-1]["kind"] == "end"
    return Account(tuple(gaps), tuple(sounds), samples, at_ms)


def zero_s(kept: Kept) -> float:
    """Return where on the media's time line the meeting clock starts, from program date-times that are right."""
    first = next(each for each in map(json.loads, kept.documents) if each["kind"] == "segment")
    at = parse_rfc3339(first["utc_start"]) - timedelta(milliseconds=first["span"]["start_ms"])
    return (at - START).total_seconds()


def served(played: Played) -> list[tuple[float, float]]:
    """Return the stretches of the media that were served, in s."""
    found: list[tuple[float, float]] = []
    for index in sorted(played.given):
        segment = played.rendition.playlist.segments[index]
        if found and abs(found[-1][1] - segment.start_s) < 1e-6:
            found[-1] = (found[-1][0], segment.end_s)
        else:
            found.append((segment.start_s, segment.end_s))
    return found


def check(
    played: Played,
    at_s: float,
    *,
    causes: Sequence[str] | None = (),
    allowed: Collection[str] = ("discontinuity", "fell-behind"),
    filled: Mapping[int, str] | None = None,
) -> float:
    """Check one channel against what was served of it, and return its largest clock error, in ms.

    Everything that was served is there, once, in its place; everything else is a hole of the right length and cause.

    Args:
        played: the channel.
        at_s: where on the media's time line its clock starts.
        causes: of the holes, in order; what is split in two by its cause counts twice. None: chance decides.
        allowed: the causes that there may be, where chance decides.
        filled: segments that held another channel's audio.

    Raises:
        AssertionError: it is not so.
    """
    told = account(played.kept)
    stretches = [((a - at_s) * 1000, (b - at_s) * 1000) for a, b in served(played)]
    holes = [(a[1], b[0]) for a, b in pairwise([(0.0, 0.0), *stretches]) if b[0] - a[1] > EDGE_MS]
    found = _joined(told.gaps)
    assert len(found) == len(holes), f"holes {_round(holes)}, announced {_round(found)}"
    for hole, gap in zip(holes, found, strict=True):
        assert abs(hole[0] - gap[0]) <= EDGE_MS, f"a hole {_round([hole])} is announced as {_round([gap])}"
        assert abs(hole[1] - gap[1]) <= EDGE_MS, f"a hole {_round([hole])} is announced as {_round([gap])}"
    told_causes = [gap.cause for gap in told.gaps]
    assert set(told_causes) <= set(allowed) if causes is None else told_causes == list(causes)
    assert abs(told.end_ms - stretches[-1][1]) <= EDGE_MS, f"it ends at {told.end_ms}, not at {stretches[-1][1]:.0f}"
    return clicks(played, told, at_s, filled or {})


def _joined(gaps: Sequence[Gap]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for gap in gaps:
        if found and found[-1][1] == gap.start_ms:
            found[-1] = (found[-1][0], gap.end_ms)
        else:
            found.append((gap.start_ms, gap.end_ms))
    return found


def _round(spans: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    return [(round(a), round(b)) for a, b in spans]


def clicks(played: Played, told: Account, at_s: float, filled: Mapping[int, str] = MappingProxyType({})) -> float:
    """Check that every click whose sound was served is there, alone in its unit, and return the largest error in ms."""
    segments = played.rendition.playlist.segments
    owner = [(segment.start_s, segment.end_s, filled.get(index)) for index, segment in enumerate(segments)]
    sounds = list(told.sounds)
    wanted: list[int] = []
    for unit in range(int(segments[-1].end_s * MEDIA_RATE_HZ) // UNIT_SAMPLES):
        middle_ms = ((unit + 0.5) * UNIT_SAMPLES / MEDIA_RATE_HZ - at_s) * 1000
        if any(a + DECODER_MS <= middle_ms <= b - DECODER_MS for a, b in sounds):
            wanted.append(unit)
    assert wanted
    tracks = {name: ClickTrack(name) for name in {played.channel, *filled.values()}}
    errors: list[float] = []
    for first in range(0, len(wanted), 256):
        units = wanted[first : first + 256]
        parts = [
            _unit(told.samples, round((unit * UNIT_SAMPLES / MEDIA_RATE_HZ - at_s) * HEARD_RATE_HZ)) for unit in units
        ]
        for each in listen(np.concatenate(parts), units):
            middle_s = (each.unit + 0.5) * UNIT_SAMPLES / MEDIA_RATE_HZ
            whose = (
                next((name for a, b, name in owner if a <= middle_s < b and name), played.channel) if filled else None
            )
            note = tracks[whose or played.channel].note(each.unit)
            assert each.note == note, f"at {middle_s:.2f} s of the media: note {each.note}, not {note}"
            assert each.share > 0.9, f"at {middle_s:.2f} s of the media there is more than a click"
            errors.append(each.error_ms)
    worst = max(map(abs, errors))
    assert worst <= CLOCK_ERROR_MS, f"a click lies {worst:.1f} ms from its place"
    return worst


def _unit(samples: NDArray[np.int16], start: int) -> NDArray[np.int16]:
    part = samples[max(0, start) : max(0, start + HEARD_UNIT)]
    before = max(0, -start)
    return np.pad(part, (before, HEARD_UNIT - before - len(part)))
