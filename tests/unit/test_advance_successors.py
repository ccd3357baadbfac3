"""Which record stands for which intervention once a meeting was derived again."""

from __future__ import annotations

from floorlog.clock import Span
from floorlog.services.successors import Held, Said, match


def held(
    name: str,
    start_ms: int,
    end_ms: int,
    *,
    stands_for: str | None = None,
    touched: bool = False,
    retired: bool = False,
) -> Held:
    """A record that stands for the intervention of its own id, unless another one is named."""
    return Held(name, stands_for or name, "floor", (Span(start_ms, end_ms),), touched, retired)


def said(name: str, start_ms: int, end_ms: int, channel: str = "floor") -> Said:
    """An intervention."""
    return Said(name, channel, (Span(start_ms, end_ms),))


def test_a_record_stands_for_the_intervention_of_its_id() -> None:
    """So the records of a derivation again equal those of a first run."""
    outcome = match([held("a", 0, 10), held("b", 10, 20)], [said("a", 0, 15), said("b", 15, 20)])
    assert outcome.stands_for == {"a": "a", "b": "b"}
    assert outcome.retired == {}


def test_what_vanished_points_to_what_overlaps_it_most() -> None:
    """An address that was given out must lead to the words that stood there."""
    outcome = match([held("b", 10, 20)], [said("a", 0, 18), said("c", 18, 40)])
    assert outcome.retired == {"b": ("a",)}


def test_what_was_split_points_to_its_parts() -> None:
    """Each part lies inside it, so each is a successor; the largest comes first."""
    outcome = match([held("b", 10, 20)], [said("c", 9, 13), said("d", 13, 20)])
    assert outcome.retired == {"b": ("d", "c")}


def test_a_touched_record_keeps_its_id_for_what_overlaps_it_most() -> None:
    """Human work stays with the words that it was about."""
    outcome = match(
        [held("b", 10, 20, touched=True), held("c", 20, 30, touched=True)], [said("x", 8, 19), said("y", 19, 30)]
    )
    assert outcome.stands_for == {"b": "x", "c": "y"}


def test_a_touched_record_goes_on_to_stand_for_what_it_stood_for() -> None:
    """A second derivation must not undo what the first one decided."""
    outcome = match([held("b", 10, 20, stands_for="x", touched=True)], [said("x", 8, 12), said("y", 12, 30)])
    assert outcome.stands_for == {"b": "x"}


def test_a_touched_record_takes_its_own_id_back() -> None:
    """When the machine finds the first opening again, that is what the id means."""
    outcome = match([held("b", 10, 20, stands_for="x", touched=True)], [said("x", 0, 10), said("b", 10, 20)])
    assert outcome.stands_for == {"b": "b"}
    assert outcome.record_of("x") == "x"


def test_a_touched_record_without_a_place_is_left_to_a_person() -> None:
    """What was published does not vanish by itself; it only learns what stands there now."""
    outcome = match([held("a", 0, 10), held("b", 10, 20, touched=True)], [said("a", 0, 20)])
    assert outcome.stands_for == {"a": "a"}
    assert outcome.adrift == {"b": ("a",)}
    assert outcome.retired == {}


def test_a_successor_is_named_by_its_record() -> None:
    """The address of an intervention is that of the record which stands for it."""
    outcome = match([held("b", 10, 20, touched=True), held("c", 12, 14)], [said("x", 8, 20)])
    assert outcome.stands_for == {"b": "x"}
    assert outcome.retired == {"c": ("b",)}


def test_channels_do_not_stand_for_each_other() -> None:
    """An interpretation is another record than the statement, though it lasts as long."""
    outcome = match([held("b", 10, 20)], [said("f", 10, 20, channel="fr")])
    assert outcome.retired == {"b": ()}


def test_a_retired_record_is_retired_once() -> None:
    """Its successors are known already."""
    outcome = match([held("b", 10, 20, retired=True)], [said("a", 0, 20)])
    assert outcome.retired == {}
    assert outcome.stands_for == {}
