"""Corrections compose, undo exactly and replay to the same bytes; a better model loses none of them."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorlog import contract
from floorlog.clock import Span
from floorlog.corrections import spans_of
from floorlog.coverage_shares import shared
from floorlog.errors import InvalidDocument
from floorlog.held_records import Correction
from floorlog.identity import canonical_json
from floorlog.reapplying import PLAIN, reapply
from floorlog.retiming import MARKS, retime
from floorlog.undoing import MemoryDesk, next_redo, next_undo, replay, taken_back
from tests.corrected import FRANCE, KENYA, a_correction, a_desk, a_record, a_speaker, no_themes

CORRECTIONS = 200

HOSTILE = (
    "<script>alert(1)</script>",
    "\u202egnal\u202c",
    "\u0007bell",
    "السيدة",
    "我们欢迎",
    "é́́",
    "a\u200bb",
    "[gavel]",
)


def bytes_of(desk: MemoryDesk) -> dict[str, str]:
    """What stands of a meeting, byte for byte."""
    return {item["id"]: canonical_json(item) for item in desk.standing()}


class Reviewer:
    """Somebody who corrects at random, and never writes a word twice."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.numbers = itertools.count()

    def edited(self, text: str) -> str:
        """A text with some words changed, taken out or put in."""
        words = text.split(" ") if text else []
        for _ in range(self.random.randint(1, 3)):
            at, choice = self.random.randint(0, len(words)), self.random.randrange(4)
            own = f"h{next(self.numbers)}" + self.random.choice(("", "", ",", "."))
            if choice == 0 and at < len(words):
                del words[at]
            elif choice == 1 and at < len(words):
                words[at] = own
            elif choice == 2:
                words[at:at] = [self.random.choice((*HOSTILE, *MARKS)), own]
            else:
                words.insert(at, own)
        return " ".join(words)

    def one(self, content: dict[str, Any]) -> tuple[str, Any]:
        """An operation on one record that only changes its fields, with its `after`."""
        kind = self.random.choice(
            (
                "text",
                "text",
                "text",
                "speaker",
                "person",
                "on_behalf_of",
                "kind",
                "note",
                "off_record",
                "language",
                "aligned_with",
            )
        )
        spans = content["spans"]
        return kind, {
            "text": {"text": self.edited(content["text"])},
            "speaker": {"speaker": self.random.choice((None, a_speaker(FRANCE), a_speaker(KENYA, "Ms. A")))},
            "person": {"person": self.random.choice((None, "Ms. B"))},
            "on_behalf_of": {"on_behalf_of": self.random.choice(([], [KENYA]))},
            "aligned_with": {"aligned_with": self.random.choice(([], [FRANCE]))},
            "kind": {"kind": self.random.choice(("briefing", "chair", "right_of_reply"))},
            "language": {"language_spoken": self.random.choice(("fr", "es"))},
            "note": {"note": f"note {next(self.numbers)}"},
            "off_record": {
                "off_record": self.random.random() < 0.7,
                "span": {"start_ms": spans[0]["start_ms"], "end_ms": spans[0]["start_ms"] + 500},
            },
        }[kind]

    def next(self, desk: MemoryDesk) -> Correction:
        """Any operation on any record that stands."""
        standing = sorted(desk.standing(), key=lambda item: item["spans"][0]["start_ms"])
        place = self.random.randrange(len(standing))
        content, choice = standing[place], self.random.randrange(10)
        spans, name = spans_of(content), f"cor-{next(self.numbers)}"
        if choice == 0:
            at_ms = self.random.randint(spans[0].start_ms + 1, spans[-1].end_ms)
            return a_correction(content["id"], "split", {"at_ms": at_ms}, id=name)
        if choice == 1 and place + 1 < len(standing):
            before = {"records": [content["id"], standing[place + 1]["id"]]}
            return a_correction(content["id"], "merge", {"records": [content["id"]]}, before=before, id=name)
        if choice == 2:
            edge = max(spans[-1].start_ms + 1, spans[-1].end_ms + self.random.randint(-2500, 2500))
            moved = [*spans[:-1], Span(spans[-1].start_ms, edge)]
            return a_correction(content["id"], "span", {"spans": [span.encode() for span in moved]}, id=name)
        if choice == 3:
            revision = self.random.randint(1, desk.current[content["id"]])
            return a_correction(content["id"], "restore", {"revision": revision}, id=name)
        operation, after = self.one(content)
        return a_correction(content["id"], operation, after, id=name)


def a_sitting() -> MemoryDesk:
    """Six interventions of eight words."""
    return a_desk(
        *(
            a_record([f"b{10 * number + word}" for word in range(8)], 10_000 * number, a_speaker())
            for number in range(6)
        )
    )


def attempt(desk: MemoryDesk, correction: Correction) -> list[Correction] | None:
    """Carry out a correction; None where it does not fit, and then nothing has changed."""
    before = bytes_of(desk)
    try:
        return desk.carry_out([correction])
    except InvalidDocument:
        assert bytes_of(desk) == before
        return None


@pytest.mark.parametrize("seed", range(3))
def test_corrections_compose_undo_exactly_and_replay_to_the_same_bytes(seed: int) -> None:
    """The journal is the work of people: nothing of it may depend on when, or how often, it is carried out."""
    reviewer, desk = Reviewer(seed), a_sitting()
    journal: list[Correction] = []
    stood = [bytes_of(desk)]
    while len(stood) <= CORRECTIONS:
        kept = attempt(desk, reviewer.next(desk))
        if kept is not None:
            journal += kept
            stood.append(bytes_of(desk))
    for content in desk.standing():
        contract.validate("record", content)
    again = a_sitting()
    replay(again, journal)
    assert bytes_of(again) == bytes_of(desk)
    for number in range(CORRECTIONS):
        step = next_undo(reversed(journal))
        assert step is not None
        back = [
            {**a_correction("", "restore", None), **item, "undoes": step[0]["step"]}
            for item in taken_back(desk, step, f"undo-{number}")
        ]
        journal += desk.carry_out(back)
        assert bytes_of(desk) == stood[-2 - number]
    assert next_undo(reversed(journal)) is None
    for number in range(CORRECTIONS):
        step = next_redo(reversed(journal))
        assert step is not None
        back = [
            {**a_correction("", "restore", None), **item, "redoes": step[0]["step"]}
            for item in taken_back(desk, step, f"redo-{number}")
        ]
        journal += desk.carry_out(back)
        assert bytes_of(desk) == stood[1 + number]
    assert next_redo(reversed(journal)) is None
    once_more = a_sitting()
    replay(once_more, journal)
    assert bytes_of(once_more) == bytes_of(desk)


@pytest.mark.parametrize("seed", range(3))
def test_no_word_is_lost_or_doubled_by_structure(seed: int) -> None:
    """Splitting, merging and moving boundaries share out the words: each stands in exactly one record."""
    reviewer, desk = Reviewer(seed), a_sitting()
    said = sorted(f"b{10 * number + word}" for number in range(6) for word in range(8))
    for _ in range(CORRECTIONS):
        correction = reviewer.next(desk)
        if correction["operation"] in ("split", "merge", "span"):
            attempt(desk, correction)
        contents = desk.standing()
        assert sorted(word["text"] for item in contents for word in item["words"]) == said
        assert sorted(word for item in contents for word in item["text"].split()) == said
        spans = sorted(span for item in contents for span in spans_of(item))
        assert all(one.end_ms <= other.start_ms for one, other in itertools.pairwise(spans))
        for item in contents:
            accounted_ms = sum(item["quality"]["coverage"].values())
            assert accounted_ms == sum(span.length_ms for span in spans_of(item))


def heard_otherwise(chance: random.Random, base: dict[str, Any]) -> dict[str, Any]:
    """What a better model makes of an intervention: other words in places, other times, perhaps another speaker."""
    words: list[str] = []
    for word in base["text"].split():
        choice = chance.randrange(8)
        words += [] if choice == 0 else [f"m{chance.randrange(10**9)}"] if choice == 1 else [word]
        words += [f"m{chance.randrange(10**9)}"] if choice == 2 else []
    start_ms = base["spans"][0]["start_ms"]
    other = a_record(words, start_ms, chance.choice((a_speaker(), a_speaker(), a_speaker(KENYA), None)))
    other["spans"] = base["spans"]
    for place, word in enumerate(other["words"]):
        word["start_ms"] = start_ms + 700 * place
        word["end_ms"] = word["start_ms"] + 600
    return other | {
        "kind": chance.choice(("statement", "statement", "chair")),
        "language_spoken": chance.choice(("en", "en", "pt")),
        "on_behalf_of": chance.choice(([], [], [FRANCE])),
    }


@pytest.mark.parametrize("seed", range(CORRECTIONS))
def test_a_better_model_loses_no_edit(seed: int) -> None:
    """What a person corrected is either there after the re-run, or shown as a conflict with both sides."""
    reviewer, chance = Reviewer(seed), random.Random(seed + 1_000_000)
    base = a_record([f"b{word}" for word in range(30)], 5000, a_speaker())
    desk = a_desk(base)
    for number in range(chance.randint(1, 6)):
        operation, after = reviewer.one(desk.standing()[0])
        attempt(desk, a_correction(base["id"], operation, after, id=f"cor-{number}"))
    mine, theirs = desk.standing()[0], heard_otherwise(chance, base)
    outcome = reapply(base, mine, theirs, no_themes)
    shown = {item["field"]: item for item in outcome.conflicts}
    contract.validate("record", outcome.content)
    for name in PLAIN:
        if mine[name] != base[name]:
            assert outcome.content[name] == mine[name]
            assert theirs[name] in (base[name], mine[name]) or shown[name]["yours"] == mine[name]
        else:
            assert outcome.content[name] == theirs[name]
    if mine["attribution"]["method"] == "human" or mine["speaker"] != base["speaker"]:
        whose = [each["speaker"] and each["speaker"]["entity"] for each in (base, mine, theirs)]
        assert outcome.content["speaker"] == mine["speaker"] or shown["speaker"]["yours"] == mine["speaker"]
        assert whose[2] in whose[:2] or shown["speaker"]["machine"] == theirs["speaker"]
    else:
        assert outcome.content["speaker"] == theirs["speaker"]
    said = outcome.content["text"].split()
    clashes = [item for item in outcome.conflicts if item["field"] == "text"]
    written = [word for word in mine["text"].split() if word not in base["text"].split()]
    assert [word for word in said if word in written] == written
    taken_out = set(base["text"].split()) - set(mine["text"].split())
    assert not taken_out & set(said)
    new = set(theirs["text"].split()) - set(base["text"].split())
    assert new <= set(said) | {word for item in clashes for word in item["machine"].split()}
    assert outcome.content["review"] == mine["review"]
    if mine["text"] == base["text"]:
        assert outcome.content["text"] == theirs["text"]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.integers(0, 5000), min_size=4, max_size=4),
    st.lists(st.integers(0, 200), max_size=8, unique=True),
    st.lists(st.integers(1, 199), max_size=4, unique=True),
)
def test_shared_time_is_neither_lost_nor_made_up(kinds: list[int], starts: list[int], cuts: list[int]) -> None:
    """The account of a record that was cut up must still add up: to each part's length, and to what the whole had."""
    names = ("words_ms", "speech_without_words_ms", "no_speech_ms", "gap_ms")
    coverage = dict(zip(names, kinds, strict=True))
    length_ms = max(200, sum(kinds))
    coverage["no_speech_ms"] += length_ms - sum(kinds)
    words = [{"start_ms": at_ms, "end_ms": at_ms + 30} for at_ms in sorted(starts)]
    edges = [0, *sorted(cuts), length_ms]
    parts = [[Span(low_ms, high_ms)] for low_ms, high_ms in itertools.pairwise(edges)]
    shares = shared(coverage, words, [*parts, []])
    for share, part in zip(shares, [*parts, []], strict=True):
        assert min(share.values()) >= 0
        assert sum(share.values()) == sum(span.length_ms for span in part)
    assert {name: sum(share[name] for share in shares) for name in names} == coverage


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.sampled_from(("a", "b", "c", "d,", "我", "们。", "[inaudible]")), max_size=12),
    st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=60),
    st.lists(st.integers(1, 4000), min_size=2, max_size=6, unique=True),
)
def test_any_text_gets_words_that_keep_the_contract(before: list[str], text: str, edges: list[int]) -> None:
    """Whatever is typed or pasted, its words are in order, in the spans, and spell the text."""
    edges = sorted(edges)[: len(edges) // 2 * 2]
    spans = [Span(edges[at], edges[at + 1]) for at in range(0, len(edges), 2)]
    room = [at_ms for span in spans for at_ms in range(span.start_ms, span.end_ms)]
    starts = sorted(room[number * len(room) // max(1, len(before))] for number in range(len(before)))
    words = [
        {"text": each, "start_ms": at_ms, "end_ms": at_ms + 1, "confidence": 0.5, "source": "recognised"}
        for each, at_ms in zip(before, starts, strict=True)
    ]
    found = retime(words, text, spans)
    assert "".join("".join(word["text"].split()) for word in found) == "".join(text.split())
    assert all(one["start_ms"] <= other["start_ms"] for one, other in itertools.pairwise(found))
    assert all(word["start_ms"] < word["end_ms"] for word in found)
    assert all(any(span.contains(word["start_ms"]) for span in spans) for word in found)
    assert retime(words, " ".join(before), spans) == words
