"""Captions keep every word, in order, in its time, and can be read; whatever the words are."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from floorlog.exports.breaking import LONGEST_MS, width
from floorlog.exports.captions import COLUMNS, LINES, SHORTEST_MS, WIDE_COLUMNS, cues
from floorlog.exports.plain import plain
from floorlog.exports.saying import Said

LETTERS = "abcdefgh ABC.,!?«»éß\n\r\t\x01\u2028<>&{}-->\"'=+@ابتدج،؟中文字。，🙂👩\u200d\u0301\u202e\u2066\u200f123"
texts = st.text(st.sampled_from(LETTERS), min_size=1, max_size=12) | st.text(st.sampled_from("abc"), max_size=120)
languages = st.sampled_from(["en", "fr", "ar", "zh", "ru", None])


@st.composite
def sayings(draw: st.DrawFn) -> Said:
    """What somebody said: words in order of their starts, with pauses, some of no length, some at the same time."""
    at_ms = draw(st.integers(0, 5000))
    found: list[dict[str, Any]] = []
    for text in draw(st.lists(texts.filter(lambda text: "\x00" not in text and text != ""), max_size=60)):
        lasts_ms = draw(st.sampled_from([0, 1, 80, 250, 400, 900, 9000]))
        found.append({"text": text, "start_ms": at_ms, "end_ms": at_ms + lasts_ms})
        at_ms += draw(st.sampled_from([0, 0, lasts_ms, lasts_ms, lasts_ms + 100, lasts_ms + 400, lasts_ms + 3000]))
    last_ms = max([at_ms + 1, *(word["end_ms"] for word in found)])
    text = draw(st.sampled_from([" ", ""])).join(word["text"] for word in found)
    return Said("floor", draw(languages), False, text, found, [{"start_ms": 0, "end_ms": last_ms}])


def letters(text: str) -> str:
    """A text without blanks and without marks of direction."""
    return re.sub("[\\s\u200e\u200f]", "", text)


@given(sayings())
def test_every_word_is_in_the_captions_once_and_in_order(words: Said) -> None:
    """A caption that drops or repeats a word changes what somebody said."""
    shown = "".join(line for cue in cues(words) for line in cue.lines)
    assert letters(shown) == letters("".join(plain(word["text"]) for word in words.words))


@given(sayings())
def test_captions_come_one_after_the_other(words: Said) -> None:
    """Players refuse captions that end before they start, and pile up those that overlap."""
    shown = list(cues(words))
    assert all(cue.start_ms < cue.end_ms for cue in shown)
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(shown))


@given(sayings(), st.integers(1, LINES))
def test_a_caption_fits_on_its_lines(words: Said, first_lines: int) -> None:
    """Longer ones cover the picture, or are cut off."""
    wide = (words.language or "") == "zh"
    for place, cue in enumerate(cues(words, first_lines)):
        assert 1 <= len(cue.lines) <= (LINES if place else first_lines)
        assert all(line == line.strip() and line for line in cue.lines)
        assert all(width(line) <= (WIDE_COLUMNS if wide else COLUMNS) for line in cue.lines)


@given(sayings())
def test_a_caption_does_not_stay_when_nobody_speaks(words: Said) -> None:
    """A caption that stays long after its words belongs to the wrong picture."""
    longest_word_ms = max((word["end_ms"] - word["start_ms"] for word in words.words), default=0)
    together = max(1, len(words.words)) * SHORTEST_MS  # words that all have the same time share it out
    for cue in cues(words):
        assert cue.end_ms - cue.start_ms <= max(LONGEST_MS, longest_word_ms, together)


@given(st.lists(st.tuples(st.text("abc.,", min_size=1, max_size=15), st.integers(60, 3000)), min_size=1, max_size=80))
def test_a_caption_starts_with_its_first_word_and_stands_until_its_last(spoken: list[tuple[str, int]]) -> None:
    """Words that are read before they are said, or are gone before, are not those of the speaker who is seen."""
    found: list[dict[str, Any]] = []
    at_ms = 0
    for text, step_ms in spoken:
        found.append({"text": text, "start_ms": at_ms, "end_ms": at_ms + min(step_ms, 800)})
        at_ms += step_ms
    said = Said("floor", "en", False, " ".join(text for text, _ in spoken), found, [{"start_ms": 0, "end_ms": at_ms}])
    place = 0
    for cue in cues(said):
        number = len(" ".join(cue.lines).split(" "))
        assert cue.start_ms == found[place]["start_ms"]
        place += number
        assert cue.end_ms >= found[place - 1]["end_ms"]
        assert cue.end_ms - cue.start_ms <= LONGEST_MS
    assert place == len(found)
