"""Two hours of a meeting on three channels, with everything going wrong that a real origin was seen to do."""

from __future__ import annotations

from pathlib import Path

from tests.faults import stage
from tests.faults.stage import Account, Played, stream
from workers.origin_script import Answer, Faults, Outage, Retimed, SegmentFault, Span, Stale, Stall, Take
from workers.origin_segments import Rendition
from workers.origin_tokens import Tokens

PACE = 120.0
WRAP_S = 2**33 / 90_000
STALLS = (Stall(700.0, 30.0), Stall(1785.0, 30.0), Stall(4990.0, 24.0))
OUTAGES = (Outage(1000.0, 25.0, 503), Outage(3000.0, 20.0, 404), Outage(5600.0, 30.0, 502, everything=True))
OFTEN: tuple[Answer, ...] = ("missing", "html", "truncated", "unavailable", "bad-request", "broken-off", "wrong-type")

LATE = {40 + 61 * n: SegmentFault(OFTEN[n % len(OFTEN)], 1 + n % 2) for n in range(17)}
NEVER = {
    75: (SegmentFault("missing"), "media-missing"),
    210: (SegmentFault("html"), "media-unreadable"),
    211: (SegmentFault("html"), "media-unreadable"),
    560: (SegmentFault("bad-request"), "media-missing"),
    777: (SegmentFault("wrong-type"), "media-unreadable"),
}
GAPS = frozenset((150, 151, 620))


def floor() -> Rendition:
    """Return the floor: MPEG-TS whose clock breaks, wraps and begins anew; sequence numbers too; it moves once."""
    takes = (
        Take(1800.0, first_pts_s=WRAP_S - 600.0),
        Take(600.0, hole_s=7.3, first_pts_s=3.0),
        Take(600.0, hole_s=5.0, declared=False),
        Take(1200.0, hole_s=12.0, first_pts_s=77.0, session=True),
        Take(800.0, first_pts_s=1.0, entry=True, segment_s=8.0),
        Take(2175.0, hole_s=1.5, first_pts_s=500.0),
    )
    faults = Faults(
        stalls=(*STALLS, Stall(4200.0, 30.0)),
        outages=OUTAGES,
        segments={**LATE, **{index: fault for index, (fault, _) in NEVER.items()}},
        gaps=GAPS,
        stale=(Stale(400.0, 200.0, age_s=12.0), Stale(3400.0, 200.0, age_s=30.0, every=3)),
        retimed=(Retimed(1200.0, 3000), Retimed(1500.0, -3000)),
        hidden=frozenset((300, 301)),
    )
    return stream("floor", takes, faults, again_sequence=5)


def english() -> Rendition:
    """Return English: fragmented MP4, its own segments, clock and numbers, up to 10 s behind the floor."""
    takes = (
        Take(2000.0, first_pts_s=9.0, segment_s=4.0),
        Take(2210.0, hole_s=3.7, first_pts_s=20.0, segment_s=4.0),
        Take(2980.0, first_pts_s=30.0, entry=True, segment_s=6.0),
    )
    faults = Faults(
        stalls=(*STALLS, Stall(4200.0, 36.0)),
        outages=OUTAGES,
        segments={index + 9: fault for index, fault in LATE.items()},
        early_ends=(Span(700.0, 30.0),),
    )
    return stream("en", takes, faults, form="fmp4", behind_s=10.0, first_sequence=7000)


def french() -> Rendition:
    """Return French: encrypted with keys that rotate; it is gone for a while, and filled with English for another."""
    takes = (
        Take(4215.0, first_pts_s=90_000.0, segment_s=6.0),
        Take(2979.0, first_pts_s=WRAP_S - 60.0, entry=True, segment_s=5.0),
    )
    faults = Faults(
        stalls=(*STALLS, Stall(4200.0, 33.0)),
        outages=OUTAGES,
        segments={index + 4: fault for index, fault in LATE.items()},
        left=(Span(2500.0, 180.0),),
    )
    filled = {122: "en", 123: "en", 900: "floor"}
    return stream("fr", takes, faults, filled=filled, key_every=50, behind_s=4.0, first_sequence=31)


def cause_at(told: Account, at_ms: float) -> str | None:
    """Return the cause of the gap at a moment, or None if there is sound."""
    return next((gap.cause for gap in told.gaps if gap.start_ms <= at_ms < gap.end_ms), None)


def middle_ms(played: Played, index: int, at_s: float) -> float:
    """Return the middle of a segment on the meeting clock."""
    segment = played.rendition.playlist.segments[index]
    return ((segment.start_s + segment.end_s) / 2 - at_s) * 1000


def test_two_hours_of_everything_at_once_are_accounted_for_to_the_sample(tmp_path: Path) -> None:
    """Faults do not come alone: what is right one by one must be right together, for as long as a meeting lasts."""
    renditions = {"floor": floor(), "en": english(), "fr": french()}
    played = stage.play(
        renditions, tmp_path, pace=PACE, tokens=Tokens(life_s=7.0, revoked_at_s=(5000.0,)), limit_s=1200.0
    )
    at_s = min(stage.zero_s(each.kept) for each in played.values())
    told = {}
    for channel, each in played.items():
        allowed = {"media-missing", "media-unreadable", "fell-behind", "discontinuity", "channel-missing"}
        stage.check(
            each,
            at_s,
            causes=None,
            allowed=allowed,
            filled={122: "en", 123: "en", 900: "floor"} if channel == "fr" else {},
        )
        told[channel] = stage.account(each.kept)
        assert each.listed - each.given == (set(NEVER) if channel == "floor" else set())
    for index, (_, cause) in NEVER.items():
        assert cause_at(told["floor"], middle_ms(played["floor"], index, at_s)) == cause
    for index in GAPS:
        assert cause_at(told["floor"], middle_ms(played["floor"], index, at_s)) == "media-missing"
    assert cause_at(told["fr"], (2590.0 - at_s) * 1000) == "channel-missing"
    assert all(len(each.gaps) < 20 for each in told.values())
