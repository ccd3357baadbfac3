"""A meeting is derived again as a whole when an operator asks for it; one suite for both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from floorlog.adapters.store import Store
from floorlog.errors import UnknownMeeting
from floorlog.services.advance import advance
from floorlog.services.derive import derive_again
from tests.small_floor import DATABASES, SMALL_MACHINE, a_meeting, a_store, arrive, end, rec, said, texts


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store with one meeting."""
    with a_store(request.param, tmp_path) as opened:
        opened.add_meeting(a_meeting())
        yield opened


def test_an_operator_has_a_meeting_derived_again_though_nothing_came(store: Store) -> None:
    """A roster or a programme may have been added since; the transcripts are the same."""
    arrive(store, said(0, 10, "open-a"), end(10))
    advance(store, "small", SMALL_MACHINE)
    shouting = replace(SMALL_MACHINE, compose=lambda *args: {**SMALL_MACHINE.compose(*args), "text": "A!"})
    assert derive_again(store, "small", shouting, 200) == ()
    assert derive_again(store, "small", shouting, 200, whole=True) == (rec(0),)
    assert texts(store) == {rec(0): "A!"}
    assert [revision.reason for revision in store.revisions(rec(0))] == [None, "derived-again"]


def test_deriving_again_what_has_not_changed_makes_no_revision(store: Store) -> None:
    """It may be asked for twice."""
    arrive(store, said(0, 10, "open-a"), end(10))
    advance(store, "small", SMALL_MACHINE)
    assert derive_again(store, "small", SMALL_MACHINE, 200, whole=True) == ()


def test_a_meeting_that_nobody_added_cannot_be_derived(store: Store) -> None:
    """A slip of the pen must not pass for a meeting without records."""
    with pytest.raises(UnknownMeeting):
        derive_again(store, "other", SMALL_MACHINE, 200, whole=True)
