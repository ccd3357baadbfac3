"""A hostile origin costs bounded memory and time, is named clearly, and harms no other meeting."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from workers.origin_hostile import CROWDED, LISTS, PLAYLISTS, SERVED

ROOT = Path(__file__).parents[2]

STOP_S = 60.0
"""When captures that still try are told to stop: none should."""

MOST_MB = 800.0
"""For all of them at once: each may hold a few media segments of up to 64 MiB, and most are refused far below that."""


@pytest.fixture(scope="module")
def outcome() -> Mapping[str, Any]:
    """Capture everything hostile and one good meeting at once, in a process of their own."""
    command = [sys.executable, "-m", "tests.faults.hostile_run", str(STOP_S)]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert process.returncode == 0, process.stderr[-4000:]
    found: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", [*PLAYLISTS, *SERVED, CROWDED])
def test_what_is_no_playlist_is_refused_by_name(name: str, outcome: Mapping[str, Any]) -> None:
    """An operator must read what is wrong with an address, soon, instead of a crash or a hanging process."""
    found = outcome["found"][name]
    assert "bug" not in found
    assert found["reason"] in {"invalid-playlist", "address-refused", "origin-unavailable"}
    assert "127.0.0.1" in found["message"]
    assert not found["stopped"]


@pytest.mark.parametrize("name", LISTS)
def test_media_that_can_never_be_had_ends_well(name: str, outcome: Mapping[str, Any]) -> None:
    """One segment that is endless, inside the network or a lie must not keep capture from what follows."""
    found = outcome["found"][name]
    assert "bug" not in found
    assert found.get("reason") == "invalid-playlist" or found["kinds"][-1:] == ["end"]
    assert not found["stopped"]


@pytest.mark.parametrize("name", ["a list that leads inside", "a list that leads to what is inside by name"])
def test_a_redirect_into_the_network_is_refused_before_it_is_followed(name: str, outcome: Mapping[str, Any]) -> None:
    """A page on the internet must not make this machine ask its own cloud for credentials."""
    assert outcome["found"][name]["reason"] == "address-refused"


def test_memory_is_bounded(outcome: Mapping[str, Any]) -> None:
    """A gigabyte that is offered is not taken: other captures run on the same machine."""
    assert outcome["peak_mb"] - outcome["before_mb"] < MOST_MB


def test_another_meeting_that_is_captured_meanwhile_is_whole(outcome: Mapping[str, Any]) -> None:
    """Somebody else's broken stream is no reason to lose a second of this one."""
    assert outcome["found"]["good"]["lost"] == []
    assert outcome["found"]["good"]["error_ms"] <= 20.0
