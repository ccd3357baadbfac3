"""Export records: choose them, put them into a format, and give the file out piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from floorlog.adapters.store import Store
from floorlog.adapters.store.published_rows import Filter
from floorlog.exports.formats import FORMATS, Format
from floorlog.exports.frame import Entry, Frame

PIECE_BYTES = 64 * 1024
"""About how much is given out at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file shall hold.

    Args:
        chosen: Which records, as readers with its scopes see them.
        from_ms, to_ms: Only what began in this part of the meeting clock, besides.
        only: The choice in words, for the file to say.
        text_language: The language of the words; as delivered by default.
        base_url: Where records can be read, without a slash at its end; without it files hold no links.
    """

    chosen: Filter
    from_ms: int = 0
    to_ms: int | None = None
    only: tuple[str, ...] = ()
    text_language: str | None = None
    base_url: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file that is made while it is read. The first piece is there already: a store that is away was noticed."""

    name: str
    media_type: str
    body: Iterator[bytes]


def file(store: Store, name: str, wanted: Wanted) -> File:
    """Return a file of records.

    Args:
        store: Where the records are.
        name: Of the format, out of `FORMATS`; one of one meeting needs a meeting to be chosen.
        wanted: What it shall hold.

    Raises:
        UnknownMeeting: the meeting was never added.
        StoreUnavailable: the store does not answer; while pieces are read, too.
    """
    form, meeting_id = FORMATS[name], wanted.chosen.meeting_id
    meeting = None if meeting_id is None else store.meeting(meeting_id).document
    frame = Frame(meeting, wanted.only, wanted.text_language, wanted.base_url)
    body = _pieces(_written(form, _entries(store, wanted), frame))
    first = next(body, b"")
    parts = (meeting_id or "records", wanted.text_language)
    return File(f"{'-'.join(part for part in parts if part)}.{name}", form.media_type, chain((first,), body))


def _entries(store: Store, wanted: Wanted) -> Iterator[Entry]:
    """Yield the records with their meetings; one meeting is held at a time."""
    meeting: dict[str, Any] | None = None
    for record in store.shown_stream(wanted.chosen):
        start_ms = record["spans"][0]["start_ms"]
        if start_ms < wanted.from_ms or (wanted.to_ms is not None and start_ms >= wanted.to_ms):
            continue
        if meeting is None or meeting["id"] != record["meeting_id"]:
            meeting = store.meeting(record["meeting_id"]).document
        yield meeting, record


def _written(form: Format, entries: Iterable[Entry], frame: Frame) -> Iterator[bytes]:
    if form.text is not None:
        return (piece.encode() for piece in form.text(entries, frame))
    from floorlog.adapters.parquet import parquet  # loads pyarrow, which only this format needs

    return parquet(entries, frame)


def _pieces(written: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what is written in pieces of some size."""
    piece = bytearray()
    for part in written:
        piece += part
        if len(piece) >= PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)
