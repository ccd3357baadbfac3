"""Print the tables of docs/attribution.md on the floor's odds: what each observation was worth on meetings with truth.

    python docs/floor_measures.py --texts FOLDER… --heard FOLDER=TRANSCRIPTS.jsonl …

Each utterance that the floor decides on is labelled with who truly speaks in its middle. Cues are counted as said by
the chair or by others, and the step to each utterance by what the chair has done before. For the arguments see
docs/attribution_measures.py.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from attribution_measures import Case, asked_for, log_of

import floorlog.interventions
from floorlog.floor import Gave, Step, gave_by
from floorlog.floor_odds import CHAIR_SAYS, GOES_ON, STAYS_AFTER_GIVING, TAKES
from floorlog.handovers import add
from floorlog.turns import Over, Turns
from floorlog.utterances import Utterance

CHAIR = "CHAIR"
KINDS = ("sound", "texts")

SEEN, LEAST, MOST = 20, -4.0, 6.0
"""A phrase is fitted that was seen so often, and to log-odds between these."""


@dataclass(frozen=True)
class Labelled:
    """An utterance, who truly speaks in it, and which of the truth's turns that is."""

    recording: str
    kind: str
    utterance: Utterance
    holder: str
    turn: int


def labelled(case: Case) -> list[Labelled]:
    """Return the utterances of a meeting with their truth; those in which nobody is known to speak are left out."""
    heard: list[Utterance] = []

    def spy(turns: Turns, utterance: Utterance, step: Step) -> tuple[Turns, tuple[Over, ...]]:
        heard.append(utterance)
        return add(turns, utterance, step)

    setattr(floorlog.interventions, "add", spy)  # noqa: B010 - what is decided is only seen there
    try:
        log_of(case)
    finally:
        setattr(floorlog.interventions, "add", add)  # noqa: B010
    found = []
    for utterance in _last_of(heard):
        middle_ms = (utterance.span.start_ms + utterance.span.end_ms) // 2
        for index, turn in enumerate(case.truth.turns):
            if turn.span.start_ms <= middle_ms < turn.span.end_ms:
                found.append(Labelled(case.recording, case.kind, utterance, turn.entity, index))
                break
    return found


def _last_of(heard: Sequence[Utterance]) -> list[Utterance]:
    """Return the utterances as they were decided on, in order; before that, each was guessed at with every event."""
    kept: list[Utterance] = []
    free_ms = math.inf
    last = {utterance.span.start_ms: index for index, utterance in enumerate(heard)}
    for start_ms in sorted(last, reverse=True):
        utterance = heard[last[start_ms]]
        if utterance.span.end_ms <= free_ms or last[start_ms] > last[kept[-1].span.start_ms]:
            kept.append(utterance)
            free_ms = start_ms
    return kept[::-1]


def steps(items: Sequence[Labelled]) -> Iterator[tuple[str, Gave, Step]]:
    """Yield for each utterance who spoke before (chair or holder), what the chair had done, and the true step."""
    chair, holder, before = True, -1, ""
    gave: Gave = "nothing"
    for item in items:
        spoke = "chair" if chair else "holder"
        if item.holder == CHAIR:
            now = gave_by(item.utterance)
            yield spoke, gave, "chair"
            gave = now if now != "nothing" or not chair else gave
            chair = True
            continue
        step: Step = "same" if not chair and item.turn == holder else "resumed" if item.holder == before else "new"
        yield spoke, gave, step
        chair, gave, holder, before = False, "nothing", item.turn, item.holder


def cue_table(items: Sequence[Labelled]) -> None:
    """Print how often each phrase was the chair's and others', and the log of the ratio of its rates."""
    said: Counter[tuple[str, bool, str]] = Counter()
    utterances: Counter[bool] = Counter()
    for item in items:
        chair = item.holder == CHAIR
        utterances[chair] += 1
        said.update((item.kind, chair, kind) for kind in item.utterance.kinds)
    print("| phrase | sound: chair | others | texts: chair | others | fitted | used |\n|---|---|---|---|---|---|---|")
    for cue, used in CHAIR_SAYS.items():
        seen = {(kind, chair): said[kind, chair, cue] for kind in KINDS for chair in (True, False)}
        by_chair, by_others = (sum(seen[kind, chair] for kind in KINDS) for chair in (True, False))
        rates = [(by_chair + 0.5) / (utterances[True] + 1), (by_others + 0.5) / (utterances[False] + 1)]
        fitted = max(LEAST, min(MOST, math.log(rates[0] / rates[1])))
        cells = " | ".join(str(seen[kind, chair]) for kind in KINDS for chair in (True, False))
        shown = f"{fitted:+.1f}" if by_chair + by_others >= SEEN else "–"
        print(f"| {cue} | {cells} | {shown} | {used:+.1f} |")
    print(f"\n{utterances[True]} utterances of the chair, {utterances[False]} of others.")


def step_table(cases: Sequence[Sequence[Labelled]]) -> None:
    """Print how often each step followed what the chair had done, and the log of its share."""
    counts: Counter[tuple[str, Gave, Step]] = Counter(step for case in cases for step in steps(case))
    print("\n| before | chair has given | next | cases | log share |\n|---|---|---|---|---|")
    for (spoke, gave, step), count in sorted(counts.items()):
        whole = sum(other for key, other in counts.items() if key[:2] == (spoke, gave))
        print(f"| {spoke} | {gave} | {step} | {count} | {math.log((count + 0.5) / (whole + 1)):+.1f} |")
    print(f"\nused: TAKES {TAKES}, GOES_ON {GOES_ON}, STAYS_AFTER_GIVING {STAYS_AFTER_GIVING}")


def speeds(cases: Sequence[Case]) -> None:
    """Print how many times faster than real time the floor's machine alone is, by the time of one processor."""
    for case in cases:
        log_of(case)
        began_s = time.process_time()
        log_of(case)
        length_s = case.transcripts[-1].span.end_ms / 1000
        print(f"{case.recording}: {length_s / (time.process_time() - began_s):.0f} times real time")


def main() -> None:
    """Print the tables."""
    cases = asked_for(__doc__)
    found = [labelled(case) for case in cases]
    cue_table([item for items in found for item in items])
    for kind in KINDS:
        own = [items for items in found if items and items[0].kind == kind]
        print(f"\n## {kind}\n")
        step_table(own)
        print()
        speeds([case for case in cases if case.kind == kind])


if __name__ == "__main__":
    main()
