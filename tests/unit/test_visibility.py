"""Who sees what: one table, from which everything else follows."""

from __future__ import annotations

from itertools import product

import pytest

from floorlog import visibility
from floorlog.review_states import PUBLIC, STEPS
from floorlog.visibility import SCOPES, STANDING, event_is_public, levels, needs, states

AUDIENCES = ("closed", "live", "published")
KEYS = ((), ("unpublished",), ("closed",), SCOPES)


@pytest.mark.parametrize(
    ("audience", "scopes", "seen"),
    [
        ("live", (), STANDING),
        ("published", (), PUBLIC),
        ("published", ("closed",), PUBLIC),
        ("published", ("unpublished",), STANDING),
        ("closed", (), frozenset()),
        ("closed", ("unpublished",), frozenset()),
        ("closed", ("closed",), PUBLIC),
        ("closed", SCOPES, STANDING),
        ("an audience of a later version", (), frozenset()),
    ],
)
def test_the_audience_and_the_key_decide_which_states_are_seen(
    audience: str, scopes: tuple[str, ...], seen: frozenset[str]
) -> None:
    """Pages, the API, feeds and files have this from one place."""
    assert states(audience, scopes) == seen


def test_nobody_sees_what_was_withdrawn_or_retired() -> None:
    """No key opens what is not to be read any more."""
    assert not {"withdrawn", "retired"}.intersection(*(states(audience, SCOPES) for audience in AUDIENCES))
    assert set(STEPS) == STANDING | {"withdrawn", "retired"}


def test_what_the_store_keeps_of_a_record_says_the_same() -> None:
    """The store writes one number beside each record, and compares it with what a key opens."""
    for audience, state, scopes in product(AUDIENCES, STEPS, KEYS):
        assert (needs(audience, state) in levels(scopes)) == (state in states(audience, scopes))


def test_everybody_needs_nothing() -> None:
    """The indexes of what is public hold exactly that."""
    assert levels() == (visibility.EVERYBODY,)
    assert needs("published", "published") == visibility.EVERYBODY


def test_events_of_what_was_never_published_are_not_public() -> None:
    """An event that names a draft gives away that there is one."""
    assert event_is_public("record.corrected")
    assert event_is_public("gap.opened")
    assert not event_is_public("record.revised")
    assert not event_is_public("record.retired")
    assert event_is_public("record.retired", was_public=True)
    assert not event_is_public("record.withdrawn", was_public=False)
