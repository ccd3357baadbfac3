"""The truth of a meeting: its turns and interventions, read from the two forms of `truth.json`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from floorlog.clock import Span
from floorlog.interventions import CHAIR

TEXT_WORD_MS = 400
"""How long a word lasts when a text without times is fed to the floor."""

PERSON = "PERSON:"
"""Entities of persons who spoke for no delegation: they are left out of attribution scores."""


@dataclass(frozen=True, slots=True)
class TrueTurn:
    """One turn as it was; `text` is None where its words are not known."""

    span: Span
    entity: str
    text: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    """An intervention as it was. `named` is False where nothing says whose it is: then abstaining is right.

    `parts` are in order. `None` in `kind`, `role` and `language` means that the truth does not know.
    """

    entity: str
    parts: tuple[Span, ...]
    kind: str | None = None
    role: str | None = None
    language: str | None = None
    on_behalf_of: str | None = None
    named: bool = True


@dataclass(frozen=True, slots=True)
class Truth:
    """What was said by whom. `turns` are in order; neighbours may have the same entity."""

    turns: tuple[TrueTurn, ...]
    interventions: tuple[Spoken, ...]

    @property
    def text_is_whole(self) -> bool:
        """Return whether the words of every turn are known."""
        return bool(self.turns) and all(turn.text is not None for turn in self.turns)


def of_audio(document: dict[str, Any]) -> Truth:
    """Return the truth of a meeting with audio, whose times are in seconds from the start of the file."""
    turns = sorted(
        (
            TrueTurn(_span(turn["start"], turn["end"]), turn["entity"], turn.get("text"), turn.get("language"))
            for turn in document["turns"]
            if turn.get("type", "turn") == "turn"
        ),
        key=lambda turn: turn.span,
    )
    spoken = (
        Spoken(
            entity=item["entity"],
            parts=tuple(sorted(_span(start, end) for start, end in item["parts"])),
            kind=item.get("kind"),
            role=item.get("role"),
            language=item.get("language"),
            on_behalf_of=item.get("on_behalf_of"),
            named=item.get("named_by_chair") is not False,
        )
        for item in document["interventions"]
    )
    return Truth(tuple(turns), tuple(_scored(spoken)))


def of_text(variant: dict[str, Any]) -> Truth:
    """Return the truth of one variant of a text whose words last TEXT_WORD_MS each.

    Consecutive turns of one entity are one intervention; what the first of them says of it holds for all.
    """
    turns = variant["turns"]
    ends = [*(turn["start_word"] for turn in turns[1:]), variant["n_words"]]
    said = [
        (turn, Span(turn["start_word"] * TEXT_WORD_MS, end * TEXT_WORD_MS))
        for turn, end in zip(turns, ends, strict=True)
        if end > turn["start_word"]
    ]
    merged: list[tuple[dict[str, Any], Span]] = []
    for turn, span in said:
        if merged and merged[-1][0]["entity"] == turn["entity"]:
            merged[-1] = (merged[-1][0], Span(merged[-1][1].start_ms, span.end_ms))
        else:
            merged.append((turn, span))
    spoken = (
        Spoken(
            entity=turn["entity"],
            parts=(span,),
            role=turn.get("role"),
            on_behalf_of=turn.get("on_behalf_of"),
            named=turn.get("named_by_chair") is not False,
        )
        for turn, span in merged
    )
    return Truth(tuple(TrueTurn(span, turn["entity"]) for turn, span in said), tuple(_scored(spoken)))


def _scored(spoken: Iterable[Spoken]) -> list[Spoken]:
    """Return the interventions that are scored: neither the chair's nor those of persons for themselves."""
    return [item for item in spoken if item.entity != CHAIR and not item.entity.startswith(PERSON)]


def _span(start_s: float, end_s: float) -> Span:
    return Span(round(start_s * 1000), round(end_s * 1000))
