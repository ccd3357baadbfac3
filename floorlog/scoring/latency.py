"""How much later audio had to be heard until the log said whose an intervention is, on the meeting clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from floorlog.announcements import End
from floorlog.interventions import Event, Intervention, begin, hear
from floorlog.scoring.judging import Judged


@dataclass(slots=True)
class Shown:
    """When an intervention of the log was first shown with each entity, and when it was settled; ms of audio heard."""

    provisional_ms: dict[str, int]
    settled_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """All that the floor's machine told: what it settled, latest revisions, and when each was shown, by id."""

    settled: tuple[Intervention, ...]
    shown: dict[str, Shown]


def listen(meeting: dict[str, object], events: Iterable[Event]) -> Told:
    """Let the floor's machine hear a whole meeting, and write down when it shows what.

    Args:
        meeting: The meeting document.
        events: All of them, in order.
    """
    state = begin(meeting)
    shown: dict[str, Shown] = {}
    settled: dict[str, Intervention] = {}
    for event in events:
        heard = hear(state, event)
        state = heard.state
        at_ms = event.at_ms if isinstance(event, End) else event.span.end_ms
        for item in (*heard.open, *(done.intervention for done in heard.settled)):
            entry = shown.setdefault(item.id, Shown({}))
            if item.attribution.entity is not None:
                entry.provisional_ms.setdefault(item.attribution.entity, at_ms)
        for done in heard.settled:
            settled[done.intervention.id] = done.intervention
            shown[done.intervention.id].settled_ms = at_ms
    return Told(tuple(settled.values()), shown)


def latencies_s(judged: Judged, shown: dict[str, Shown]) -> tuple[float, float] | None:
    """Return how long after its start an intervention was first shown as its entity's, and settled after its end.

    None where it is not attributed rightly, or where nothing says whose it is. Seconds of audio.
    """
    if judged.verdict != "right" or not judged.truth.named or judged.found is None:
        return None
    entry = shown.get(judged.found.id)
    if entry is None or entry.settled_ms is None:
        return None
    first_ms = entry.provisional_ms[judged.truth.entity] - judged.truth.parts[0].start_ms
    settled_ms = entry.settled_ms - judged.truth.parts[-1].end_ms
    return max(0, first_ms) / 1000, max(0, settled_ms) / 1000
