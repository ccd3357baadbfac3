"""Print how well voices are told apart on meetings with truth, with and without what all voices have in common.

    python docs/voice_measures.py FOLDER=TRANSCRIPTS.jsonl …

For each meeting: cosines of one voice and of two, in stretches of a true turn of up to 4 s, and the threshold at which
both errors are equally frequent. Then the common part of all voices, base64 of 192 float16, such as floorlog/data/voice
has it of the two development meetings.
"""

from __future__ import annotations

import base64
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from attribution_measures import heard_of
from numpy.typing import NDArray

STRETCH_MS, LEAST_MS, LONG_MS = 4000, 600, 2500

Vectors = NDArray[np.float64]


@dataclass(frozen=True)
class Heard:
    """A stretch of one turn: whose it is, how long, and its windows' voices, shape (n, 192)."""

    entity: str
    length_ms: int
    vectors: Vectors


def stretches(argument: str) -> list[Heard]:
    """Return the stretches of a meeting that was heard, of FOLDER=TRANSCRIPTS.jsonl."""
    case = heard_of(argument)
    windows = [window for transcript in case.transcripts for window in transcript.voice_windows]
    found = []
    for turn in case.truth.turns:
        for start_ms in range(turn.span.start_ms, turn.span.end_ms - LEAST_MS, STRETCH_MS):
            end_ms = min(turn.span.end_ms, start_ms + STRETCH_MS)
            inside = [
                item for item in windows if start_ms - 50 <= item.span.start_ms and item.span.end_ms <= end_ms + 50
            ]
            if inside:
                found.append(Heard(turn.entity, end_ms - start_ms, np.array([item.embedding for item in inside])))
    return found


def common(meeting: list[Heard]) -> Vectors:
    """Return the mean voice of a meeting, each speaker with equal weight."""
    speakers: dict[str, list[Vectors]] = {}
    for item in meeting:
        speakers.setdefault(item.entity, []).append(item.vectors)
    means = np.array([np.concatenate(vectors).mean(axis=0) for vectors in speakers.values()], dtype=np.float64)
    return np.asarray(means.mean(axis=0), dtype=np.float64)


def told_apart(meeting: list[Heard], mean: Vectors) -> str:
    """Return medians of one voice and of two, threshold and errors, for long stretches and short ones, as cells."""
    sums = np.array([(item.vectors - mean).mean(axis=0) for item in meeting])
    units = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    cosines = units @ units.T
    lengths = np.array([item.length_ms for item in meeting])
    names = np.array([item.entity for item in meeting])
    same = (names[:, None] == names[None, :]) & ~np.eye(len(names), dtype=bool)
    other = names[:, None] != names[None, :]
    long_ = np.minimum(lengths[:, None], lengths[None, :]) >= LONG_MS
    cells = []
    for chosen in (long_, ~long_):
        one, two = cosines[same & chosen], cosines[other & chosen]
        tried = np.linspace(-1, 1, 801)
        missed = np.array([(one < at).mean() for at in tried])
        mixed = np.array([(two >= at).mean() for at in tried])
        best = int(np.argmin(np.abs(missed - mixed)))
        errors = 50 * (missed[best] + mixed[best])
        cells.append(f"{np.median(one):.2f} | {np.median(two):.2f} | {tried[best]:.2f} | {errors:.1f} %")
    return " | ".join(cells)


def main() -> None:
    """Print the tables."""
    meetings = {argument: stretches(argument) for argument in sys.argv[1:]}
    print("| meeting | | one voice | two | threshold | errors | short: one | two | threshold | errors |")
    print("|" + "---|" * 10)
    for name, meeting in meetings.items():
        nothing: Any = np.zeros_like(common(meeting))
        print(f"| {name} | plain | {told_apart(meeting, nothing)} |")
        print(f"| | without the common part | {told_apart(meeting, common(meeting))} |")
    whole = [Heard(f"{name} {item.entity}", 0, item.vectors) for name, items in meetings.items() for item in items]
    print(base64.b64encode(common(whole).astype("<f2").tobytes()).decode("ascii"))


if __name__ == "__main__":
    main()
