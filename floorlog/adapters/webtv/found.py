"""What UN Web TV and its media platform say about a meeting, in Floorlog's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["scheduled", "live", "ended", "recording"]
"""To be streamed; on air; over, and its recording not ready; over, with a recording that can be fetched."""


@dataclass(frozen=True, slots=True)
class ScheduledMeeting:
    """A row of a day's schedule. Its state is what the page says, which is a hint, until the platform was asked.

    Args:
        asset_id: names the page: `k1h/k1hrmtg9f4`.
        entry_id: names the stream, before and after it is a recording: `1_hrmtg9f4`.
        page: address of the page.
        title: on one line.
        category: the body or the series as the site names it; None where it says nothing.
        start: when it starts or started, in UTC.
        length_s: how long it was, if it is over.
        badge_live: whether the page shows it as live.
        note: the rest of the row, free text.
        state: scheduled, live or ended.
    """

    asset_id: str
    entry_id: str
    page: str
    title: str
    category: str | None
    start: datetime
    length_s: int | None
    badge_live: bool
    note: str | None
    state: State


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What the page of a meeting says. What it does not say is None or empty: live feeds say almost nothing."""

    asset_id: str
    entry_id: str
    page: str
    title: str
    symbol: str | None
    start: datetime | None
    summary: str | None
    categories: tuple[str, ...]
    subjects: tuple[str, ...]
    related: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ChannelOffered:
    """An audio track: the channel that it is, its BCP 47 language (None: the floor), and the platform's ids."""

    name: str
    language: str | None
    flavor_id: str
    flavor_params_id: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the platform knows of an entry.

    Args:
        asked_id: the id that was asked about, which never changes.
        id: the entry that it leads to now.
        kind: live or recorded.
        length_s: of a recording; 0 where it is unknown.
        on_air: whether a live one is on air.
        was_on_air: whether a live one was on air before.
        channels: the audio tracks that are ready.
        extensions: of each track's file, by the id of its flavour.
    """

    asked_id: str
    id: str
    kind: Literal["live", "recorded"]
    length_s: float
    on_air: bool
    was_on_air: bool
    channels: tuple[ChannelOffered, ...]
    extensions: tuple[tuple[str, str], ...]

    @property
    def state(self) -> State:
        """Return the state, which the platform decides."""
        if self.kind == "recorded":
            if self.channels:
                return "recording"
            # An alias is answered with itself until what it leads to is ready (ks SphinxEntryCriteria.php).
            return "ended" if self.length_s > 0 or self.id != self.asked_id else "scheduled"
        if self.on_air:
            return "live"
        return "ended" if self.was_on_air else "scheduled"


@dataclass(frozen=True, slots=True)
class Stream:
    """A master playlist's address as it is now, and when it stops being good; None where it does not say."""

    url: str
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a meeting's audio is.

    Args:
        asset_id: names the page, if that is known.
        entry_id: names the stream for good; None for a bare address.
        canonical_entry_id: the entry that it leads to now.
        state: of the meeting.
        stream_url: the master playlist, if one is served.
        recording_urls: the recording of each channel, if there is one.
        channels: the audio tracks, the floor first.
        page: what the page says, if there is one.
        expires: when `stream_url` stops being good.
    """

    asset_id: str | None
    entry_id: str | None
    canonical_entry_id: str | None
    state: State
    stream_url: str | None
    recording_urls: tuple[tuple[str, str], ...] = ()
    channels: tuple[ChannelOffered, ...] = ()
    page: PageMetadata | None = None
    expires: datetime | None = None
