"""Whatever the order of arrival, the repetition and the pace: the records are those of a run in order."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorlog.adapters.store import Refusal, Store
from floorlog.services.advance import advance
from floorlog.services.hear import MACHINE, Machine
from tests.small_floor import SMALL_MACHINE, Item, Said, a_meeting, a_store, arrive, end, found, gap, said

LINES = (
    (),
    ("open-a",),
    ("open-b", "hello"),
    ("and", "on"),
    ("thanks", "open-c"),
    ("I", "give", "the", "floor", "to", "the", "representative", "of", "France."),
    ("I", "thank", "the", "representative", "of", "France."),
    ("We", "welcome", "this", "debate."),
)


@dataclass(frozen=True)
class Refused:
    """A segment that a stage refuses for good."""

    said: Said


Arrival = Item | Refused


@st.composite
def channels(draw: st.DrawFn, name: str) -> list[Arrival]:
    """What is announced of one channel, in order; some segments are refused and mended later, some are lost, and of
    some gaps a recording has a part.
    """
    arrivals: list[Arrival] = []
    at_s = 0
    for _ in range(draw(st.integers(1, 7))):
        length_s = draw(st.integers(9, 12))
        match draw(st.sampled_from(["said", "said", "said", "gap", "lost", "refused", "mended", "filled", "end"])):
            case "said":
                arrivals.append(said(at_s, at_s + length_s, *draw(st.sampled_from(LINES)), channel=name))
            case "gap":
                arrivals.append(gap(at_s, at_s + length_s, channel=name))
            case "filled":
                edges = sorted(draw(st.sets(st.integers(0, length_s), min_size=2, max_size=4)))
                arrivals.append(gap(at_s, at_s + length_s, channel=name))
                arrivals += [
                    found(at_s + one, at_s + other, *draw(st.sampled_from(LINES))[: other - one], channel=name)
                    for one, other in pairwise(edges)
                ]
            case "refused" | "mended" as fate:
                segment = said(at_s, at_s + length_s, *draw(st.sampled_from(LINES)), channel=name)
                arrivals.append(Refused(segment))
                if fate == "mended":
                    arrivals.append(segment)
            case "end":
                arrivals.append(end(at_s, channel=name))
                length_s = 0
            case _:
                pass
        at_s += length_s
        if length_s == 0:
            at_s += 1  # two ends of one stream never lie at the same moment
            arrivals.append(gap(at_s - 1, at_s, channel=name))
    return [*arrivals, said(at_s, at_s + 9, "last", channel=name), end(at_s + 9, channel=name)]


@st.composite
def shuffles(draw: st.DrawFn) -> tuple[list[Arrival], list[Arrival], list[int]]:
    """Arrivals in order; the same shuffled, some twice; and the batch of the advance behind each, 0 for none."""
    in_order = draw(channels("floor")) + draw(st.one_of(st.just([]), channels("fr")))
    again = draw(st.lists(st.sampled_from(in_order), max_size=4))
    shuffled = draw(st.permutations([*in_order, *again]))
    batches = draw(st.lists(st.sampled_from([0, 1, 2, 200]), min_size=len(shuffled), max_size=len(shuffled)))
    return in_order, shuffled, batches


def receive(store: Store, arrival: Arrival) -> None:
    """Store one arrival."""
    if isinstance(arrival, Refused):
        payload = arrival.said.segment.id.encode()
        store.put_dead_letter(Refusal("transcribe", "corrupt-audio", "broken", payload, segment=arrival.said.segment))
    else:
        arrive(store, arrival)


def export(arrivals: Sequence[Arrival], batches: Sequence[int], machine: Machine) -> list[str]:
    """The canonical export after these arrivals, with an advance behind each that has a batch, and one at the end."""
    with tempfile.TemporaryDirectory() as folder, a_store("sqlite", Path(folder)) as store:
        store.add_meeting(a_meeting(channels=("floor", "fr")))
        for arrival, batch in zip(arrivals, batches, strict=True):
            receive(store, arrival)
            if batch:
                advance(store, "small", machine, batch=batch)
        advance(store, "small", machine)
        assert store.meetings_to_advance() == []
        return list(store.canonical_export("small"))


@pytest.mark.parametrize("machine", [SMALL_MACHINE, MACHINE], ids=["small", "real"])
@given(shuffle=shuffles())
@settings(max_examples=15, deadline=None)
def test_order_repetition_and_pace_of_arrival_do_not_matter(
    machine: Machine, shuffle: tuple[list[Arrival], list[Arrival], list[int]]
) -> None:
    """A late or repeated segment must not change what was said by whom."""
    in_order, shuffled, batches = shuffle
    assert export(shuffled, batches, machine) == export(in_order, [0] * len(in_order), machine)
