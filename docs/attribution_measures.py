"""Print the tables of docs/attribution.md: what each type of evidence was worth, what its absence costs, reliability.

    python docs/attribution_measures.py --texts FOLDER… --heard FOLDER=TRANSCRIPTS.jsonl …

FOLDER has a truth.json; TRANSCRIPTS.jsonl has the meeting's transcripts, one JSON document a line, in order.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from floorlog import words
from floorlog.announcements import End
from floorlog.attribution import WEIGHTS
from floorlog.clock import Span
from floorlog.interventions import Event, Intervention, begin, hear
from floorlog.scoring import judging, logged, stretches, truth
from floorlog.words import Piece, Recogniser, Transcript, Word

WORD_MS = 400
WORDS_AT_ONCE = 25
LARGEST = 5.0
"""No weight is larger: a hundred cases without an error do not prove more."""

EXPECTED = {
    "given": 5.0,
    "bare-name": 4.0,
    "recognized": 4.0,
    "promised": 3.5,
    "resumed": 4.0,
    "announced": 0.7,
    "thanked": 4.5,
    "thanked-or-given": 2.2,
    "introduced": 3.5,
    "self-reference": 1.8,
    "voice-known": 2.5,
}
"""Log-odds that were expected of each type before it was counted."""

BEFOREHAND = 10
"""So many cases the expectation is worth."""


@dataclass(frozen=True)
class Case:
    """A meeting with its truth; `recording` names what several texts may be of."""

    recording: str
    kind: str
    truth: truth.Truth
    transcripts: tuple[Transcript, ...]


def texts_of(folder: Path) -> list[Case]:
    """Return the texts of a folder, one for each variant that can be scored."""
    document = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    found = []
    for name, variant in document["variants"].items():
        if name.startswith("pv"):
            continue
        said = (folder / variant["file"]).read_text(encoding="utf-8").split()
        found.append(Case(folder.name.split("__")[0], "texts", truth.of_text(variant), tuple(spoken(said))))
    return found


def spoken(said: Sequence[str]) -> list[Transcript]:
    """Return a text as transcripts of even words."""
    recogniser = Recogniser("none", "none", "0" * 64, {}, "1")
    found = []
    for at in range(0, len(said), WORDS_AT_ONCE):
        part = [
            Word(text, Span((at + index) * WORD_MS, (at + index + 1) * WORD_MS), 1.0)
            for index, text in enumerate(said[at : at + WORDS_AT_ONCE])
        ]
        span = Span(part[0].span.start_ms, part[-1].span.end_ms)
        piece = Piece(span, "en", 1.0, 0.0, tuple(part))
        found.append(Transcript("m", "floor", f"m.floor.{at}", span, recogniser, (piece,), (span,), (), ()))
    return found


def heard_of(argument: str) -> Case:
    """Return a meeting that was heard, of FOLDER=TRANSCRIPTS.jsonl."""
    folder, _, file = argument.partition("=")
    document = json.loads((Path(folder) / "truth.json").read_text(encoding="utf-8"))
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    transcripts = tuple(words.decode(json.loads(line)) for line in lines)
    return Case(Path(folder).name, "sound", truth.of_audio(document), transcripts)


def asked_for(about: str | None) -> list[Case]:
    """Return the meetings that the command line names."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", nargs="*", default=[], type=Path)
    parser.add_argument("--heard", nargs="*", default=[])
    given = parser.parse_args()
    cases = [case for folder in sorted(given.texts) for case in texts_of(folder)]
    return cases + [heard_of(argument) for argument in given.heard]


def log_of(case: Case, voices: bool = True) -> list[Intervention]:
    """Return the log of a meeting, each intervention in its last revision."""
    first, last = case.transcripts[0], case.transcripts[-1]
    state = begin({"id": first.meeting_id, "channels": [{"name": first.channel}]})
    end = End(first.meeting_id, first.channel, len(case.transcripts), last.span.end_ms, -1)
    events: list[Event] = [*(item if voices else replace(item, voice_windows=()) for item in case.transcripts), end]
    latest: dict[str, Intervention] = {}
    for event in events:
        heard = hear(state, event)
        state = heard.state
        latest.update({item.intervention.id: item.intervention for item in heard.settled})
    return sorted(latest.values(), key=lambda item: item.spans[0])


def marks(cases: Sequence[Case], voices: bool = True) -> str:
    """Return boundary F1 and right, wrong and abstained over meetings, as cells of a table."""
    cells = []
    for kind in ("sound", "texts"):
        true = found = matched = 0
        verdicts: Counter[str] = Counter()
        for case in cases:
            if case.kind != kind:
                continue
            log = logged.of_interventions(log_of(case, voices))
            ours = stretches.boundaries(stretches.logged_stretches(log))
            theirs = stretches.boundaries(stretches.true_stretches(case.truth))
            true, found = true + len(theirs), found + len(ours)
            matched += len(stretches.match([item.interval for item in theirs], [item.interval for item in ours]))
            verdicts.update(judging.judge(item, log).verdict for item in case.truth.interventions)
        score = 2 * matched / (true + found) if true + found else 1.0
        cells.append(f"{score:.3f} | {verdicts['right']}/{verdicts['wrong']}/{verdicts['abstained']}")
    return " | ".join(cells)


@dataclass(frozen=True)
class Observed:
    """What spoke for whose a true intervention was: for each entity, types with the trust in the name."""

    recording: str
    entity: str | None
    reasons: tuple[tuple[str, str, float], ...]


def observed(cases: Sequence[Case]) -> list[Observed]:
    """Return the evidence that the log has of each true intervention; its entity is None where nobody says it."""
    found = []
    for case in cases:
        log = log_of(case)
        by_id = {item.id: item for item in log}
        for judged in (judging.judge(item, logged.of_interventions(log)) for item in case.truth.interventions):
            if judged.found is None or judged.found.id not in by_id or by_id[judged.found.id].kind == "chair":
                continue
            reasons = tuple(
                (item.type, item.entity, item.weight / WEIGHTS[item.type])
                for item in by_id[judged.found.id].attribution.evidence
                if item.entity is not None
            )
            found.append(Observed(case.recording, judged.truth.entity if judged.truth.named else None, reasons))
    return found


def counted(items: Sequence[Observed]) -> dict[str, tuple[int, int]]:
    """Return for each type of evidence how often it named the right entity, and another; misheard names left out."""
    found: dict[str, tuple[int, int]] = {}
    for item in items:
        for name, entity in sorted({(name, entity) for name, entity, trust in item.reasons if trust == 1.0}):
            right, wrong = found.get(name, (0, 0))
            found[name] = (right + 1, wrong) if entity == item.entity else (right, wrong + 1)
    return found


def fitted(counts: dict[str, tuple[int, int]]) -> dict[str, float]:
    """Return the weights that counts give, with BEFOREHAND cases added as EXPECTED; none above LARGEST."""
    weights = dict(WEIGHTS)
    for name, expected in EXPECTED.items():
        right, wrong = counts.get(name, (0, 0))
        share = 1 / (1 + math.exp(-expected))
        weights[name] = min(LARGEST, math.log((right + BEFOREHAND * share) / (wrong + BEFOREHAND * (1 - share))))
    return weights


def confidence(item: Observed, weights: dict[str, float]) -> tuple[float, bool] | None:
    """Return how sure weights are of their likeliest entity, and whether it is the right one; None without any."""
    totals: dict[str, float] = {}
    for name, entity in sorted({(name, entity) for name, entity, _ in item.reasons}):
        trust = max(trust for other, code, trust in item.reasons if (other, code) == (name, entity))
        totals[entity] = totals.get(entity, 0.0) + weights[name] * trust
    if not totals:
        return None
    best = max(sorted(totals), key=lambda entity: totals[entity])
    return math.exp(totals[best]) / (1 + sum(math.exp(total) for total in totals.values())), best == item.entity


def main() -> None:
    """Print the tables."""
    cases = asked_for(__doc__)

    items = observed(cases)
    counts = counted(items)
    weights = fitted(counts)
    print("| type | right | wrong | fitted | used |\n|---|---|---|---|---|")
    for name in WEIGHTS:
        right, wrong = counts.get(name, (0, 0))
        print(f"| {name} | {right} | {wrong} | {weights[name]:.1f} | {WEIGHTS[name]:.1f} |")

    print("\n| without | sound F1 | sound | texts F1 | texts |\n|---|---|---|---|---|")
    print(f"| nothing | {marks(cases)} |")
    print(f"| voices | {marks(cases, voices=False)} |")
    for name in [name for name in WEIGHTS if name in counts]:
        kept, WEIGHTS[name] = WEIGHTS[name], 0.0
        print(f"| {name} | {marks(cases)} |", flush=True)
        WEIGHTS[name] = kept

    bins: dict[str, list[tuple[float, bool]]] = {}
    for recording in sorted({item.recording for item in items}):
        others = fitted(counted([item for item in items if item.recording != recording]))
        for item in items:
            sure = confidence(item, others) if item.recording == recording else None
            if sure is not None:
                name = next(text for least, text in BINS if sure[0] >= least)
                bins.setdefault(name, []).append(sure)
    print("\n| confidence | cases | mean confidence | right |\n|---|---|---|---|")
    for _, name in BINS:
        if name in bins:
            mean = sum(value for value, _ in bins[name]) / len(bins[name])
            share = sum(right for _, right in bins[name]) / len(bins[name])
            print(f"| {name} | {len(bins[name])} | {mean:.3f} | {share:.3f} |")


BINS = ((0.99, "0.99 to 1"), (0.95, "0.95 to 0.99"), (0.85, "0.85 to 0.95"), (0.5, "0.5 to 0.85"), (0.0, "below 0.5"))

if __name__ == "__main__":
    main()
