"""The table of roles, and the waits after failed sign-ins."""

from __future__ import annotations

import pytest

from floorlog.roles import ACTIONS, ROLES, actions_of, may
from floorlog.throttling import PER_ACCOUNT, PER_ADDRESS, Limit


def test_each_role_may_do_exactly_this() -> None:
    """The table is the promise: who widens a role must change it here, too."""
    assert {role: actions_of(role) for role in ROLES} == {
        "viewer": ("view",),
        "reviewer": ("view", "review"),
        "approver": ("view", "review", "approve", "publish"),
        "operator": ("view", "operate"),
        "administrator": ("view", "review", "approve", "publish", "operate", "administer"),
    }


def test_a_role_that_is_not_known_may_nothing() -> None:
    """A row that another version wrote must not open a door."""
    assert not any(may("owner", action) for action in ACTIONS)


def test_an_action_that_is_not_known_is_a_mistake_in_the_code() -> None:
    """A misspelt action that quietly refuses everybody, or nobody, would be found late."""
    with pytest.raises(KeyError):
        may("administrator", "aprove")


def test_waits_double_up_to_the_longest() -> None:
    """Guessing must become hopeless, and a forgetful person must not be shut out for a day."""
    limit = Limit(free=3, first_wait_s=10, longest_wait_s=60)
    assert [limit.wait_s(failures) for failures in range(8)] == [0, 0, 0, 10, 20, 40, 60, 60]
    assert limit.wait_s(10**9) == 60


@pytest.mark.parametrize(("limit", "most"), [(PER_ACCOUNT, 100), (PER_ADDRESS, 100)])
def test_a_guesser_has_few_attempts_in_an_hour(limit: Limit, most: int) -> None:
    """OWASP's ASVS allows 100 in an hour for an account."""
    at_s, failures = 0, 0
    while at_s < 3600:
        failures += 1
        at_s += limit.wait_s(failures)
    assert failures < most


@pytest.mark.parametrize(("free", "first", "longest"), [(0, 1, 1), (1, 0, 1), (1, 2, 1)])
def test_a_limit_without_a_wait_is_refused(free: int, first: int, longest: int) -> None:
    """A limit that limits nothing is a mistake."""
    with pytest.raises(ValueError, match="Limit"):
        Limit(free, first, longest)
