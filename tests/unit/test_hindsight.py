"""What is settled may be revised: by the same id, with a reason, and only where later evidence tells more."""

from __future__ import annotations

from collections.abc import Sequence

from floorlog.interventions import Settled
from tests.spoken import Line, settled_by, the_end, transcripts_of

LONG = (
    "We have come a long way, and the road goes on before us all. The matter is of some weight, and it will be with "
    "us for many more years, as it was with those who sat in this hall before us."
)


def revisions(lines: Sequence[Line]) -> list[tuple[Settled, str]]:
    """Those of a sitting that revise what was settled, with their reasons."""
    transcripts = transcripts_of(lines)
    settled = settled_by([*transcripts, the_end(transcripts)])
    seen: set[str] = set()
    found = []
    for item in settled:
        if item.reason is not None:
            assert item.intervention.id in seen
            found.append((item, item.reason))
        else:
            assert item.intervention.id not in seen
        seen.add(item.intervention.id)
    return found


OPENING = Line("chair", "I call to order this meeting. I now give the floor to the representative of Kenya.")
NEXT = Line("chair", "Next speaker, please.")


def test_thanks_that_come_two_turns_late_confirm_whom_they_name() -> None:
    """They must not count against the one who has just spoken."""
    late = Line("chair", "I thank the representative of Kenya. I thank the representative of Norway. Peru, please.")
    lines = [OPENING, Line("kenya", LONG), Line("chair", "Norway, please."), Line("norway", LONG), late]
    ((revised, reason),) = revisions([*lines, Line("peru", LONG)])
    assert (revised.intervention.attribution.entity, reason) == ("KEN", "thanked-later")
    log = settled_by([*(transcripts := transcripts_of([*lines, Line("peru", LONG)])), the_end(transcripts)])
    assert "NOR" in {item.intervention.attribution.entity for item in log}


def test_a_voice_that_comes_back_with_a_name_names_what_it_said_before() -> None:
    """Who was not named the first time often is the second time; a reviewer need not search for it."""
    first = [Line("chair", "I call to order this meeting. Next speaker, please."), Line("kenya", LONG), NEXT]
    later = [
        Line("norway", LONG),
        Line("chair", "Kenya, please."),
        Line("kenya", LONG),
        Line("chair", "I thank the representative of Kenya. Peru, please."),
        Line("peru", LONG),
    ]
    ((revised, reason),) = revisions([*first, *later])
    assert (revised.intervention.attribution.entity, reason) == ("KEN", "voice-known-later")
    assert revised.intervention.spans[0].start_ms < 10_000


def test_one_name_for_two_voices_revises_nothing() -> None:
    """A stranger stays one: voices alone must never spread a name."""
    lines = [
        Line("chair", "I call to order this meeting. Next speaker, please."),
        Line("fiji", LONG),
        Line("chair", "Kenya, please."),
        Line("kenya", LONG),
        Line("chair", "I thank the representative of Kenya. Peru, please."),
        Line("peru", LONG),
    ]
    assert revisions(lines) == []
