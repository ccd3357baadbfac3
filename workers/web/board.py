"""A meeting's page as pieces of HTML, so that the page and the stream that makes it grow show the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from floorlog.audio_timeline import heard_until_ms
from floorlog.identity import canonical_json, digest
from workers.web import coverage_bar, wording
from workers.web.reading import Reader, Sitting, shown
from workers.web.turns import Names, Turn, turn

REMEMBERED = 64
"""Earlier states of a board that a reader may resume from; one who comes back later is sent the whole log."""

BOARDS = 16
"""Logs that are kept in memory at once; about 3 MB for a meeting of two hours."""

Render = Callable[..., str]
"""Renders a template by name with values."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One turn in HTML: in the log, and in the list of speakers. `tag` changes whenever either does."""

    tag: str
    turn: Turn
    html: str
    outline: str


@dataclass(frozen=True, slots=True)
class Board:
    """What the page of one channel of a meeting shows. `version` names exactly this content."""

    version: str
    sitting: Sitting
    channel: str
    pieces: dict[str, Piece]
    summary: str
    audio_ends_ms: dict[str, int]


class Boards:
    """Keeps the boards of the meetings that are being read, and knows what changed since an earlier version.

    Args:
        reader: Where the content is from.
        names: Gives the namer of a meeting's entities.
        render: Renders the pieces.
    """

    def __init__(self, reader: Reader, names: Callable[[dict[str, Any]], Names], render: Render) -> None:
        self._reader, self._names, self._render = reader, names, render
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()

    def board(self, meeting_id: str, channel: str | None = None, *, inside: bool = False) -> Board | None:
        """Return the present board of a channel (by default the main one); None where nothing may be shown.

        Args:
            meeting_id: The meeting.
            channel: One of its channels.
            inside: Whether the reader is signed in and may read closed meetings.
        """
        sitting = self._reader.sitting(meeting_id)
        if sitting is None or (sitting.audience == "closed" and not inside):
            return None
        channel = channel or sitting.channel
        if channel not in sitting.channels:
            return None
        with self._lock:
            kept = self._kept.setdefault((meeting_id, channel), _Kept())
            self._kept.move_to_end((meeting_id, channel))
            while len(self._kept) > BOARDS:
                self._kept.popitem(last=False)
        with kept.lock:
            # Asked before reading: what is committed meanwhile belongs to the next version, and is then read again.
            version = self._reader.versions([meeting_id])[meeting_id]
            if kept.board is None or kept.store_version != version or kept.board.sitting != sitting:
                kept.board = self._compose(sitting, channel, kept.board)
                kept.store_version = version
                kept.remember(kept.board)
            return kept.board

    def changes(
        self, meeting_id: str, channel: str | None, since: str, *, inside: bool = False
    ) -> dict[str, Any] | None:
        """Return what leads from an earlier version to the present board; None where nothing may be shown.

        The version is the same where nothing changed. A version that is not remembered counts as an empty page.
        """
        board = self.board(meeting_id, channel, inside=inside)
        if board is None:
            return None
        with self._lock:
            kept = self._kept.get((meeting_id, board.channel))
        known = kept.tags(since) if kept else {}
        return {
            "version": board.version,
            "state": board.sitting.state,
            "ids": list(board.pieces),
            "changed": [
                {"id": key, "html": piece.html, "outline": piece.outline}
                for key, piece in board.pieces.items()
                if known.get(key) != piece.tag
            ],
            "summary": board.summary,
            "audioEnds": board.audio_ends_ms,
        }

    def _compose(self, sitting: Sitting, channel: str, before: Board | None) -> Board:
        names = self._names(sitting.meeting)
        # The board of a closed meeting is composed for those inside only: `board` gives it to nobody else.
        records = shown(sitting, self._reader.records(sitting.id), inside=True)
        of_meeting = canonical_json(sitting.meeting)
        pieces: dict[str, Piece] = {}
        own = any(record["channel"] == channel for record in records)
        log = channel if own else sitting.log_of(channel)
        for record in records:
            if record["channel"] != log:
                continue
            tag = digest(of_meeting, canonical_json(record))
            old = before.pieces.get(record["id"]) if before else None
            pieces[record["id"]] = (
                old if old and old.tag == tag else self._piece(tag, turn(record, sitting.meeting, names), channel)
            )
        may_listen = sitting.audience in ("live", "closed") or bool(records)
        audio_ends_ms = {
            name: heard_until_ms(item.span for item in self._reader.announcements(sitting.id, name))
            for name in sitting.channels
            if may_listen
        }
        turns = [piece.turn for piece in pieces.values()]
        heard_ms = audio_ends_ms.get(channel)
        accounts = coverage_bar.accounts(self._reader.coverage(sitting.id)) if any(audio_ends_ms.values()) else ()
        to_look_at = coverage_bar.to_look_at(self._reader.review_items(sitting.id) if accounts else ())
        summary = self._render(
            "_summary.html",
            sitting=sitting,
            channel=channel,
            interventions=sum(not item.subdued for item in turns),
            delegations=len({item.name for item in turns if not item.subdued and item.name}),
            unattributed=sum(not item.subdued and item.name is None for item in turns),
            heard=wording.clock(heard_ms) if heard_ms else None,
            accounts=accounts,
            to_look_at=to_look_at,
        )
        tags = [f"{key}={piece.tag}" for key, piece in pieces.items()]
        version = digest("board/1", summary, canonical_json(audio_ends_ms), *tags)
        return Board(version, sitting, channel, pieces, summary, {k: v for k, v in audio_ends_ms.items() if v})

    def _piece(self, tag: str, item: Turn, listening: str) -> Piece:
        html = self._render("_turn.html", turn=item, listening=listening)
        return Piece(tag, item, html, self._render("_outline.html", turn=item))


class _Kept:
    """A board, what the store's version was, and the tags of the boards before it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.store_version: str | None = None
        self.board: Board | None = None
        self._history: OrderedDict[str, dict[str, str]] = OrderedDict()

    def remember(self, board: Board) -> None:
        self._history[board.version] = {key: piece.tag for key, piece in board.pieces.items()}
        self._history.move_to_end(board.version)
        while len(self._history) > REMEMBERED:
            self._history.popitem(last=False)

    def tags(self, version: str) -> dict[str, str]:
        with self.lock:
            return self._history.get(version, {})
