"""Where a stream is: what capture asks for the master playlist's address, and whether the meeting is on air."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from floorlog.config import Settings
from floorlog.errors import InvalidSetting, UnknownSource


class Source(Protocol):
    """Something that is streamed. Both methods may take long, may raise a FloorlogError, and are called by threads."""

    def master(self) -> str:
        """Return the master playlist's address as it is now: asked again when a token runs out or a stream stalls."""

    def is_live(self) -> bool | None:
        """Return whether the stream is on air; None if that is not known."""


@dataclass(frozen=True, slots=True)
class PlainSource:
    """A playlist whose address never changes; nothing more is known of it, so its ENDLIST is taken at its word."""

    url: str

    def master(self) -> str:
        """Return the address."""
        return self.url

    def is_live(self) -> bool | None:
        """Return None: nobody can be asked."""
        return None


def source_of(settings: Settings, what: str) -> Source:
    """Return the source that a person names.

    Args:
        settings: of this process.
        what: an http or https address of a playlist; or a page of UN Web TV, an asset id or an entry id.

    Raises:
        InvalidSetting: it is nothing that can be followed.
    """
    from floorlog.adapters.webtv.names import understand
    from workers.webtv_source import WebTvSource, open_webtv

    try:
        named = understand(what)
    except UnknownSource as error:
        raise InvalidSetting("url", what, f"a media file, or something that is streamed ({error})") from error
    if named.entry_id is None:
        return PlainSource(what.strip())
    return WebTvSource(open_webtv(settings), named.entry_id)
