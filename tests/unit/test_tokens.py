"""When tokens run out: read from the addresses that carry them."""

from __future__ import annotations

import pytest

from workers.capture.tokens import SOONEST_S, renew_at

PATH = "https://klive.kaltura.com/s/env/e/1_epflppn0/tl/main/st/0/t/abc/index-s100.m3u8"


def test_a_token_is_renewed_at_four_fifths_of_its_life() -> None:
    """A stream must not stop in the middle of a meeting of seven hours."""
    token = "__hdnea__=st=1645700000~exp=1645786400~acl=/s/env/*~hmac=00"
    assert renew_at(f"{PATH}?{token}", 1645700100.0) == 1645700000 + 0.8 * 86_400


def test_without_a_beginning_its_life_began_when_it_was_given() -> None:
    """Not every token says when it was made."""
    assert renew_at(f"{PATH}?exp=1645701000", 1645700000.0) == 1645700800.0


def test_an_encoded_token_is_read_too() -> None:
    """Playlists escape what stands in a query."""
    assert renew_at(f"{PATH}?hdnea=st%3D1645700000%7Eexp%3D1645701000%7Eacl%3D%2F*", 0.0) == 1645700800.0


def test_a_token_that_has_run_out_already_is_not_asked_for_without_pause() -> None:
    """A server whose clock is wrong must not be stormed."""
    assert renew_at(f"{PATH}?st=1645700000~exp=1645701000", 1645709999.0) == 1645709999.0 + SOONEST_S


@pytest.mark.parametrize("address", [PATH, f"{PATH}?explain=1", f"{PATH}?exp=soon", f"{PATH}?st=1645700000"])
def test_what_has_no_expiry_is_not_renewed(address: str) -> None:
    """`st` is also a folder of Kaltura's addresses."""
    assert renew_at(address, 0.0) is None
