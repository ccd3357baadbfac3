"""Where voices change inside one segment: its speech is split there into pieces, each to be decoded alone.

The recogniser drops a short line of the chair that stands between two statements in one chunk; a piece of its own keeps
it. Pieces cost time, so a split must pay: with it, the voices must be explained clearly better than without it.

Times are ms from the start of the segment. A *run* is speech between two breaths: a change of voice hardly ever comes
without one (measured: 134 of 134), so a run is taken to hold one voice, unless its windows say otherwise very clearly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from floorlog.clock import Span
from floorlog.cutting import FRAME_MS, LOUD, QUIET
from floorlog.words import VoiceWindow


@dataclass(frozen=True, slots=True)
class Rule:
    """How to find speech in a segment, where to listen to voices, and when to split.

    Args:
        pause_ms: silence that ends a span of speech.
        pad_ms: kept around a span of speech.
        min_speech_ms: less than this is a click, not speech.
        breath_ms: silence that ends a run.
        window_ms: longest window of voice.
        hop_ms: from one window of a long run to the next, at most.
        min_window_ms: a run below this tells nothing about its voice.
        cost: what one more piece must save: seconds of speech times cosine distance to the piece's mean voice.
        cost_per_s: the same for a short piece, for each of its seconds; the lower of both counts, because a short
            piece cannot save much.
        cost_without_breath: what a split inside a run must save beyond that.
    """

    pause_ms: int = 500
    pad_ms: int = 200
    min_speech_ms: int = 128
    breath_ms: int = 96
    window_ms: int = 1500
    hop_ms: int = 750
    min_window_ms: int = 400
    cost: float = 0.5
    cost_per_s: float = 0.45
    cost_without_breath: float = 0.1


RULE = Rule()


def runs(probabilities: Sequence[float] | NDArray[np.float32], length_ms: int, rule: Rule = RULE) -> tuple[Span, ...]:
    """Return the stretches of speech without a breath, in order.

    Args:
        probabilities: of speech, for each frame of 32 ms; the last frame may pass the end.
        length_ms: length of the segment.
        rule: how to find speech.
    """
    found: list[Span] = []
    speaking, start = False, 0
    for frame, probability in enumerate([*probabilities, 0.0]):
        before, speaking = speaking, bool(probability >= (QUIET if speaking else LOUD))
        if speaking and not before:
            start = frame * FRAME_MS
        elif before and not speaking:
            found.append(Span(start, min(length_ms, frame * FRAME_MS)))
    spans = [span for span in _merge(found, rule.pause_ms) if span.length_ms >= rule.min_speech_ms]
    return tuple(run for run in _merge(found, rule.breath_ms) if any(run.overlap_ms(span) for span in spans))


def speech(of: Sequence[Span], length_ms: int, rule: Rule = RULE) -> tuple[Span, ...]:
    """Return the spans of speech that the runs make up, with a little silence around each; in order, apart.

    Args:
        of: runs.
        length_ms: length of the segment.
        rule: how to find speech.
    """
    pad = min(rule.pad_ms, (rule.pause_ms - 1) // 2)
    spans = _merge(of, rule.pause_ms)
    return tuple(Span(max(0, span.start_ms - pad), min(length_ms, span.end_ms + pad)) for span in spans)


def windows(of: Sequence[Span], rule: Rule = RULE) -> tuple[Span, ...]:
    """Return where to listen to voices: windows that lie in one run each, evenly spread over it."""
    found: list[Span] = []
    for run in of:
        if run.length_ms < rule.min_window_ms:
            continue
        spare = run.length_ms - rule.window_ms
        count = 1 if spare <= 0 else 1 + -(-spare // rule.hop_ms)
        starts = [run.start_ms + (spare * index // (count - 1) if count > 1 else 0) for index in range(count)]
        found.extend(Span(start, min(run.end_ms, start + rule.window_ms)) for start in starts)
    return tuple(found)


def split(of: Sequence[Span], voices: Sequence[VoiceWindow], length_ms: int, rule: Rule = RULE) -> tuple[Span, ...]:
    """Return the pieces of a segment's speech, each with one voice as far as can be heard; in order, apart.

    Args:
        of: runs.
        voices: what was heard in `windows(of)`, in that order.
        length_ms: length of the segment.
        rule: when to split.
    """
    if not of:
        return ()
    cells = _cells(of, voices)
    cuts = [_between(cells[index - 1], cells[index], of) for index in _best_cuts(cells, voices, rule)]
    edges = [0, *cuts, length_ms]
    pieces: list[Span] = []
    for start_ms, end_ms in pairwise(edges):
        inside = [run for run in of if run.start_ms < end_ms and run.end_ms > start_ms]
        if inside:
            first, last = inside[0].start_ms - rule.pad_ms, inside[-1].end_ms + rule.pad_ms
            pieces.append(Span(max(start_ms, first), min(end_ms, last)))
    return tuple(pieces)


def _merge(spans: Sequence[Span], silence_ms: int) -> list[Span]:
    """Return the spans, with those joined that lie closer together than `silence_ms`."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start_ms - joined[-1].end_ms < silence_ms:
            joined[-1] = Span(joined[-1].start_ms, span.end_ms)
        else:
            joined.append(span)
    return joined


def _cells(of: Sequence[Span], voices: Sequence[VoiceWindow]) -> list[Span]:
    """Return the stretch that each window stands for: its run, shared evenly with the run's other windows."""
    cells: list[Span] = []
    for run in of:
        inside = [voice.span for voice in voices if run.start_ms <= voice.span.start_ms < run.end_ms]
        centres = [(span.start_ms + span.end_ms) // 2 for span in inside]
        borders = [run.start_ms, *((left + right) // 2 for left, right in pairwise(centres)), run.end_ms]
        cells.extend(Span(start, end) for start, end in pairwise(borders) if inside)
    return cells


def _between(left: Span, right: Span, of: Sequence[Span]) -> int:
    """Return where to cut between two cells: in the middle of the longest silence, of equals the first."""
    near = [run for run in of if run.start_ms <= right.start_ms and run.end_ms >= left.end_ms]
    silences = [(before.end_ms, after.start_ms) for before, after in pairwise(near)]
    start, end = max(silences, key=lambda silence: silence[1] - silence[0], default=(left.end_ms, right.start_ms))
    return (start + end) // 2


def _best_cuts(cells: Sequence[Span], voices: Sequence[VoiceWindow], rule: Rule) -> list[int]:
    """Return before which cells to cut, so that the scatter and the cost of all pieces are least together.

    The scatter of a piece is Σ wᵢ(1 − eᵢ·c), with wᵢ the seconds of cell i, eᵢ its voice and c the direction of Σ wᵢeᵢ;
    that is Σ wᵢ − |Σ wᵢeᵢ|. So the least sum over all ways to cut is found exactly, by dynamic programming. Of equal
    ways, the one with the later last cut wins.
    """
    if not cells:
        return []
    weights = np.array([cell.length_ms / 1000 for cell in cells])
    voice = np.array([each.embedding for each in voices], dtype=np.float64)
    seconds = np.concatenate([[0.0], np.cumsum(weights)])
    sums = np.concatenate([np.zeros((1, voice.shape[1])), np.cumsum(weights[:, None] * voice, axis=0)])
    extra = np.array([0.0, *(_extra(left, right, rule) for left, right in pairwise(cells))])
    least, last_cut = [0.0], [0]
    for end in range(1, len(cells) + 1):
        length = seconds[end] - seconds[:end]
        scatter = length - np.linalg.norm(sums[end] - sums[:end], axis=1)
        ways = np.array(least) + scatter + np.minimum(rule.cost, rule.cost_per_s * length) + extra[:end]
        best = min(range(end), key=lambda start: (round(float(ways[start]), 9), -start))
        least.append(float(ways[best]))
        last_cut.append(best)
    cuts: list[int] = []
    at = last_cut[-1]
    while at > 0:
        cuts.append(at)
        at = last_cut[at]
    return cuts[::-1]


def _extra(left: Span, right: Span, rule: Rule) -> float:
    """Return what a cut between two cells costs beyond the piece that it makes."""
    return 0.0 if left.end_ms < right.start_ms else rule.cost_without_breath
