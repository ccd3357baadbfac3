"""The client: what may be read of the published records, a method each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypedDict, Unpack, cast

import httpx

from floorlog.client import following
from floorlog.client.answers import (
    Coverage,
    Delegation,
    Live,
    Meeting,
    RevisionNote,
    SpeakingTime,
    ThemeOfEntity,
    ThemeTotal,
)
from floorlog.client.connection import Connection, Value
from floorlog.client.documents import Event, Hit, Record

Several = str | Sequence[str]
"""One value, or several of which any will do."""

LARGEST_PAGE = 100
"""Items asked for at once."""

Format = Literal["jsonl", "csv", "parquet", "vtt", "srt", "txt", "html"]


class Filters(TypedDict, total=False):
    """Which interventions. Different filters all hold; of several values of one, any."""

    meeting: str
    entity: Several
    group: Several
    on_behalf_of: Several
    kind: Several
    theme: Several
    language: Several
    state: Several
    interpretation: bool
    from_: str
    to: str


class Client:
    """Reads the published records of one server. Close it, or use it in a `with` block.

    Each method asks again where that helps (429 and 503 as `Retry-After` says, lost connections after a pause), and
    raises `Problem` for an answer that is an error, `Unreachable` where there is none. What is read are plain
    dictionaries as the server sent them, typed.

    Args:
        address: Of the server, for example `https://log.example.org`.
        key: A key of `floorlog key add`; without one only what everybody may see is read.
        timeout_s: How long the server may be silent before a request counts as failed, in seconds.
        tries: How often a request is made before it counts as failed.
        patience_s: The longest wait that the server may ask for, in seconds; beyond it the client gives up at once.
        transport: How requests travel; over the network by default.
        wait: Waits for so many seconds between two tries.
    """

    def __init__(
        self,
        address: str,
        key: str | None = None,
        *,
        timeout_s: float = 30.0,
        tries: int = 5,
        patience_s: float = 60.0,
        transport: httpx.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = Connection(address, key, timeout_s, tries, patience_s, transport, wait)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._connection.http.close()

    def meetings(self, **chosen: Value) -> Iterator[Meeting]:
        """Yield meetings, the latest first.

        Args:
            chosen: `from_`, `to`, `state`, `audience`, `sort`, as `/v1/meetings` takes them.
        """
        return cast(Iterator[Meeting], self._pages("meetings", chosen))

    def meeting(self, meeting_id: str) -> Meeting:
        """Return a meeting."""
        return cast(Meeting, self._object(f"meetings/{meeting_id}"))

    def coverage(self, meeting_id: str) -> Coverage:
        """Return where every second of a meeting's channels went: words, no speech, gaps with their cause."""
        return cast(Coverage, self._object(f"meetings/{meeting_id}/coverage"))

    def live(self, meeting_id: str) -> Live:
        """Return who has the floor of a meeting now, and what was just said."""
        return cast(Live, self._object(f"meetings/{meeting_id}/live"))

    def follow(self, meeting_id: str) -> Iterator[Live]:
        """Yield what `live` returns, each time that it changed, until the caller stops."""
        return following.snapshots(self._connection, meeting_id)

    def interventions(
        self, *, q: str | None = None, sort: Literal["newest", "oldest"] = "newest", **filters: Unpack[Filters]
    ) -> Iterator[Record]:
        """Yield interventions without their words' times, newest first, page after page as they are needed.

        Args:
            q: Words that all occur.
            sort: By time.
            filters: Which ones.
        """
        return cast(Iterator[Record], self._pages("interventions", {"q": q, "sort": sort, **_sent(filters)}))

    def intervention(self, record_id: str) -> Record:
        """Return an intervention with the times of its words; of a retired one, what stands for it.

        Raises:
            Gone: it was withdrawn or removed; `detail` has the reason.
        """
        return cast(Record, self._object(f"interventions/{record_id}"))

    def revisions(self, record_id: str) -> list[RevisionNote]:
        """Return the revisions of an intervention that were shown, without their content."""
        return cast(list[RevisionNote], self._items(f"interventions/{record_id}/revisions", {}))

    def revision(self, record_id: str, number: int) -> Record:
        """Return one revision of an intervention as it was shown."""
        return cast(Record, self._object(f"interventions/{record_id}/revisions/{number}"))

    def search(
        self, q: str, *, sort: Literal["newest", "oldest", "relevance"] = "newest", **filters: Unpack[Filters]
    ) -> Iterator[Hit]:
        """Yield the interventions in which words occur, with the passage and where it was said in `highlight`.

        Args:
            q: Words that all occur.
            sort: By time, or `relevance`: the best ones first, one page of them.
            filters: Which interventions.
        """
        return cast(Iterator[Hit], self._pages("search", {"q": q, "sort": sort, **_sent(filters)}))

    def speaking_time(self, **filters: Unpack[Filters]) -> list[SpeakingTime]:
        """Return how often and how long each delegation had the floor, in ms, by role and kind of intervention."""
        return cast(list[SpeakingTime], self._items("speaking-time", _sent(filters)))

    def themes(self, **filters: Unpack[Filters]) -> list[ThemeTotal]:
        """Return in how many interventions, and for how long, each theme was touched."""
        return cast(list[ThemeTotal], self._items("themes", _sent(filters)))

    def themes_by_entity(self, **filters: Unpack[Filters]) -> list[ThemeOfEntity]:
        """Return in how many interventions, and for how long, each delegation touched each theme."""
        return cast(list[ThemeOfEntity], self._items("themes-by-entity", _sent(filters)))

    def entities(self, **chosen: Value) -> list[Delegation]:
        """Return states, observers, organizations and groups with their names in six languages.

        Args:
            chosen: `q`, `kind`, `group`, `meeting`, `on`, as `/v1/entities` takes them.
        """
        return cast(list[Delegation], self._items("entities", chosen))

    def entity(self, code: str) -> Delegation:
        """Return one of them."""
        return cast(Delegation, self._object(f"entities/{code}"))

    def changes(
        self, after: str | None = None, *, meeting: str | None = None, type: Several | None = None
    ) -> following.Changes:
        """Return the events behind a cursor, to iterate over; its `cursor` is where to go on the next time.

        Args:
            after: Where to go on: the `cursor` of the last time, or an event's `sequence`. None begins with the first
                event that there ever was; `now` gives none, and the cursor behind the last one.
            meeting: Only this meeting's.
            type: Only of these types.
        """
        return following.Changes(self._connection, after, {"meeting": meeting, "type": type})

    def stream(
        self,
        *,
        meeting: str | None = None,
        type: Several | None = None,
        after: str | None = None,
    ) -> Iterator[Event]:
        """Yield events as they are committed, until the caller stops; a lost connection goes on where it broke off.

        Args:
            meeting: Only this meeting's.
            type: Only of these types.
            after: The `sequence` of the last event that you have: all behind it come first. None begins now.
        """
        return following.events(self._connection, {"meeting": meeting, "type": type}, after)

    def export(self, meeting_id: str, form: Format, path: Path) -> None:
        """Write a meeting's records to a file as they come; what was there before stays until all has come."""
        part = path.with_name(f"{path.name}.part")
        with self._connection.opened(f"meetings/{meeting_id}/export.{form}") as answer, part.open("wb") as file:
            for chunk in answer.iter_bytes():
                file.write(chunk)
        part.replace(path)

    def _object(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self._connection.get(path)
        return found

    def _items(self, path: str, parameters: dict[str, Value]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._connection.get(path, parameters)["items"]
        return found

    def _pages(self, path: str, parameters: dict[str, Value]) -> Iterator[dict[str, Any]]:
        cursor: str | None = None
        while True:
            page = self._connection.get(path, {**parameters, "limit": LARGEST_PAGE, "cursor": cursor})
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return


def _sent(filters: Filters) -> dict[str, Value]:
    return cast(dict[str, Value], filters)
