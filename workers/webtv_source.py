"""UN Web TV as a source that capture follows, with this machine's settings."""

from __future__ import annotations

import structlog

from floorlog.adapters import webtv
from floorlog.adapters.webtv import WebTv
from floorlog.config import Settings
from floorlog.errors import NotLiveYet, OriginUnavailable, RecordingNotReady, SourceRemoved

log = structlog.get_logger()


def open_webtv(settings: Settings) -> WebTv:
    """Return UN Web TV as the settings name it; close it in the end."""
    client = webtv.courteous_client(
        settings.address_policy(),
        settings.contact,
        settings.data_dir / "webtv",
        settings.webtv_url,
        settings.kaltura_url,
    )
    return WebTv(client, settings.webtv_url, settings.kaltura_url)


class WebTvSource:
    """A stream of UN Web TV. Which entry it is, is decided once, while it is on air.

    Later its id leads to the recording, which is another timeline and is not followed.

    Args:
        webtv: asks the service.
        entry_id: the id that names the meeting for good, or the entry that is on air.
    """

    def __init__(self, webtv: WebTv, entry_id: str) -> None:
        self._webtv, self._entry_id = webtv, entry_id
        self._live_id: str | None = None

    def master(self) -> str:
        """Return the master playlist's address as it is now; tokens in it are new.

        Raises:
            NotLiveYet: the meeting is not on air yet.
            RecordingNotReady: it is not on air any more.
            FloorlogError: what `WebTv.stream` raises.
        """
        if self._live_id is None:
            entry = self._webtv.entry(self._entry_id)
            if not entry.on_air:
                raise (NotLiveYet if entry.state == "scheduled" else RecordingNotReady)(self._entry_id)
            self._live_id = entry.id
        return self._webtv.stream(self._live_id).url

    def is_live(self) -> bool | None:
        """Return whether the meeting is on air; None while the service does not say."""
        try:
            if self._live_id is not None:
                return self._webtv.is_live(self._live_id)
            return self._webtv.entry(self._entry_id).on_air
        except OriginUnavailable as error:
            log.warning("webtv.silent", entry_id=self._entry_id, fault=str(error))
            return None
        except SourceRemoved:
            return False
