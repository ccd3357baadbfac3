"""Many meetings that nobody held: records with words as often, and as many, as people say them."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from floorlog.adapters.store.bulk import Written
from floorlog.clock import Span, after, rfc3339
from floorlog.entities import EntityTable
from floorlog.identity import canonical_json, record_id
from floorlog.services.meetings import from_toml

FIRST_DAY = date(2016, 1, 4)
DAYS = 5 * 365
"""The meetings are held over five years, the last one on the last day."""

VOCABULARY = 120_000
"""Different words: names and rare ones included, a text of fifty million words has as many and more (Heaps' law)."""

MANDELBROT = 2.7
"""Words are as frequent as 1 / (rank + 2.7): Zipf's law with Mandelbrot's usual shift for English."""

MEDIAN_WORDS, SPREAD, MOST_WORDS = 150, 1.0, 2_500
"""Lengths are log-normal: half of them below 150 words, one in two hundred above 2,000."""

WORD_MS = 430
"""140 words a minute, which the United Nations' interpreters ask speakers to keep to, less pauses."""

FREQUENT = (
    "the", "of", "and", "to", "in", "we", "that", "our", "for", "is", "on", "this", "a", "all", "with", "be", "by",
    "as", "are", "human", "rights", "international", "not", "must", "peace", "states", "people", "will", "security",
    "nations", "united", "also", "development", "women", "climate", "member", "support", "council", "law", "delegation",
)  # fmt: skip

STATES = ("published", "corrected", "approved", "machine", "in_review", "withdrawn")
SHARES = (0.88, 0.08, 0.01, 0.015, 0.01, 0.005)
"""Where the records of a meeting stand whose review is nearly done."""

LANGUAGES, SPOKEN = ("en", "fr", "es", "ar", "ru", "zh"), (0.62, 0.12, 0.12, 0.05, 0.05, 0.04)
KINDS, KIND_SHARES = ("statement", "chair", "procedural", "right_of_reply", "briefing"), (0.6, 0.3, 0.05, 0.02, 0.03)
THEMES = tuple(f"theme-{number}" for number in range(1, 9))


LIVE = "bench-live"
"""The meeting whose events are streamed while the others are read."""

BEGAN = datetime(2021, 2, 24, 15, tzinfo=UTC)


class ManyRecords:
    """Meetings and their records, the same ones for the same numbers.

    Args:
        meetings: How many meetings.
        interventions: How many records, over all meetings.
    """

    themes, languages = THEMES, LANGUAGES

    def __init__(self, meetings: int, interventions: int) -> None:
        self.meetings, self.interventions = meetings, interventions
        self._chance = np.random.default_rng(6)
        self.vocabulary = _vocabulary()
        shares = 1 / (np.arange(len(self.vocabulary)) + 1 + MANDELBROT)
        self._heard = np.cumsum(shares / shares.sum())
        table = EntityTable.load()
        day = FIRST_DAY + timedelta(days=DAYS)
        self._states = [table.reference(each.code, day) for each in table if each.kind == "state"]
        self._groups = [table.reference(each.code, day) for each in table if each.kind == "group"]
        self.state_codes = [each["code"] for each in self._states]

    def rare_words(self, count: int) -> list[str]:
        """Return words of which each is in one in several thousand interventions."""
        return self.vocabulary[-count:]

    def common_words(self, count: int) -> list[str]:
        """Return words that most interventions hold, the very first ones left out: nobody searches for "the"."""
        return list(FREQUENT[19 : 19 + count])

    def meeting_id(self, number: int) -> str:
        """Return the id of a meeting, counted from 0."""
        return f"bench-{number + 1:05d}"

    def held(self) -> Iterator[tuple[dict[str, Any], list[Written]]]:
        """Yield each meeting's document and its records, in the order in which they were held."""
        for number in range(self.meetings):
            first = self.interventions * number // self.meetings
            last = self.interventions * (number + 1) // self.meetings
            day = FIRST_DAY + timedelta(days=(number + 1) * DAYS // self.meetings)
            began = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
            audience = "live" if number % 10 == 9 else "published"
            document = _meeting(self.meeting_id(number), f"Meeting {number + 1} that nobody held", began, audience)
            yield document, self._records(document, began, last - first)

    def _records(self, meeting: dict[str, Any], began: datetime, count: int) -> list[Written]:
        chance = self._chance
        lengths = np.clip(chance.lognormal(np.log(MEDIAN_WORDS), SPREAD, count), 3, MOST_WORDS).astype(int)
        states = chance.choice(STATES, count, p=SHARES).tolist()
        kinds = chance.choice(KINDS, count, p=KIND_SHARES).tolist()
        spoken = chance.choice(LANGUAGES, count, p=SPOKEN).tolist()
        at_ms, written = 1000, []
        for length, state, kind, language in zip(lengths.tolist(), states, kinds, spoken, strict=True):
            said = [self.vocabulary[rank] for rank in np.searchsorted(self._heard, chance.random(length))]
            span = Span(at_ms, at_ms + WORD_MS * length)
            entity = self._states[int(len(self._states) * chance.random() ** 2)]  # some speak far more than others
            content = _content(meeting["id"], began, span, state, entity, said) | {
                "kind": kind,
                "language_spoken": language,
                "language_text": language,
                "on_behalf_of": [self._groups[int(chance.integers(len(self._groups)))]] * int(chance.random() < 0.05),
                "themes": self._themes(said),
            }
            written.append(_written(content, span, _words(said, span.start_ms, chance)))
            at_ms = span.end_ms + 500
        return written

    def _themes(self, said: list[str]) -> list[dict[str, Any]]:
        found = []
        for _ in range(int(self._chance.choice(4, p=(0.6, 0.25, 0.1, 0.05)))):
            first = int(self._chance.integers(max(1, len(said) - 12)))
            theme = THEMES[int(len(THEMES) * self._chance.random() ** 2)]
            offset = len(" ".join(said[:first])) + (1 if first else 0)
            quote = " ".join(said[first : first + 12])
            found.append({"theme": theme, "quote": quote, "offset": offset, "rule": "bench", "version": "bench/1"})
        return found


def live_meeting() -> dict[str, Any]:
    """Return the document of the meeting that is live."""
    return _meeting(LIVE, "A live meeting that nobody holds", BEGAN, "live")


def live_record(number: int) -> dict[str, Any]:
    """Return a record of the live meeting, counted from 0."""
    said = [*FREQUENT] * 4
    span = Span(1000 + 70_000 * number, 1000 + 70_000 * number + WORD_MS * len(said))
    entity = {"scheme": "iso3166-1-alpha-3", "code": "FRA", "name": "France"}
    words = json.loads(f"[{_words(said, span.start_ms, np.random.default_rng(number))}]")
    return {**_content(LIVE, BEGAN, span, "machine", entity, said), "words": words}


def _meeting(meeting_id: str, title: str, began: datetime, audience: str) -> dict[str, Any]:
    return from_toml(
        {
            "id": meeting_id,
            "title": title,
            "body": "General Assembly",
            "date": began.date().isoformat(),
            "actual_start": rfc3339(began),
            "audience": audience,
            "synthetic": True,
            "licence": "CC0-1.0",
        }
    )


def _content(
    meeting_id: str, began: datetime, span: Span, state: str, entity: dict[str, str], said: list[str]
) -> dict[str, Any]:
    utc = {"start_utc": rfc3339(after(began, span.start_ms)), "end_utc": rfc3339(after(began, span.end_ms))}
    evidence = {
        "type": "chair-gives-floor",
        "quote": f"I now give the floor to the representative of {entity['name']}.",
        "span": {"start_ms": span.start_ms - 900, "end_ms": span.start_ms},
        "channel": "floor",
        "weight": 6.0,
        "entity": entity["code"],
    }
    coverage = {"words_ms": span.length_ms, "speech_without_words_ms": 0, "no_speech_ms": 0, "gap_ms": 0}
    return {
        "schema": "record/1",
        "id": record_id(meeting_id, "floor", span.start_ms),
        "meeting_id": meeting_id,
        "channel": "floor",
        "kind": "statement",
        "spans": [{**span.encode(), **utc}],
        "language_spoken": "en",
        "language_text": "en",
        "interpretation": False,
        "speaker": {
            "entity": entity,
            "name_as_said": None,
            "role": "member_state",
            "capacity": None,
            "person": None,
        },
        "on_behalf_of": [],
        "aligned_with": [],
        "attribution": {
            "status": "attributed",
            "confidence": 0.97,
            "method": "log-odds",
            "evidence": [evidence],
            "alternatives": [],
        },
        "text": " ".join(said),
        "quality": {"recogniser_confidence": 0.9, "coverage": coverage, "flags": []},
        "themes": [],
        "review": {"state": state},
        "provenance": {
            "model": "bench",
            "model_sha256": "0" * 64,
            "fingerprint": None,
            "method": "log-odds",
            "version": "floor/1",
        },
        "licence": "CC0-1.0",
        "disclaimer": "Automatic transcript. Not an official record.",
        "synthetic": True,
    }


def _written(content: dict[str, Any], span: Span, words: str) -> Written:
    # `words` is the last name in order; it is spelt apart, because it is most of what is written.
    spelt = f'{canonical_json(content)[:-1]},"words":[{words}]}}'
    digest = hashlib.sha256(spelt.encode()).hexdigest()
    place = (content["id"], content["meeting_id"], content["channel"], span.start_ms, span.end_ms)
    return Written(*place, content["review"]["state"], spelt, digest)


def _words(said: list[str], start_ms: int, chance: np.random.Generator) -> str:
    sure: NDArray[np.int64] = chance.integers(30, 99, len(said))
    return ",".join(
        f'{{"confidence":{confidence / 100},"end_ms":{at + 380},"source":"recognised","start_ms":{at},"text":"{word}"}}'
        for word, confidence, at in zip(
            said, sure.tolist(), range(start_ms, start_ms + WORD_MS * len(said), WORD_MS), strict=True
        )
    )


def _vocabulary() -> list[str]:
    chance = random.Random(6)
    syllables = [
        first + second
        for first in ("b", "c", "d", "f", "g", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v")
        for second in "aeiou"
    ]
    known = dict.fromkeys(FREQUENT)
    while len(known) < VOCABULARY:
        known["".join(chance.choices(syllables, k=chance.randint(2, 4)))] = None
    return list(known)
