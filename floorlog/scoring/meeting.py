"""What one meeting gives to the scores: counts for each of its true turns, and what was judged there."""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from floorlog.coverage import Ledger
from floorlog.scoring.judging import Agreement, Judged, agreements, judge
from floorlog.scoring.latency import Shown, latencies_s
from floorlog.scoring.logged import Logged, heard_words
from floorlog.scoring.stretches import (
    Boundary,
    Held,
    boundaries,
    ends,
    logged_stretches,
    match,
    starts,
    true_stretches,
)
from floorlog.scoring.truth import Truth


@dataclass(slots=True)
class Tally:
    """What belongs to one stretch of one true holder: counts by name, candidates as (confidence, wrong), latencies."""

    counts: Counter[str] = field(default_factory=Counter)
    candidates: list[tuple[float, bool, bool]] = field(default_factory=list)  # the last: somebody names it
    latencies_s: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scored:
    """One meeting's log beside its truth.

    Args:
        name: The meeting's.
        recording: What was recorded; the texts of several recognisers may be of one recording.
        tallies: One for each stretch of one true holder, in order.
        missed: True boundaries that the log has not.
        extra: Boundaries of the log that are none.
    """

    name: str
    recording: str
    tallies: tuple[Tally, ...]
    judged: tuple[Judged, ...]
    agreements: tuple[Agreement, ...]
    missed: tuple[Boundary, ...]
    extra: tuple[Boundary, ...]


def score(
    name: str,
    recording: str,
    truth: Truth,
    log: Sequence[Logged],
    shown: dict[str, Shown],
    ledger: Ledger | None = None,
    alone: Sequence[Sequence[str]] = (),
) -> Scored:
    """Score one meeting.

    Args:
        name: The meeting's.
        recording: What was recorded.
        truth: What was said by whom.
        log: The interventions of the log, in any order.
        shown: When the floor's machine showed each of them.
        ledger: What the clock of the meeting's sound holds; None for a text, whose words are not scored.
        alone: Words that the recogniser hears in each true turn alone; empty where that was not tried.
    """
    held = true_stretches(truth)
    place = _Place(held)
    tallies = tuple(Tally() for _ in held)
    missed, extra = _boundaries(held, log, place, tallies)
    judged = tuple(judge(item, log) for item in truth.interventions)
    for item in judged:
        _judged(item, shown, tallies[place.at(item.truth.parts[0].start_ms)])
    agreed = tuple(agreements(truth, log))
    for stretch in agreed:
        counts = tallies[place.at(stretch.span.start_ms)].counts
        counts["time"] += stretch.span.length_ms
        counts["time_right"] += stretch.span.length_ms if stretch.right else 0
    if ledger is not None:
        _words(truth, log, place, tallies)
        if not truth.text_is_whole:
            tallies[0].counts["omission_base"] = ledger.total_ms("words") + ledger.total_ms("speech_without_words")
            tallies[0].counts["omitted"] = ledger.total_ms("speech_without_words")
    if alone:
        _alone(truth, alone, place, tallies)
    return Scored(name, recording, tallies, judged, agreed, missed, extra)


class _Place:
    """Finds the stretch of one true holder to which a moment belongs: the last one that started before it."""

    def __init__(self, held: Sequence[Held]) -> None:
        self.starts_ms = [item.span.start_ms for item in held]

    def at(self, moment_ms: int) -> int:
        return max(0, bisect.bisect_right(self.starts_ms, moment_ms) - 1)


def _boundaries(
    held: Sequence[Held], log: Sequence[Logged], place: _Place, tallies: Sequence[Tally]
) -> tuple[tuple[Boundary, ...], tuple[Boundary, ...]]:
    true, found = boundaries(held), boundaries(logged_stretches(log))
    matched = match([item.interval for item in true], [item.interval for item in found])
    kinds = {
        "boundaries": ([item.interval for item in true], [item.interval for item in found], matched),
        "starts": (starts(true), starts(found), match(starts(true), starts(found))),
        "ends": (ends(true), ends(found), match(ends(true), ends(found))),
    }
    for kind, (true_at, found_at, pairs) in kinds.items():
        for index, (_, at_ms) in enumerate(true_at):
            counts = tallies[place.at(at_ms)].counts
            counts[f"{kind}_true"] += 1
            counts[f"{kind}_matched"] += index in pairs
        for index, (_, at_ms) in enumerate(found_at):
            tallies[place.at(at_ms)].counts[f"{kind}_extra"] += index not in pairs.values()
    missed = tuple(item for index, item in enumerate(true) if index not in matched)
    extra = tuple(item for index, item in enumerate(found) if index not in matched.values())
    return missed, extra


def _judged(item: Judged, shown: dict[str, Shown], tally: Tally) -> None:
    counts, truth = tally.counts, item.truth
    counts["interventions"] += 1
    counts[item.verdict] += 1
    counts["given_to_chair"] += item.entity == "CHAIR"
    counts["named"] += truth.named
    counts["on_behalf_of_false"] += item.on_behalf_of_false
    if truth.on_behalf_of is not None:
        counts["on_behalf_of"] += 1
        counts["on_behalf_of_right"] += item.on_behalf_of_right
    if truth.kind is not None:
        counts["kind"] += 1
        counts["kind_right"] += item.agrees("kind")
    if truth.role is not None and truth.named:
        counts["role"] += 1
        counts["role_right"] += item.agrees("role")
    if truth.language is not None and item.found is not None and item.found.words:
        counts["language"] += 1
        counts["language_right"] += item.agrees("language")
    if item.candidate is not None:
        tally.candidates.append((*item.candidate, truth.named))
    latencies = latencies_s(item, shown)
    if latencies is not None:
        tally.latencies_s.append(latencies)


def _alone(truth: Truth, alone: Sequence[Sequence[str]], place: _Place, tallies: Sequence[Tally]) -> None:
    """Count the errors of the recogniser alone, turn by turn."""
    from floorlog.scoring.word_errors import normalised, word_errors  # the extra `eval`

    for turn, heard in zip(truth.turns, alone, strict=True):
        if turn.text and (said := normalised(turn.text)):
            found = word_errors([said], normalised(" ".join(heard)))
            counts = tallies[place.at(turn.span.start_ms)].counts
            counts["words_alone"] += found.words[0]
            counts["errors_alone"] += found.errors[0]


def _words(truth: Truth, log: Sequence[Logged], place: _Place, tallies: Sequence[Tally]) -> None:
    """Count word errors over the turns whose words are known; a word that was heard belongs to the nearest turn."""
    from floorlog.scoring.word_errors import normalised, speaker_errors, word_errors  # the extra `eval`

    texts = [normalised(turn.text or "") for turn in truth.turns]
    if not any(texts):
        return
    spoken: dict[str, list[str]] = {}
    for turn, text in zip(truth.turns, texts, strict=True):
        if turn.text is not None:
            spoken.setdefault(turn.entity, []).extend(text)
    heard: list[str] = []
    by_voice: dict[str, list[str]] = {}
    for word, item in heard_words(log):
        middle_ms = (word.span.start_ms + word.span.end_ms) // 2
        nearest = min(
            truth.turns, key=lambda turn: max(0, turn.span.start_ms - middle_ms, middle_ms - turn.span.end_ms)
        )
        if nearest.text is not None:
            words = normalised(word.text)
            heard.extend(words)
            by_voice.setdefault(item.entity or item.id, []).extend(words)
    found = word_errors(texts, heard)
    for index, turn in enumerate(truth.turns):
        counts = tallies[place.at(turn.span.start_ms)].counts
        counts["words"] += found.words[index]
        counts["word_errors"] += found.errors[index]
        if truth.text_is_whole:
            counts["omission_base"] += found.words[index]
            counts["omitted"] += found.omitted[index]
    firsts = {turn.entity: turn for turn in reversed(truth.turns)}
    for entity, errors in speaker_errors(spoken, by_voice).items():
        at_ms = firsts[entity].span.start_ms if entity else 0
        tallies[place.at(at_ms)].counts["speaker_errors"] += errors
