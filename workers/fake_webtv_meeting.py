"""A meeting of the rehearsal of UN Web TV: what it is at each moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

LANGUAGES = ("Interlingua", "English", "French", "Spanish", "Arabic", "Chinese", "Russian")


@dataclass(frozen=True)
class FakeMeeting:
    """A meeting of the rehearsal.

    Args:
        leaf: last part of its asset id; `k1abc` is streamed by player id `1_abc`.
        title: of its page and row.
        start: when it is to start.
        on_air: when it was or will be on air: begin and end, in order.
        category: may be empty.
        origin: address of a live master playlist.
        languages: of the tracks; the floor is `Interlingua`.
        recordings: file of the recording, by language.
        flips_after_s: after the last end, until the player id leads to the recording's entry.
        languages_after_s: after the last end, until that entry has flavours.
        published: whether it has a page and is in the schedule.
        summary: text of its page, as HTML.
        labels: whether its page has any labels; live feeds have none.
    """

    leaf: str
    title: str
    start: datetime
    on_air: tuple[tuple[datetime, datetime], ...] = ()
    category: str = ""
    origin: str | None = None
    languages: tuple[str, ...] = LANGUAGES
    recordings: Mapping[str, Path] = field(default_factory=dict)
    flips_after_s: float = 180.0
    languages_after_s: float = 2400.0
    published: bool = True
    summary: str = "<p>An informal meeting.</p>"
    labels: bool = True

    @property
    def player_id(self) -> str:
        """Return the id that never changes."""
        return f"{self.leaf[1]}_{self.leaf[2:]}"

    @property
    def live_id(self) -> str:
        """Return the entry that is streamed."""
        return f"1_live{self.leaf[2:]}"

    @property
    def recorded_id(self) -> str:
        """Return the entry of the recording."""
        return f"1_rec{self.leaf[2:]}"

    def is_live(self, now: datetime) -> bool:
        """Return whether it is on air."""
        return any(begin <= now < end for begin, end in self.on_air)

    def was_live(self, now: datetime) -> bool:
        """Return whether it is or was on air."""
        return any(begin <= now for begin, _ in self.on_air)

    def since_end_s(self, now: datetime) -> float:
        """Return how long ago it was on air for the last time, in seconds; negative before."""
        return (now - self.on_air[-1][1]).total_seconds() if self.on_air else -1.0

    def is_recorded(self, now: datetime) -> bool:
        """Return whether its id leads to the recording."""
        return bool(self.on_air) and self.since_end_s(now) >= self.flips_after_s

    def canonical_id(self, now: datetime) -> str:
        """Return the entry that its id leads to."""
        return self.recorded_id if self.is_recorded(now) else self.live_id

    def flavors(self, entry_id: str, now: datetime) -> list[dict[str, Any]]:
        """Return the flavours of one of its entries."""
        if entry_id == self.recorded_id and self.since_end_s(now) < self.languages_after_s:
            return []
        return [
            {
                "id": f"1_fa{number}{self.leaf[2:]}",
                "entryId": entry_id,
                "flavorParamsId": 100 + number,
                "tags": "audio_only",
                "language": language,
                "label": language,
                "status": 2,
                "isDefault": number == 1,
                "fileExt": "mp4",
                "objectType": "KalturaFlavorAsset",
            }
            for number, language in enumerate(self.languages)
        ]
