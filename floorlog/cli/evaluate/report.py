"""The report of an evaluation: one page to read and to listen to."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from floorlog.attribution import Alternative, Evidence
from floorlog.cli.evaluate import plots
from floorlog.cli.evaluate.evaluated import Evaluated
from floorlog.cli.evaluate.timelines import Row, clock, disagreements, rows
from floorlog.clock import Span
from floorlog.interventions import CHAIR
from floorlog.scoring.judging import Judged

TEMPLATES = Path(__file__).parents[2] / "data" / "evaluation"

MOST_ERRORS = 15
"""Errors that the page tells of a tier, the worst ones first."""

SHOWN = (
    ("boundary_f1", "boundary F1", 3),
    ("start_f1", "starts, F1", 3),
    ("end_f1", "ends, F1", 3),
    ("attribution_right", "right", 3),
    ("attribution_wrong", "wrong", 3),
    ("attribution_abstained", "abstained", 3),
    ("time_weighted_accuracy", "time right", 3),
    ("coverage_at_1pct_risk", "coverage at 1 % risk", 3),
    ("on_behalf_of_right", "on behalf of", 3),
    ("kind_right", "kind", 3),
    ("role_right", "role", 3),
    ("language_right", "language", 3),
    ("wer", "word error rate", 4),
    ("wer_turns_alone", "the same, turns alone", 4),
    ("cpwer", "cpWER", 4),
    ("omission", "omission", 4),
    ("latency_provisional_s", "first shown, s", 1),
    ("latency_settled_s", "settled, s", 1),
)
"""Rows of the table of scores: key, label, digits."""

BEFORE_MS = 10_000
"""What is quoted from before an intervention: there the chair says whose it is."""


@dataclass(frozen=True, slots=True)
class Error:
    """A wrong or missing name, with all that led to it."""

    meeting: str
    media: str | None
    start_ms: int
    end_ms: int
    verdict: str
    true: str
    logged: str | None
    confidence: float
    before: str
    said: str
    evidence: tuple[Evidence, ...]
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A meeting on the page."""

    name: str
    media: str | None
    rows: list[Row]
    differs: int
    missed: int
    extra: int

    @property
    def agrees(self) -> bool:
        """Return whether truth and log are the same within the tolerance."""
        return not (self.differs or self.missed or self.extra)


def write(folder: Path, document: dict[str, Any], meetings: Sequence[Evaluated]) -> Path:
    """Write the page, with the sound beside it, and return where it is.

    Args:
        folder: Where it goes; made if need be.
        document: The scores.
        meetings: What was evaluated.
    """
    folder.mkdir(parents=True, exist_ok=True)
    media = {id(meeting): _copied(folder, meeting) for meeting in meetings}
    errors: dict[str, list[Error]] = {}
    for meeting in meetings:
        errors.setdefault(meeting.tier, []).extend(_errors(meeting, media[id(meeting)]))
    for found in errors.values():
        found.sort(key=lambda error: (error.verdict != "wrong", -error.confidence, error.meeting, error.start_ms))
    in_order = sorted(meetings, key=lambda meeting: (meeting.tier, meeting.scored.name))
    sections = [_section(meeting, media[id(meeting)]) for meeting in in_order]
    tiers: dict[str, Any] = document["tiers"]
    template = _templates().get_template("report.html")
    page = template.render(
        document=document,
        shown=[row for row in SHOWN if any(scores[row[0]] is not None for scores in tiers.values())],
        reliability=plots.reliability(tiers),
        risk_coverage=plots.risk_coverage(tiers),
        errors={tier: found for tier, found in sorted(errors.items()) if found},
        most_errors=MOST_ERRORS,
        sections=sections,
        agreeing=[section.name for section in sections if section.agrees and section.media is None],
        clock=clock,
    )
    file = folder / "index.html"
    file.write_text(page, encoding="utf-8")
    return file


def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _copied(folder: Path, meeting: Evaluated) -> str | None:
    if meeting.media is None:
        return None
    name = f"{meeting.tier.replace('/', '-')}{meeting.media.suffix}"
    shutil.copyfile(meeting.media, folder / name)
    return name


def _title(meeting: Evaluated) -> str:
    return meeting.tier if meeting.media else f"{meeting.scored.name}, {meeting.tier}"


def _section(meeting: Evaluated, media: str | None) -> Section:
    scored = meeting.scored
    return Section(
        _title(meeting), media, rows(meeting), len(disagreements(meeting)), len(scored.missed), len(scored.extra)
    )


def _errors(meeting: Evaluated, media: str | None) -> list[Error]:
    return [_error(meeting, item, media) for item in meeting.scored.judged if item.verdict != "right"]


def _error(meeting: Evaluated, item: Judged, media: str | None) -> Error:
    part = item.truth.parts[0]
    attribution = item.found.attribution if item.found else None
    return Error(
        meeting=_title(meeting),
        media=media,
        start_ms=max(0, part.start_ms - BEFORE_MS),
        end_ms=part.end_ms,
        verdict=item.verdict,
        true=item.truth.entity if item.truth.named else f"{item.truth.entity}, whom nobody named",
        logged="the chair" if item.entity == CHAIR else item.entity,
        confidence=attribution.confidence if attribution else 0.0,
        before=meeting.quote(Span(max(0, part.start_ms - BEFORE_MS), part.start_ms)) if part.start_ms else "",
        said=meeting.quote(part),
        evidence=attribution.evidence if attribution else (),
        alternatives=attribution.alternatives if attribution else (),
    )
