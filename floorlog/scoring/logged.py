"""The log that is scored: interventions as the floor's machine tells them, or as records hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from floorlog.attribution import Alternative, Attribution, Evidence
from floorlog.clock import Span
from floorlog.interventions import Intervention
from floorlog.words import Word


@dataclass(frozen=True, slots=True)
class Logged:
    """One intervention of the log, the chair's turns included; of a text, `language` and `words` are not known."""

    id: str
    spans: tuple[Span, ...]
    kind: str
    role: str | None
    on_behalf_of: tuple[str, ...]
    attribution: Attribution
    language: str | None = None
    words: tuple[Word, ...] = ()

    @property
    def entity(self) -> str | None:
        """Return whose it is in the log; None where it is unattributed."""
        return self.attribution.entity

    @property
    def candidate(self) -> tuple[str, float] | None:
        """Return the likeliest entity and its confidence, also where that did not suffice for a name."""
        if self.attribution.entity is not None:
            return self.attribution.entity, self.attribution.confidence
        best = self.attribution.alternatives[:1]
        return (best[0].entity, best[0].confidence) if best else None


def of_interventions(interventions: Iterable[Intervention]) -> list[Logged]:
    """Return the log that the floor's machine settled, in order."""
    found = (
        Logged(item.id, item.spans, item.kind, item.role, item.on_behalf_of, item.attribution) for item in interventions
    )
    return sorted(found, key=_start)


def of_records(records: Iterable[dict[str, Any]]) -> list[Logged]:
    """Return the log that record documents hold, in order."""
    return sorted((_of_record(record) for record in records), key=_start)


def heard_words(log: Sequence[Logged]) -> list[tuple[Word, Logged]]:
    """Return all words of a log with whose they are in it, in order."""
    found = [(word, item) for item in log for word in item.words]
    return sorted(found, key=lambda pair: (pair[0].span, pair[1].id))


def _start(item: Logged) -> tuple[Span, str]:
    return item.spans[0], item.id


def _of_record(record: dict[str, Any]) -> Logged:
    speaker, attribution = record["speaker"], record["attribution"]
    return Logged(
        id=record["id"],
        spans=tuple(Span.decode(span) for span in record["spans"]),
        kind=record["kind"],
        role=speaker["role"] if speaker else None,
        on_behalf_of=tuple(group["code"] for group in record["on_behalf_of"]),
        attribution=Attribution(
            entity=speaker["entity"]["code"] if speaker else None,
            confidence=attribution["confidence"],
            method=attribution["method"],
            evidence=tuple(
                Evidence(
                    item["type"],
                    item["quote"],
                    Span.decode(item["span"]),
                    item["weight"],
                    item["entity"],
                    item["channel"],
                )
                for item in attribution["evidence"]
            ),
            alternatives=tuple(Alternative(item["entity"], item["confidence"]) for item in attribution["alternatives"]),
        ),
        language=record["language_spoken"],
        words=tuple(
            Word(word["text"], Span(word["start_ms"], word["end_ms"]), word["confidence"]) for word in record["words"]
        ),
    )
