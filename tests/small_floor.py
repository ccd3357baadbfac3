"""Small meetings for the tests of the store: announcements, transcripts, and a floor whose rules fit on a page."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from floorlog import records, words
from floorlog.adapters.store import Store, open_store
from floorlog.announcements import AudioObject, End, Gap, Segment
from floorlog.attribution import UNATTRIBUTED
from floorlog.clock import Span, after
from floorlog.identity import record_id
from floorlog.interventions import Event, Heard, Intervention, Settled
from floorlog.services.hear import Machine, decode_intervention, encode_intervention
from floorlog.words import Piece, Recogniser, Transcript, Word
from tests import postgres

BEGAN = datetime(2021, 2, 24, 15, 0, tzinfo=UTC)
FINGERPRINT = "fp-first"
DATABASES = ("sqlite", "postgres")


@contextmanager
def a_store(database: str, folder: Path) -> Iterator[Store]:
    """An empty store on one of `DATABASES`."""
    if database == "sqlite":
        shutil.copy(_empty_file(), folder / "floorlog.db")
        store = open_store(f"sqlite:///{folder / 'floorlog.db'}")
        yield store
        store.close()
        return
    with postgres.database() as url:
        store = open_store(url)
        yield store
        store.close()


@functools.cache
def _empty_file() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="floorlog-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store = open_store(f"sqlite:///{folder / 'empty.db'}")
    store.migrate()
    store.close()
    return folder / "empty.db"


def a_meeting(
    meeting_id: str = "small", channels: Sequence[str] = ("floor",), hold_s: float = 0, required: Sequence[str] = ()
) -> dict[str, Any]:
    """A valid meeting document; the first channel is required, and those named."""
    return {
        "schema": "meeting/1",
        "id": meeting_id,
        "title": "A small meeting",
        "body": "General Assembly",
        "symbol": None,
        "format": "informal",
        "date": "2021-02-24",
        "scheduled_start": None,
        "scheduled_end": None,
        "actual_start": None,
        "actual_end": None,
        "source": {"page": None, "asset_id": None, "entry_id": None, "stream_url": None},
        "channels": [
            {
                "name": name,
                "language": None if name == "floor" else name,
                "interpretation": name != "floor",
                "required": name == channels[0] or name in required,
            }
            for name in channels
        ],
        "audience": "live",
        "synthetic": True,
        "licence": "CC0-1.0",
        "chair": {"title": "President", "name": None, "entity": None},
        "programme": [],
        "roster": [],
        "themes": [],
        "cutting": {"min_ms": 4000, "aim_ms": 10000, "max_ms": 25000},
        "hold_s": hold_s,
        "recogniser": None,
    }


@dataclass(frozen=True)
class Said:
    """A segment and what was said in it: one word a second, from its start."""

    segment: Segment
    texts: tuple[str, ...]

    def transcript(self, fingerprint: str = FINGERPRINT) -> dict[str, Any]:
        """Its transcript's document."""
        segment, start_ms = self.segment, self.segment.span.start_ms
        said = tuple(
            Word(text, Span(start_ms + 1000 * place, start_ms + 1000 * place + 800), 0.9)
            for place, text in enumerate(self.texts)
        )
        piece = Piece(segment.span, "en", 0.99, -0.2, said)
        recogniser = Recogniser(fingerprint, "small", "0" * 64, {}, "1")
        speech = (Span(start_ms, said[-1].span.end_ms),) if said else ()
        return words.encode(
            Transcript(
                segment.meeting_id,
                segment.channel,
                segment.id,
                segment.span,
                recogniser,
                (piece,) if said else (),
                speech,
                (),
                (),
            )
        )


Item = Said | Gap | End


def said(start_s: int, end_s: int, *texts: str, channel: str = "floor", meeting_id: str = "small") -> Said:
    """What was said from one second of the meeting clock to another."""
    span = Span(1000 * start_s, 1000 * end_s)
    audio = AudioObject(f"mem://{channel}/{start_s}.flac", "0" * 64, 1000)
    segment = Segment(meeting_id, channel, start_s, span, after(BEGAN, span.start_ms), "given", 0, audio, "pause", 0.9)
    return Said(segment, texts)


def found(start_s: int, end_s: int, *texts: str, channel: str = "floor") -> Said:
    """The same, from a recording: it was not captured while it was said."""
    item = said(start_s, end_s, *texts, channel=channel)
    return replace(item, segment=replace(item.segment, utc_source="recording", origin="recording"))


def gap(start_s: int, end_s: int, channel: str = "floor", meeting_id: str = "small") -> Gap:
    """A gap that capture announces."""
    return Gap(meeting_id, channel, start_s, Span(1000 * start_s, 1000 * end_s), "media-missing")


def end(at_s: int, channel: str = "floor", meeting_id: str = "small") -> End:
    """The end of a stream."""
    return End(meeting_id, channel, at_s, 1000 * at_s, at_s - 1)


def arrive(store: Store, *items: Item, fingerprint: str = FINGERPRINT) -> None:
    """Store announcements, each segment with its transcript; again changes nothing."""
    for item in items:
        if isinstance(item, Said):
            store.register(item.segment)
            store.put_transcript(item.transcript(fingerprint))
        else:
            store.register(item)


@dataclass(frozen=True)
class FloorOfOne:
    """What the small machine remembers of a channel: what is open, what was closed just now, what was settled last."""

    open: Intervention | None = None
    closed: Intervention | None = None
    last: Intervention | None = None


State = dict[str, FloorOfOne]


def begin(meeting: dict[str, Any]) -> State:
    """Nothing was heard."""
    return {}


def hear(state: State, event: Event) -> Heard:
    """A word that begins with `open` takes the floor; what it ended is settled one event later.

    `thanks` makes a revision of what was settled last. A gap flags what is open.
    """
    floor, settled = state.get(event.channel, FloorOfOne()), list[Settled]()

    def settle(intervention: Intervention | None) -> None:
        nonlocal floor
        if intervention is not None:
            settled.append(Settled(intervention, None))
            floor = replace(floor, last=intervention)

    settle(floor.closed)
    floor = replace(floor, closed=None)
    if isinstance(event, Gap) and floor.open is not None:
        floor = replace(floor, open=replace(floor.open, flags=(*floor.open.flags, event.cause)))
    if isinstance(event, End):
        settle(floor.open)
        floor = replace(floor, open=None)
    if isinstance(event, Transcript):
        for word in event.words:
            if word.text == "thanks" and floor.last is not None:
                thanked = replace(floor.last, flags=("thanked",))
                settled.append(Settled(thanked, "thanked"))
                floor = replace(floor, last=thanked)
            if floor.open is None or word.text.startswith("open"):
                settle(floor.closed)
                floor = replace(floor, closed=floor.open, open=_opened(event, word))
            elif word.span.start_ms >= floor.open.spans[0].start_ms:
                span = Span(floor.open.spans[0].start_ms, word.span.end_ms)
                floor = replace(floor, open=replace(floor.open, spans=(span,)))
    after_event = {**state, event.channel: floor}
    still_open = [item for each in after_event.values() for item in (each.closed, each.open) if item is not None]
    still_open.sort(key=lambda item: (item.spans[0].start_ms, item.channel))
    return Heard(after_event, tuple(settled), tuple(still_open))  # type: ignore[arg-type] # a state of its own


def _opened(event: Transcript, word: Word) -> Intervention:
    return Intervention(
        id=record_id(event.meeting_id, event.channel, word.span.start_ms),
        meeting_id=event.meeting_id,
        channel=event.channel,
        kind="statement",
        spans=(word.span,),
        role=None,
        capacity=None,
        name_as_said=word.text,
        person=None,
        on_behalf_of=(),
        aligned_with=(),
        attribution=UNATTRIBUTED,
        flags=(),
    )


def encode_state(state: State) -> dict[str, Any]:
    """The state in JSON."""
    return {
        channel: [item and encode_intervention(item) for item in (floor.open, floor.closed, floor.last)]
        for channel, floor in state.items()
    }


def decode_state(document: dict[str, Any]) -> State:
    """The state behind `encode_state`."""
    return {
        channel: FloorOfOne(*(item and decode_intervention(item) for item in items))
        for channel, items in document.items()
    }


SMALL_MACHINE = Machine(1, begin, hear, encode_state, decode_state, records.compose)


def rec(start_s: int, channel: str = "floor", meeting_id: str = "small") -> str:
    """The id of the record that opens at a second of the meeting clock."""
    return record_id(meeting_id, channel, 1000 * start_s)


def texts(store: Store, meeting_id: str = "small") -> dict[str, str]:
    """What is shown of each record, by id."""
    return {record.id: shown.content["text"] for record, shown in store.current_revisions(meeting_id)}


def events(store: Store, *types: str) -> list[tuple[str, str, int | None]]:
    """The feed so far as (type, subject, revision), of these types or of all."""
    store.sequence()
    return [
        (event.type, event.subject, event.revision)
        for event in store.feed(0, 10_000)
        if not types or event.type in types
    ]
