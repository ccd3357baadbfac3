"""Keeping up: the change feed page by page, and server-sent events that go on where they broke off."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx

from floorlog.client.answers import Live
from floorlog.client.connection import AGAIN, Connection, Value, pause_s, plain
from floorlog.client.documents import Event
from floorlog.client.problems import problem_of, retry_after_s

SILENCE_S = 45.0
"""A stream that is silent for so long is opened again: three of the server's keep-alives of 15 s."""

PAGE = 500
"""Events asked for at once."""


class Changes:
    """The events behind a cursor, oldest first, up to the last one that there is now.

    Keep `cursor` with what you made of the events, and begin with it the next time: nothing is left out, and only the
    event that you were handling comes once more. Drop ids that you have seen.

    Attributes:
        cursor: Where to begin the next time: behind the last event that you took the next one after. None before that.
    """

    def __init__(self, connection: Connection, after: str | None, parameters: Mapping[str, Value]) -> None:
        self._connection, self._parameters = connection, parameters
        self.cursor = after

    def __iter__(self) -> Iterator[Event]:
        """Yield the events."""
        more = True
        while more:
            page = self._connection.get("changes", {**self._parameters, "after": self.cursor, "limit": PAGE})
            for event in page["events"]:
                yield event
                self.cursor = event["sequence"]
            self.cursor, more = page["next"], page["more"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an event stream: what kind, its place, and its data as it was sent."""

    event: str
    id: str | None
    data: str
    retry_ms: int | None = None


class Lines:
    """Makes messages of the lines of an event stream (HTML Standard, section 9.2.6, "Interpreting an event stream").

    Lines end in LF or CRLF; a lone CR, which the standard allows as well, ends none. JSON may hold other characters
    that Python counts as ends of lines, so this works on bytes.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._fields: dict[str, str] = {}
        self._data: list[str] = []

    def take(self, chunk: bytes) -> Iterator[Message]:
        """Yield the messages that a chunk of the stream completes."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            text = line.removesuffix(b"\r").decode("utf-8", "replace")
            if not text:
                yield from self._message()
                continue
            name, _, value = text.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                self._data.append(value)
            elif name:  # without a name it is a comment: the server is alive
                self._fields[name] = value

    def _message(self) -> Iterator[Message]:
        fields, data = self._fields, self._data
        self._fields, self._data = {}, []
        retry = fields.get("retry", "")
        if data or retry:
            retry_ms = int(retry) if retry.isdigit() else None
            yield Message(fields.get("event", "message"), fields.get("id"), "\n".join(data), retry_ms)


def messages(connection: Connection, parameters: Mapping[str, Value], last_event_id: str | None) -> Iterator[Message]:
    """Yield the messages of `/v1/stream` for as long as the caller goes on, connecting again wherever it breaks off.

    Raises:
        Problem: the server refuses the request; asking again would not help.
    """
    failures, first_pause_s = 0, 0.0
    while True:
        asked_s: float | None = None
        headers = {"accept": "text/event-stream", "accept-encoding": "identity"}
        if last_event_id is not None:
            headers["last-event-id"] = last_event_id
        silence = httpx.Timeout(connection.http.timeout.connect, read=SILENCE_S)
        stream = connection.http.stream("GET", "stream", params=plain(parameters), headers=headers, timeout=silence)
        try:
            with stream as answer:
                if answer.is_success:
                    failures, lines = 0, Lines()
                    for chunk in answer.iter_bytes():
                        for message in lines.take(chunk):
                            last_event_id = message.id or last_event_id
                            first_pause_s = (message.retry_ms or 0) / 1000 or first_pause_s
                            if message.data:
                                yield message
                else:
                    answer.read()
                    asked_s = retry_after_s(answer)
                    if answer.status_code not in AGAIN or (asked_s or 0) > connection.patience_s:
                        raise problem_of(answer)
        except httpx.TransportError:
            pass  # a stream may break off at any time: that is what the next turn is for
        failures += 1
        connection.wait(asked_s if asked_s is not None else first_pause_s + pause_s(failures))


def events(connection: Connection, parameters: Mapping[str, Value], last_event_id: str | None) -> Iterator[Event]:
    """Yield the CloudEvents of `/v1/stream`."""
    for message in messages(connection, parameters, last_event_id):
        if message.id is not None:
            event: Event = json.loads(message.data)
            yield event


def snapshots(connection: Connection, meeting_id: str) -> Iterator[Live]:
    """Yield what is open in a live meeting, each time that it changed."""
    for message in messages(connection, {"meeting": meeting_id, "live": True}, None):
        if message.event == "live":
            snapshot: Live = json.loads(message.data)
            yield snapshot
