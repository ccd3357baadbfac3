"""The journal of a capture: what it needs to go on after a crash as if nothing had happened. One SQLite file a channel.

SQLite rather than a file that is appended to: one commit moves the state, the samples, the fetched media and the
announcements to be sent from one moment to the next, whole or not at all, and what is no longer needed can go.

What is fetched is kept before it is used, and what is announced is kept before it is sent. So nothing is lost between
the steps, and a step that is done twice does the same again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from floorlog.clock import parse_rfc3339
from floorlog.errors import InvalidSetting
from floorlog.listing import Media
from workers.capture.recording import Outgoing, Tape

VERSION = 2
"""Form of the file."""

_TABLES = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS fetched (
  epoch INTEGER, sequence INTEGER, media TEXT NOT NULL, arrived TEXT NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (epoch, sequence));
CREATE TABLE IF NOT EXISTS tape (first INTEGER PRIMARY KEY, samples BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS outgoing (
  sequence INTEGER PRIMARY KEY, kind TEXT NOT NULL, document BLOB NOT NULL, uri TEXT, audio BLOB);
"""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A media segment as it was fetched, after its initialization section, and when."""

    media: Media
    data: bytes
    arrived: datetime


class Journal:
    """One connection to a journal; each thread has its own."""

    def __init__(self, path: Path, owner: str) -> None:
        """Open a journal, or begin one.

        Args:
            path: the file.
            owner: names the meeting, channel and kind of source: a journal serves one of them only.

        Raises:
            InvalidSetting: the journal belongs to another.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        with self._transaction():
            for statement in _TABLES.split(";"):
                self._connection.execute(statement)
            mark = f"{VERSION} {owner}"
            found = self._get("owner")
            if found is None:
                self._set("owner", mark.encode())
            elif found.decode() != mark:
                raise InvalidSetting("journal", str(path), f"that of {mark!r}; it is that of {found.decode()!r}")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def state(self) -> dict[str, Any] | None:
        """Return the state that was committed last, or None at the very beginning."""
        found = self._get("state")
        return None if found is None else json.loads(found)

    def before(self) -> bytes | None:
        """Return the media segment that was used last, if the next one goes on from it."""
        return self._get("before")

    def tape(self) -> Tape:
        """Return the samples that are still needed."""
        rows = self._connection.execute("SELECT first, samples FROM tape ORDER BY first").fetchall()
        parts = [np.frombuffer(samples, dtype="<i2") for _, samples in rows]
        return Tape(rows[0][0] if rows else 0, np.concatenate([np.zeros(0, dtype=np.int16), *parts]))

    def keep(self, fetched: Fetched) -> None:
        """Keep what was fetched until it is used. Where power fails, it may have to be fetched again."""
        media = fetched.media
        with self._unsynced(), self._transaction():
            self._connection.execute(
                "INSERT OR REPLACE INTO fetched VALUES (?, ?, ?, ?, ?)",
                (media.epoch, media.sequence, json.dumps(media.encode()), fetched.arrived.isoformat(), fetched.data),
            )

    def held(self) -> list[Media]:
        """Return what was fetched and not used yet, in order."""
        rows = self._connection.execute("SELECT media FROM fetched ORDER BY epoch, sequence")
        return [Media.decode(json.loads(media)) for (media,) in rows]

    def fetched(self, media: Media) -> Fetched:
        """Return what was kept of a media segment.

        Raises:
            KeyError: it was not fetched.
        """
        row = self._connection.execute(
            "SELECT media, data, arrived FROM fetched WHERE epoch = ? AND sequence = ?", (media.epoch, media.sequence)
        ).fetchone()
        if row is None:
            raise KeyError(media.sequence)
        return Fetched(Media.decode(json.loads(row[0])), row[1], parse_rfc3339(row[2]))

    def commit(
        self, state: dict[str, Any], tape: Tape, used: Media | None, before: bytes | None, out: Sequence[Outgoing]
    ) -> None:
        """Move to the next state.

        Args:
            state: JSON form of all that is small.
            tape: the samples that are still needed.
            used: the media segment that was used for it; it goes.
            before: what `before` returns from now on.
            out: announcements to send.
        """
        with self._transaction():
            self._set("state", json.dumps(state).encode())
            if before is None:
                self._connection.execute("DELETE FROM state WHERE name = 'before'")
            else:
                self._set("before", before)
            if used is not None:
                self._connection.execute(
                    "DELETE FROM fetched WHERE (epoch, sequence) <= (?, ?)", (used.epoch, used.sequence)
                )
            self._write_tape(tape, state["recording"]["continuity"])
            self._connection.executemany(
                "INSERT INTO outgoing VALUES (?, ?, ?, ?, ?)",
                [(each.sequence, each.kind, each.document, each.uri, each.audio) for each in out],
            )

    def _write_tape(self, tape: Tape, continuity: int) -> None:
        """Drop the parts that are no longer needed and add those that are new."""
        mark = str(continuity).encode()
        if self._get("tape") != mark or not len(tape.samples):
            self._connection.execute("DELETE FROM tape")
            self._set("tape", mark)
        rows = self._connection.execute("SELECT first, length(samples) / 2 FROM tape ORDER BY first").fetchall()
        for first, length in rows:
            if first + length <= tape.first:
                self._connection.execute("DELETE FROM tape WHERE first = ?", (first,))
            elif first < tape.first:
                self._connection.execute("DELETE FROM tape WHERE first = ?", (first,))
                self._add_tape(tape.first, tape.part(tape.first, first + length))
        written = max((first + length for first, length in rows), default=tape.first)
        if tape.end > max(written, tape.first):
            start = max(written, tape.first)
            self._add_tape(start, tape.part(start, tape.end))

    def _add_tape(self, first: int, samples: np.ndarray[Any, np.dtype[np.int16]]) -> None:
        self._connection.execute("INSERT INTO tape VALUES (?, ?)", (first, samples.astype("<i2").tobytes()))

    def waiting(self) -> Iterator[Outgoing]:
        """Yield what is to be sent, in order."""
        while True:
            row = self._connection.execute("SELECT * FROM outgoing ORDER BY sequence LIMIT 1").fetchone()
            if row is None:
                return
            yield Outgoing(*row)

    def sent(self, sequence: int) -> None:
        """Note that an announcement was sent and its object stored. Where power fails, it may be sent again."""
        with self._unsynced(), self._transaction():
            self._connection.execute("DELETE FROM outgoing WHERE sequence = ?", (sequence,))

    @contextmanager
    def _unsynced(self) -> Iterator[None]:
        """Do not wait for the disk: what is written survives the process, and the next commit that waits syncs it."""
        self._connection.execute("PRAGMA synchronous=NORMAL")
        try:
            yield
        finally:
            self._connection.execute("PRAGMA synchronous=FULL")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def _get(self, name: str) -> bytes | None:
        row = self._connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def _set(self, name: str, value: bytes) -> None:
        self._connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, value))
