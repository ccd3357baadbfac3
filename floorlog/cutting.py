"""Where to cut a channel's audio into segments: at pauses, never in a word if that can be helped.

A machine over frames of 32 ms, counted from the start of a continuity. It hears each frame's probability of speech and
answers with cuts; how the frames were handed to it does not matter. The rule and its numbers were measured: with an aim
of 10 s, half of the segments are below 6 to 8 s, nine of ten below 13 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from floorlog.errors import InvalidSetting

FRAME_MS = 32
"""A frame of Silero at 16 kHz: 512 samples."""

LOUD, QUIET = 0.5, 0.35
"""Speech begins at the first and ends below the second: Silero's own hysteresis (threshold, threshold − 0.15)."""

SEARCH_MS = 5000
"""Where speech runs on, the quietest moment of this stretch is cut."""

QUIET_MS = 192
"""How long that moment is: about 0.2 s, in whole frames."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How to cut; fixed while a meeting runs.

    Args:
        min_ms: no segment is shorter, but the last one of a continuity.
        aim_ms: from this length on a short pause is enough.
        max_ms: no segment is longer.
        pause_ms: a pause between `min_ms` and `aim_ms` lasts at least this long.
        short_pause_ms: a pause beyond `aim_ms` lasts at least this long.

    Raises:
        InvalidSetting: the lengths contradict each other.
    """

    min_ms: int = 4000
    aim_ms: int = 10_000
    max_ms: int = 25_000
    pause_ms: int = 500
    short_pause_ms: int = 250

    def __post_init__(self) -> None:
        if not QUIET_MS <= self.min_ms <= self.aim_ms <= self.max_ms - 2 * QUIET_MS:
            lengths = f"{self.min_ms}, {self.aim_ms}, {self.max_ms}"
            raise InvalidSetting("cutting", lengths, f"{QUIET_MS} ≤ min_ms ≤ aim_ms ≤ max_ms − {2 * QUIET_MS}")
        if not FRAME_MS <= self.short_pause_ms <= self.pause_ms:
            lengths = f"{self.short_pause_ms}, {self.pause_ms}"
            raise InvalidSetting("cutting", lengths, f"{FRAME_MS} ≤ short_pause_ms ≤ pause_ms")

    @staticmethod
    def of(settings: Mapping[str, Any]) -> Rule:
        """Return the rule that a meeting's `cutting` asks for; what it does not name keeps its default.

        Raises:
            InvalidSetting: it names something else, or its lengths contradict each other.
        """
        unknown = set(settings) - set(Rule.__dataclass_fields__)
        if unknown:
            raise InvalidSetting(
                "cutting", ", ".join(sorted(unknown)), f"known: {', '.join(Rule.__dataclass_fields__)}"
            )
        return Rule(**{name: round(value) for name, value in settings.items()})


@dataclass(frozen=True, slots=True)
class Cut:
    """An end of a segment.

    Args:
        frame: the first frame that no longer belongs to it, counted from the start of the continuity.
        kind: whether it lies in a pause.
        speech_frames: how many of the segment's frames are speech.
    """

    frame: int
    kind: Literal["pause", "forced"]
    speech_frames: int


@dataclass(frozen=True, slots=True)
class State:
    """What was heard since the last cut.

    Args:
        start: first frame of the open segment.
        heard: for each of its frames: the probability of speech, and whether it is speech.
        quiet_frames: how many of its last frames are no speech.
        speech_frames: how many of its frames are speech.
    """

    start: int = 0
    heard: tuple[tuple[float, bool], ...] = ()
    quiet_frames: int = 0
    speech_frames: int = 0

    def encode(self) -> dict[str, Any]:
        """Return its JSON form."""
        return {
            "start": self.start,
            "probabilities": [probability for probability, _ in self.heard],
            "speech": "".join("1" if speech else "0" for _, speech in self.heard),
        }

    @staticmethod
    def decode(document: dict[str, Any]) -> State:
        """Return the state of a JSON form."""
        heard = tuple(zip(document["probabilities"], (mark == "1" for mark in document["speech"]), strict=True))
        speech: str = document["speech"]
        return State(document["start"], heard, len(speech) - len(speech.rstrip("0")), speech.count("1"))


def hear(state: State, probabilities: Iterable[float], rule: Rule) -> tuple[State, tuple[Cut, ...]]:
    """Hear the next frames' probabilities of speech; return the state after them and the cuts that are now certain."""
    start, heard = state.start, list(state.heard)
    quiet, speech_frames = state.quiet_frames, state.speech_frames
    cuts: list[Cut] = []
    speaking = bool(heard) and heard[-1][1]
    for probability in probabilities:
        speaking = probability >= (QUIET if speaking else LOUD)
        begins = speaking and speech_frames == 0
        quiet_before = quiet
        heard.append((float(probability), speaking))
        quiet = 0 if speaking else quiet + 1
        speech_frames += speaking
        found = _cut(heard, quiet, speech_frames, quiet_before if begins else 0, rule)
        if found is None:
            continue
        length, kind = found
        kept = heard[length:]
        kept_speech = sum(speech for _, speech in kept)
        cuts.append(Cut(start + length, kind, speech_frames - kept_speech))
        start, heard, speech_frames = start + length, kept, kept_speech
        quiet = min(quiet, len(kept))
    return State(start, tuple(heard), quiet, speech_frames), tuple(cuts)


def _cut(
    heard: list[tuple[float, bool]], quiet: int, speech_frames: int, silence_before: int, rule: Rule
) -> tuple[int, Literal["pause", "forced"]] | None:
    """Return how many frames of the open segment to cut off now, and why; None to go on listening.

    Args:
        heard: the open segment's frames, the newest last.
        quiet: how many of the last frames are no speech.
        speech_frames: how many of all the frames are speech.
        silence_before: how many silent frames precede the newest one, where that is the first speech; else 0.
        rule: how to cut.
    """
    length = len(heard)
    if silence_before:
        # What was silent up to here stands alone; the words to come get a little silence before them.
        lead = length - 1 - _frames(rule.pause_ms) // 2
        return (lead, "pause") if lead * FRAME_MS >= rule.min_ms else None
    if speech_frames:
        for need_ms, from_ms in ((rule.pause_ms, rule.min_ms), (rule.short_pause_ms, rule.aim_ms)):
            need = _frames(need_ms)
            middle = length - need // 2
            if quiet >= need and middle * FRAME_MS >= from_ms:
                return middle, "pause"
    if (length + 1) * FRAME_MS <= rule.max_ms:
        return None
    if speech_frames == 0:
        return length, "pause"
    return _quietest(heard, rule), "forced"


def _quietest(heard: list[tuple[float, bool]], rule: Rule) -> int:
    """Return the middle of the stretch with the lowest probability of speech near the end; of equals, the last."""
    width = QUIET_MS // FRAME_MS
    first = max(_frames(rule.min_ms) - width // 2, len(heard) - SEARCH_MS // FRAME_MS, 0)
    values = [probability for probability, _ in heard]
    begins = range(first, len(heard) - width + 1)
    best = min(begins, key=lambda begin: (sum(values[begin : begin + width]), -begin))
    return best + width // 2


def _frames(length_ms: int) -> int:
    """Return how many frames last at least that long."""
    return -(-length_ms // FRAME_MS)
