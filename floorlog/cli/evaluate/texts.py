"""Texts with truth, fed to the floor's machine as if they were being recognised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from floorlog.announcements import End
from floorlog.cli.evaluate.evaluated import Evaluated
from floorlog.clock import Span
from floorlog.errors import InvalidDocument
from floorlog.identity import segment_id
from floorlog.scoring import latency, logged, meeting, truth
from floorlog.words import Piece, Recogniser, Transcript, Word

SEGMENT_WORDS = 25
"""Words that the machine hears at once: 10 s at 400 ms a word, as capture aims at."""

_NOBODY = Recogniser("text", "none", "0" * 64, {}, "1")


def evaluate(folder: Path) -> Iterator[Evaluated]:
    """Yield each variant of a text, scored.

    The texts of several recognisers of one recording have ids RECORDING__RECOGNISER.

    Raises:
        InvalidDocument: the truth does not fit the text.
    """
    document: dict[str, Any] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    name = document.get("id", folder.name)
    for variant, known in document["variants"].items():
        said = (folder / known["file"]).read_text(encoding="utf-8").split()
        if len(said) != known["n_words"]:
            expected = f"{known['file']} has {len(said)} words, the truth counts {known['n_words']}"
            raise InvalidDocument("truth", f"$.variants.{variant}.n_words", expected)
        heard = transcripts(said)
        whole = known["n_words"] * truth.TEXT_WORD_MS
        ended = End("text", "floor", len(heard), whole, len(heard) - 1)
        told = latency.listen({"id": "text", "channels": [{"name": "floor"}]}, [*heard, ended])
        log = logged.of_interventions(told.settled)
        true = truth.of_text(known)
        scored = meeting.score(name, name.split("__")[0], true, log, told.shown)
        words = [word for transcript in heard for word in transcript.words]
        yield Evaluated(f"{document['tier']}/{variant}", scored, true, log, words)


def transcripts(said: list[str]) -> list[Transcript]:
    """Return transcripts of a text without voices: words of even length, SEGMENT_WORDS in each."""
    found = []
    for first in range(0, len(said), SEGMENT_WORDS):
        part = said[first : first + SEGMENT_WORDS]
        words = tuple(Word(text, _span(first + index, first + index + 1), 1.0) for index, text in enumerate(part))
        span = _span(first, first + len(part))
        piece = Piece(span, "en", 1.0, 0.0, words)
        place = segment_id("text", "floor", span.start_ms)
        found.append(Transcript("text", "floor", place, span, _NOBODY, (piece,), (span,), (), ()))
    return found


def _span(first: int, end: int) -> Span:
    return Span(first * truth.TEXT_WORD_MS, end * truth.TEXT_WORD_MS)
