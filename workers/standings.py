"""How captures on this machine stand, from their journals and locks: looked at from outside, never waited for."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout


@dataclass(frozen=True, slots=True)
class Standing:
    """How the capture of one channel stands.

    Args:
        channel: its name.
        state: `running`; `ended` with its stream; or `stopped` before that, so that it can be started again.
        announced_ms: up to where on the meeting clock everything was announced.
        segments: announced so far.
        gaps: announced so far.
        identical: media segments that had the same audio as another channel at the same time.
    """

    channel: str
    state: Literal["running", "ended", "stopped"]
    announced_ms: int
    segments: int
    gaps: int
    identical: int


def standings(data_dir: Path, meeting_id: str) -> list[Standing]:
    """Return how the captures of a meeting stand, by channel; those of other machines are not seen."""
    folder = data_dir / "capture" / meeting_id
    found = (_standing(path, data_dir, meeting_id) for path in sorted(folder.glob("*.db")))
    return [each for each in found if each is not None]


def is_running(data_dir: Path, meeting_id: str, channel: str) -> bool:
    """Return whether a capture of the channel is running: it holds the channel's lock."""
    path = data_dir / "capture" / meeting_id / f"{channel}.lock"
    if not path.exists():
        return False
    try:
        with FileLock(path, blocking=False):
            return False
    except Timeout:
        return True


def _standing(path: Path, data_dir: Path, meeting_id: str) -> Standing | None:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1.0)) as connection:
            row = connection.execute("SELECT value FROM state WHERE name = 'state'").fetchone()
    except sqlite3.Error:  # just being made, or no journal
        return None
    if row is None:
        return None
    state = json.loads(row[0])
    recording, channel = state["recording"], path.stem
    if is_running(data_dir, meeting_id, channel):
        stands: Literal["running", "ended", "stopped"] = "running"
    else:
        stands = "ended" if recording["ended"] else "stopped"
    return Standing(channel, stands, recording["end_ms"], recording["segments"], recording["gaps"], state["identical"])
