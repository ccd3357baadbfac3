"""Every fault of a live stream, one by one: nothing is lost that was served, nothing comes twice, every hole is told.

What each row stands for, and where it was seen, is in docs/measurements.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

import pytest

from tests.faults import stage
from tests.faults.stage import Played
from workers.origin_script import Faults, Outage, Retimed, SegmentFault, Span, Stale, Stall, Take
from workers.origin_tokens import Tokens
from workers.origin_tracks import Form

LENGTH_S, SEGMENT_S, PACE = 72.0, 4.0, 60.0
PLAIN = (Take(LENGTH_S, segment_s=SEGMENT_S),)
LONG = (Take(144.0, segment_s=SEGMENT_S),)
WRAP_S = 2**33 / 90_000


def two(**second: Any) -> tuple[Take, ...]:
    """Return two takes; the first one is 30 s long."""
    return (Take(30.0, first_pts_s=1000.0, segment_s=SEGMENT_S), Take(42.0, segment_s=SEGMENT_S, **second))


SEEN = Faults(stalls=(Stall(26.5, 16.0),))
"""Before the second of two takes is listed, there is time to see all of the first."""


def answers(answer: Any, times: int | None = None) -> Faults:
    """Return segments 5, 6 and 11 that answer like this."""
    return Faults(segments={index: SegmentFault(answer, times) for index in (5, 6, 11)})


@dataclass(frozen=True)
class Row:
    """One behaviour of an origin, and what must be told of it.

    Args:
        takes: what the stream consists of.
        faults: what goes wrong.
        causes: of the holes, in order; None where chance decides whether there is one.
        lost: whether segments that were listed may be lost because they were never to be had.
        options: how the stream is made; see `stage.stream`.
        served: how it is served; see `stage.play`.
        at_s: where on the media's time line the clock starts, where no program date-time says so truly.
    """

    takes: tuple[Take, ...] = PLAIN
    faults: Faults = field(default_factory=Faults)
    causes: tuple[str, ...] | None = ()
    lost: frozenset[int] = frozenset()
    options: Mapping[str, Any] = field(default_factory=dict)
    served: Mapping[str, Any] = field(default_factory=dict)
    at_s: float | None = None


NEVER = frozenset((5, 6, 11))

ROWS: dict[str, Row] = {
    # forms
    "MPEG-TS": Row(),
    "fragmented MP4 without an edit list": Row(options={"form": "fmp4"}),
    "fragmented MP4 with an edit list": Row(options={"form": "fmp4-edited"}),
    "packed audio": Row(options={"form": "packed"}),
    "byte ranges": Row(options={"ranged": True}),
    "AES-128 with keys that rotate": Row(options={"key_every": 4}),
    "AES-128 with vectors from sequence numbers": Row(options={"key_every": 4, "explicit_iv": False}),
    "encrypted fragmented MP4": Row(options={"form": "fmp4", "key_every": 5}),
    "segments on another host": Row(served={"elsewhere": True}),
    "a program date-time on every segment": Row(options={"dated": True}),
    "durations rounded to the second": Row(options={"whole_seconds": True}),
    "a target duration that changes": Row(
        (Take(24.0, segment_s=4.0), Take(24.0, segment_s=8.0), Take(24.0, segment_s=2.0))
    ),
    # the source's clock
    "a declared discontinuity with a hole": Row(two(hole_s=7.3, first_pts_s=5.0), causes=("discontinuity",)),
    "a declared discontinuity without a hole": Row(two(first_pts_s=5.0)),
    "an undeclared step of the timestamps": Row(two(hole_s=7.3, declared=False), causes=("discontinuity",)),
    "an undeclared restart of the timestamps": Row(two(first_pts_s=5.0, declared=False)),
    "an undeclared restart of the timestamps behind a hole, with dates": Row(
        two(first_pts_s=5.0, hole_s=7.3, declared=False), causes=("discontinuity",), options={"dated": True}
    ),
    "timestamps that wrap around": Row((Take(LENGTH_S, first_pts_s=WRAP_S - 33.0, segment_s=SEGMENT_S),)),
    "timestamps that wrap around at a hole": Row(
        (
            Take(30.0, first_pts_s=WRAP_S - 31.0, segment_s=SEGMENT_S),
            Take(42.0, hole_s=5.0, declared=False, segment_s=SEGMENT_S),
        ),
        causes=("discontinuity",),
    ),
    # the list
    "sequence numbers that begin anew": Row(two(session=True, first_pts_s=9.0), SEEN),
    "sequence numbers that begin anew before all was seen": Row(two(session=True, first_pts_s=9.0), causes=None),
    "sequence numbers that begin anew behind a hole": Row(
        two(session=True, first_pts_s=9.0, hole_s=20.0), causes=("discontinuity",)
    ),
    "sequence numbers that begin anew where they were": Row(
        two(session=True, first_pts_s=9.0), SEEN, options={"again_sequence": 104}
    ),
    "sequence numbers that jump ahead": Row(
        two(session=True, first_pts_s=9.0), SEEN, options={"again_sequence": 90_000}
    ),
    "an encoder that starts again with a clock that runs on": Row(two(session=True), SEEN),
    "an entry that moves to another address": Row(two(entry=True, first_pts_s=9.0), SEEN),
    "an edge that is a little behind": Row(faults=Faults(stale=(Stale(10.0, 50.0, age_s=9.0),))),
    "an edge that is far behind": Row(
        LONG, Faults(stale=(Stale(70.0, 50.0, age_s=55.0, every=3),)), options={"window_s": 24.0}
    ),
    "a list that goes back for a while": Row(faults=Faults(stale=(Stale(30.0, 14.0, age_s=20.0, every=1),))),
    "a list that is frozen": Row(faults=Faults(stalls=(Stall(22.0, 18.0),))),
    "a list that is frozen for longer than it reaches": Row(
        LONG,
        Faults(stalls=(Stall(30.0, 60.0),)),
        ("fell-behind",),
        options={"window_s": 24.0},
    ),
    "a list that jumps": Row(faults=Faults(hidden=frozenset((7, 8, 9))), causes=("fell-behind",)),
    "EXT-X-GAP": Row(faults=Faults(gaps=NEVER), causes=("media-missing", "media-missing")),
    "an end that is withdrawn": Row(
        LONG, Faults(early_ends=(Span(32.0, 24.0),), stalls=(Stall(32.0, 24.0),)), options={"window_s": 90.0}
    ),
    # program date-times
    "no program date-time": Row(faults=Faults(undated=(Span(-1.0, 1000.0),)), at_s=0.0),
    "no program date-time for a while": Row(faults=Faults(undated=(Span(20.0, 20.0),))),
    "program date-times that are moved ahead": Row(
        faults=Faults(retimed=(Retimed(30.0, 3000),)), options={"dated": True}, at_s=0.0
    ),
    "program date-times that are moved back": Row(
        faults=Faults(retimed=(Retimed(30.0, -3000),)), options={"dated": True}, at_s=0.0
    ),
    "program date-times that creep": Row(
        faults=Faults(retimed=tuple(Retimed(4.0 * n, 40) for n in range(1, 15))), options={"dated": True}, at_s=0.0
    ),
    # answers
    **{
        f"a segment that is late: {answer}": Row(faults=answers(answer, 2))
        for answer in ("missing", "bad-request", "unavailable", "html", "truncated", "broken-off", "wrong-type")
    },
    **{
        f"a segment that never comes: {answer}": Row(faults=answers(answer), causes=(cause, cause), lost=NEVER)
        for answer, cause in (
            ("missing", "media-missing"),
            ("bad-request", "media-missing"),
            ("unavailable", "media-missing"),
            ("broken-off", "media-missing"),
            ("html", "media-unreadable"),
            ("wrong-type", "media-unreadable"),
        )
    },
    "a fragment of MP4 that is late: truncated": Row(faults=answers("truncated", 2), options={"form": "fmp4"}),
    "a segment that keeps silent once": Row(
        (Take(24.0, segment_s=SEGMENT_S),),
        Faults(segments={2: SegmentFault("silent", 1)}),
        served={"pace": 8.0, "request_s": 3.0},
    ),
    **{
        f"playlists that answer {status}": Row(faults=Faults(outages=(Outage(20.0, 16.0, status),)))
        for status in (404, 410, 500, 503)
    },
    "an origin that is out of order": Row(faults=Faults(outages=(Outage(20.0, 16.0, 502, everything=True),))),
    "an outage that is longer than the window": Row(
        LONG, Faults(outages=(Outage(30.0, 64.0),)), ("fell-behind",), options={"window_s": 24.0}
    ),
    "a rendition that leaves and comes back": Row(faults=Faults(left=(Span(20.0, 16.0),))),
    "a rendition that is gone for longer than the window": Row(
        LONG, Faults(left=(Span(30.0, 64.0),)), ("channel-missing",), options={"window_s": 24.0}
    ),
    "tokens that run out": Row(LONG, served={"tokens": Tokens(life_s=2.0)}),
    "tokens that are revoked": Row(served={"tokens": Tokens(revoked_at_s=(20.0, 45.0))}),
    "another channel's audio in place of what is missing": Row(options={"filled": {5: "en", 6: "en", 12: "fr"}}),
}


AT_ONCE = 3
"""Rows that are played at once: most of their time is waiting for what is to be published."""


@pytest.fixture(scope="module")
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Played]]]:
    """Play the rows that were chosen, some at once."""
    names = {item.callspec.params["name"] for item in request.session.items if _of_this_file(item)}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {
            name: pool.submit(_play, row, tmp_path_factory.mktemp("row")) for name, row in ROWS.items() if name in names
        }


def _of_this_file(item: pytest.Item) -> TypeGuard[pytest.Function]:
    if not isinstance(item, pytest.Function) or item.path != Path(__file__) or not hasattr(item, "callspec"):
        return False
    return "name" in item.callspec.params


def _play(row: Row, folder: Path) -> Played:
    served = {"pace": PACE, **row.served}
    return stage.play({"floor": stage.stream("floor", row.takes, row.faults, **row.options)}, folder, **served)["floor"]


@pytest.mark.parametrize("name", ROWS)
def test_a_fault_is_survived_to_the_sample(name: str, played: dict[str, Future[Played]]) -> None:
    """The log is only as good as the account of what was on air: each fault was seen at a real origin."""
    row, of_floor = ROWS[name], played[name].result()
    assert of_floor.listed - of_floor.given == row.lost
    at_s = stage.zero_s(of_floor.kept) if row.at_s is None else row.at_s
    stage.check(of_floor, at_s, causes=row.causes, filled=row.options.get("filled"))


@pytest.mark.parametrize("form", ["ts", "fmp4", "packed"])
def test_of_a_segment_that_only_ever_comes_cut_short_what_came_is_used(form: Form, tmp_path: Path) -> None:
    """Half a segment was served: nobody has more of it, and so much of the meeting must not be lost."""
    rendition = stage.stream("floor", PLAIN, Faults(segments={5: SegmentFault("truncated")}), form=form)
    floor = stage.play({"floor": rendition}, tmp_path, pace=PACE)["floor"]
    told, at_s = stage.account(floor.kept), stage.zero_s(floor.kept)
    (gap,) = told.gaps
    segment = rendition.playlist.segments[5]
    assert gap.cause == "media-unreadable"
    assert abs(gap.end_ms - (segment.end_s - at_s) * 1000) <= stage.EDGE_MS
    assert 0.3 < (gap.end_ms - gap.start_ms) / 1000 / segment.duration_s < 0.7
    stage.clicks(floor, told, at_s)


def test_a_master_playlist_that_turns_to_a_recording_does_not_end_what_is_live(tmp_path: Path) -> None:
    """UN Web TV's addresses lead to the recording at some time, and that is sooner than the meeting is over."""
    faults = Faults(outages=(Outage(24.0, 10.0, 403),), stalls=(Stall(44.0, 70.0),))
    rendition = stage.stream("floor", LONG, faults, window_s=90.0)
    floor = stage.play({"floor": rendition}, tmp_path, pace=PACE, recorded_at_s=20.0)["floor"]
    assert floor.recordings > 0, "it was not looked at, so this shows nothing"
    assert floor.given == frozenset(range(36))
    stage.check(floor, stage.zero_s(floor.kept))
