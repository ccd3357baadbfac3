"""The two transactions about one meeting: one that reads it, one that holds its lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from floorlog.adapters.store.database import Database
from floorlog.adapters.store.meetings import lock_meeting, read_meeting
from floorlog.adapters.store.recording import MeetingWriter
from floorlog.adapters.store.records import MeetingReader
from floorlog.adapters.store.transcript_cache import TranscriptCache


class Transactions(Database):
    """The part of the store for work that must happen at once or not at all."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._cache = TranscriptCache()

    @contextmanager
    def locked(self, meeting_id: str) -> Iterator[MeetingWriter]:
        """Open a transaction that holds a meeting's lock from its first statement; it commits when the block ends.

        Raises:
            UnknownMeeting: it was never added.
            StoreUnavailable: the database does not answer.
        """
        with self.write() as connection:
            yield MeetingWriter(connection, lock_meeting(connection, meeting_id), self._cache)

    @contextmanager
    def reading(self, meeting_id: str) -> Iterator[MeetingReader]:
        """Open a transaction that sees one moment of a meeting and holds no lock.

        Raises:
            UnknownMeeting: it was never added.
            StoreUnavailable: the database does not answer.
        """
        with self.read() as connection:
            yield MeetingReader(connection, read_meeting(connection, meeting_id), self._cache)
