"""What the page shows of one record: who, on what evidence, when, and words that can be played."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from floorlog.clock import parse_rfc3339
from workers.web import wording
from workers.web.topics import Topic, topics

Names = Callable[[str], str]
"""Gives the name of an entity, by code, as of the meeting's date."""

UNSURE = 0.5
"""Words below this confidence are underlined: about one word in fourteen of the base model's."""

PARAGRAPH_WORDS, PARAGRAPH_PAUSE_MS, LONGEST_PARAGRAPH_WORDS = 45, 500, 110
"""A paragraph ends with a sentence: after so many words at a pause of this length, or after the longest at any pause.
Chosen by eye for a column of 68 characters; they only lay out the page."""

_SENTENCE_ENDS = (".", "?", "!", "…", "。", "؟", ".”", ".»")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the text, and what stands before it."""

    before: str
    text: str
    start_ms: int
    unsure: bool


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences. `resumed` is when they were said, where the intervention was interrupted before them."""

    tokens: tuple[Token, ...]
    resumed: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence, worded."""

    label: str
    quote: str
    start_ms: int
    end_ms: int
    channel: str
    clock: str
    against: bool
    entity: str | None


@dataclass(frozen=True, slots=True)
class Interpreted:
    """What interpreters made of a turn on one channel."""

    channel: str
    label: str
    lang: str | None
    start_ms: int
    clock: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One record as the page shows it. `name` is None where the floor is not attributed; `why_not` then says why."""

    id: str
    channel: str
    kind: str
    kind_label: str
    subdued: bool
    name: str | None
    why_not: str
    on_behalf_of: tuple[str, ...]
    aligned_with: tuple[str, ...]
    confidence: str
    reasons: tuple[Reason, ...]
    alternatives: tuple[tuple[str, str], ...]
    state: str
    state_label: str
    state_means: str
    start_ms: int
    end_ms: int
    clock: str
    length: str
    utc: str
    start_utc: str
    lang: str | None
    language: str | None
    interpretation: bool
    from_recording: bool
    without_words: str | None
    missing: str | None
    paragraphs: tuple[Paragraph, ...]
    interpretations: tuple[Interpreted, ...]
    topics: tuple[Topic, ...]

    @property
    def title(self) -> str:
        """Return how the turn is called in lists and by screen readers."""
        return self.name or "Not attributed"


def turn(record: dict[str, Any], meeting: dict[str, Any], names: Names) -> Turn:
    """Return what the page shows of a record.

    Args:
        record: The record document.
        meeting: The document of its meeting.
        names: Gives the names of the entities that the record has by code only.
    """
    first, last = record["spans"][0], record["spans"][-1]
    kind, state = record["kind"], record["review"]["state"]
    state_label, state_means = wording.STATES.get(state, (state, ""))
    attribution, coverage = record["attribution"], record["quality"]["coverage"]
    said_ms = sum(span["end_ms"] - span["start_ms"] for span in record["spans"])
    return Turn(
        id=record["id"],
        channel=record["channel"],
        kind=kind,
        kind_label=wording.KINDS.get(kind, kind),
        subdued=kind in wording.SUBDUED,
        name=_name(record, meeting),
        why_not=_why_not(attribution),
        on_behalf_of=tuple(
            entity["name"]
            for entity in record["on_behalf_of"]
            if record["speaker"] is None or entity["code"] != record["speaker"]["entity"]["code"]
        ),
        aligned_with=tuple(entity["name"] for entity in record["aligned_with"]),
        confidence=wording.confidence(attribution["confidence"]),
        reasons=tuple(_reasons(record, names)),
        alternatives=tuple(
            (names(item["entity"]), wording.percent(item["confidence"])) for item in attribution["alternatives"]
        ),
        state=state,
        state_label=state_label,
        state_means=state_means,
        start_ms=first["start_ms"],
        end_ms=last["end_ms"],
        clock=wording.clock(first["start_ms"]),
        length=wording.length(said_ms),
        utc=wording.utc(parse_rfc3339(first["start_utc"])),
        start_utc=first["start_utc"],
        lang=record["language_text"],
        language=wording.language(record["language_spoken"] or record["language_text"]),
        interpretation=record["interpretation"],
        from_recording="from-recording" in record["quality"]["flags"],
        without_words=_noticeable(coverage["speech_without_words_ms"], said_ms),
        missing=wording.length(coverage["gap_ms"]) if coverage["gap_ms"] else None,
        paragraphs=tuple(_paragraphs(record)),
        interpretations=tuple(_interpreted(item) for item in record.get("interpretations", ())),
        topics=tuple(topics(record, tuple(_word_offsets(record)))),
    )


def _interpreted(item: dict[str, Any]) -> Interpreted:
    start_ms = item["spans"][0]["start_ms"]
    return Interpreted(
        channel=item["channel"],
        label=wording.channel(item["channel"], item["language"]),
        lang=item["language"],
        start_ms=start_ms,
        clock=wording.clock(start_ms),
        paragraphs=tuple(_paragraphs({**item, "spans": item["spans"][:1]})),  # an interpreter's pauses mean nothing
    )


def _name(record: dict[str, Any], meeting: dict[str, Any]) -> str | None:
    """Return the delegation's name; the chair by title. A person is never named here: nobody has confirmed one."""
    speaker = record["speaker"]
    if speaker is None:
        return None
    if speaker["entity"]["code"] == "CHAIR":
        return meeting["chair"]["title"] or "Chair"
    return str(speaker["entity"]["name"])


def _why_not(attribution: dict[str, Any]) -> str:
    """Return why no name is given, without giving one: guesses stand with the evidence."""
    if attribution["status"] == "attributed":
        return ""
    if attribution["alternatives"]:
        return f"What was heard does not suffice for a name: the best guess is {_best(attribution)} sure."
    if attribution["evidence"]:
        return "What was heard points to no delegation clearly enough."
    return "Nobody was heard giving the floor, and the speaker did not say for whom they spoke."


def _best(attribution: dict[str, Any]) -> str:
    return wording.confidence(max(item["confidence"] for item in attribution["alternatives"]))


def _reasons(record: dict[str, Any], names: Names) -> Iterator[Reason]:
    """Yield the evidence, the weightiest first; what speaks against the attribution comes last."""
    speaker = record["speaker"]["entity"]["code"] if record["speaker"] else None
    worded = []
    for item in record["attribution"]["evidence"]:
        other = item["entity"] is not None and item["entity"] != speaker
        against = item["weight"] < 0 or (other and speaker is not None)
        worded.append(
            (
                (against, -abs(item["weight"]), item["span"]["start_ms"]),
                Reason(
                    label=wording.evidence(item["type"]),
                    quote=item["quote"],
                    start_ms=item["span"]["start_ms"],
                    end_ms=item["span"]["end_ms"],
                    channel=item["channel"],
                    clock=wording.clock(item["span"]["start_ms"]),
                    against=against,
                    entity=names(item["entity"]) if other else None,
                ),
            )
        )
    for _, reason in sorted(worded, key=lambda pair: pair[0]):
        yield reason


def _noticeable(without_words_ms: int, said_ms: int) -> str | None:
    """Return how long speech has no words, where that is more than the breaths between words.

    Breaths made up to 23 % of a record of the bundled sample with the base model, and up to 5.4 s.
    """
    return wording.length(without_words_ms) if without_words_ms >= max(6000, said_ms // 4) else None


def _tokens(text: str, words: Sequence[dict[str, Any]]) -> Iterator[Token]:
    """Yield the words with what stands before them in the text; a space where the text does not hold the word."""
    at = 0
    for index, word in enumerate(words):
        found = text.find(word["text"], at)
        between = text[at:found] if found >= 0 else ""
        if found >= 0 and not between.strip():
            at = found + len(word["text"])
        else:
            between = " " if index else ""
        yield Token(between, word["text"], word["start_ms"], word["confidence"] < UNSURE)


def _word_offsets(record: dict[str, Any]) -> Iterator[int]:
    """Yield where each word starts in the text."""
    at = 0
    for token in _tokens(record["text"], record["words"]):
        yield at + len(token.before)
        at += len(token.before) + len(token.text)


def _paragraphs(record: dict[str, Any]) -> Iterator[Paragraph]:
    words = record["words"]
    resumptions = [span["start_ms"] for span in record["spans"][1:]]
    tokens: list[Token] = []
    resumed: str | None = None
    for index, token in enumerate(_tokens(record["text"], words)):
        if tokens:
            interrupted = bool(resumptions) and token.start_ms >= resumptions[0]
            pause_ms = token.start_ms - words[index - 1]["end_ms"]
            sentence_over = tokens[-1].text.endswith(_SENTENCE_ENDS)
            long = len(tokens) >= PARAGRAPH_WORDS and pause_ms >= PARAGRAPH_PAUSE_MS
            if interrupted or (sentence_over and (long or len(tokens) >= LONGEST_PARAGRAPH_WORDS)):
                yield Paragraph(tuple(tokens), resumed)
                tokens, resumed = [], wording.clock(token.start_ms) if interrupted else None
        while resumptions and token.start_ms >= resumptions[0]:
            resumptions.pop(0)
        tokens.append(token)
    if tokens:
        yield Paragraph(tuple(tokens), resumed)
