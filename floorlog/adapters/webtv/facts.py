"""Every fact about UN Web TV and its media platform, each with its source: when the service changes, so does this file.

Sources, by short name:

* tr: github.com/united-nations/transcripts: lib/un-api.ts and its fixture of 2026-09-14, lib/upstream-http.ts,
  lib/kaltura-response.ts, docs/webtv-kaltura.md.
* wt: github.com/un-fck/webtv.unfck.org: lib/kaltura.ts, lib/languages.ts, lib/un-api.ts, components/video-player.tsx.
* ks: github.com/kaltura/server (April 2026): SphinxEntryCriteria.php, playManifestAction, KExternalErrors.
* pk: github.com/kaltura/playkit-js-providers (response types) and playkit-js-kaltura-live.
* inferred: from those, never seen at the service itself. None of it was: this was written without reaching it.
"""

from __future__ import annotations

import re

from floorlog.adapters.host_turns import Pace

# The service and its manners

WEBTV_URL = "https://webtv.un.org"
KALTURA_URL = "https://cdnapisec.kaltura.com"
ORIGIN_HOSTS = ("un.org", "kaltura.com")
"""The pages (webtv.un.org, media.un.org: yt-dlp #2675), the interface (wt) and delivery: klive.kaltura.com (yt-dlp
#2855), cflive.kaltura.com (KathyLau/un_webtv_transcriber). The defaults of the settings of the same names."""

WEBTV_PACE = Pace(3, 0.3)
KALTURA_PACE = Pace(4, 0.1)
"""Requests in flight and seconds between them (tr lib/upstream-http.ts)."""

SCHEDULE_TTL_S = 300.0
SCHEDULE_TTL_YESTERDAY_S = 3600.0
SCHEDULE_TTL_OLDER_S = 86_400.0
"""How long a day's schedule is kept (tr)."""

PAGE_TTL_S = 300.0
"""As the schedule of the day: a page changes with its meeting's state (inferred)."""

POLL_S = 10.0
"""Kaltura's own player asks about this often whether a stream is live (pk)."""

UNKNOWN_LENGTH_S = 8 * 3600.0
"""A meeting whose length is unknown counts as live for this long by its page alone (tr)."""

# Addresses of pages

LOCALES = ("en", "ar", "zh", "fr", "ru", "es")
SCHEDULE_PATH = "/en/schedule/{day}"
ASSET_PATH = "/en/asset/{folder}/{leaf}"
"""The folder is the first three characters of the leaf. Only English pages carry the labels that are read (tr, wt)."""

PAGE_HOSTS = ("webtv.un.org", "media.un.org")
"""An address there that is no page of a meeting is no stream either (wt; yt-dlp #2675)."""

IN_ASSET_PATH = re.compile(r"/asset/[a-z0-9]{3}/(k1[a-z0-9]{4,20})(?:[/?#]|$)", re.I)

# What names a meeting, in the order in which it is tried (wt lib/kaltura.ts). Leaf k1XXXX is player id 1_XXXX.

ENTRY_ID = re.compile(r"[0-9]_[a-z0-9]{4,20}", re.I)
IN_PARENTHESES = re.compile(r"\(([0-9]_[a-z0-9]{4,20})\)", re.I)
AFTER_ID = re.compile(r"/id/([0-9]_[a-z0-9]{4,20})(?:[/?#]|$)", re.I)
LEAF_AT_END = re.compile(r"(?:^|/)(k1[a-z0-9]{4,20})/?(?:[?#].*)?$", re.I)

# The schedule (tr lib/un-api.ts and its fixture)

ROW = "div.un3-card-row-video"
TIME = "div.mediaun-timezone"
TIME_ATTRIBUTE = "data-nid"
"""A time stands outside its row: the nearest one before the row is meant."""
ASSET_LINK = "h4 x-a"
TITLE = "div.field__item"
CATEGORY = "h6.text-primary"
"""May be empty."""
LENGTH_BADGE = "span.badge-dark"
"""HH:MM:SS, on meetings that are over. A row with neither badge is scheduled (inferred)."""
LIVE_BADGE = "span.badge-danger"
LIVE_TEXT = "live"
"""Compared in lower case. A "Live Now" block repeats rows: they are the same by their asset id."""
SCHEDULE_MARKS = ("un3-card-row-video", "mediaun-timezone", "/schedule/")
"""A page without any of them is no schedule, or has been renamed; a day without meetings still links to schedules
(inferred)."""

TIME_DIGITS = 19
"""The digits are UTC and the offset that follows them is false: the site itself cuts the text here and reads UTC
(wt lib/un-api.ts; tr's fixture: 08:00:00-04:00 is shown as 4 a.m. in New York)."""

# The page of one meeting (tr docs/webtv-kaltura.md)

LABEL = ".field__label"
"""Live feeds and b-roll have none at all; so does a page that was renamed, but those have titles."""
PAGE_TITLE = "h1"
"""Inferred: the schedule's title is used where it is known."""
SUMMARY_LABELS = ("summary", "description")
SUMMARY_TEXT = "smt-content"
RELATED_LABEL = "related sites and documents"
CATEGORIES_LABEL = "categories"
SUBJECT_LABELS = ("geographic subject", "subject topical", "corporate name", "speaker affiliation")

SYMBOL = re.compile(r"\b[A-Z]{1,5}(?:/[A-Z0-9-]+(?:\.[A-Z0-9]+)?){0,4}/(?:PV|SR)\.[0-9]+")
"""Symbols of verbatim and summary records (PV, SR: United Nations Editorial Manual), which name a meeting; symbols of
documents that are discussed do not."""

# The media platform

PARTNER_ID = 2503451
WIDGET_ID = "_2503451"
API_PATH = "/api_v3/service/multirequest"
API_VERSION = "3.3.0"
CLIENT_TAG = "html5:v3.17.0"
"""wt lib/kaltura.ts, tr. The answer is an array in the order of the requests."""

EXCEPTION = "KalturaAPIException"
"""Errors come as HTTP 200 with this objectType and a code (tr lib/kaltura-response.ts)."""
GONE_CODES = frozenset({"ENTRY_ID_NOT_FOUND", "ENTRY_NOT_FOUND", "INVALID_ENTRY_ID"})
BUSY_CODES = frozenset({"SERVICE_UNAVAILABLE", "INTERNAL_SERVERL_ERROR", "INTERNAL_DATABASE_ERROR", "ACTION_BLOCKED"})
"""ks KalturaErrors.php; the misspelling is theirs (both inferred)."""

SESSION_TYPE = "KalturaStartWidgetSessionResponse"
LIVE_TYPES = frozenset({"KalturaLiveStreamEntry", "KalturaLiveStreamAdminEntry"})
RECORDED_TYPES = frozenset({"KalturaMediaEntry"})
ENTRY_FIELDS = "id,duration,objectType"
ENTRY_READY = 2
FLAVOR_READY = 2
"""2 is ready, 3 deleted (pk); while live, flavours read 2 though their download answers 404 (tr docs, June 2026)."""

PROTOCOL = "applehttp"
"""What isLive is asked about (inferred: the name that playManifest uses)."""
BROADCAST_LIVE = 3
"""getDetails.broadcastStatus: 1 offline, 2 preview, 3 live (pk)."""
BATCH = 20
"""Entries looked up by one request: four sub-requests each stay far below what a multirequest takes (inferred)."""

PLAY_MANIFEST = "/p/{partner}/sp/{partner}00/playManifest/entryId/{entry}/format/applehttp/protocol/https/a.m3u8"
DOWNLOAD = (
    "/p/{partner}/sp/{partner}00/playManifest/entryId/{entry}/flavorIds/{flavor}/format/download/protocol/https/a.{ext}"
)
"""ks playManifestAction. format/url would be progressive. A session (/ks/…) may be needed (streamlink #6764); tr and wt
use none: it is tried without, then with."""
SESSION_IN_PATH = "/ks/{ks}/a."
PLAYLIST_FORMAT = "applehttp"
"""baseEntry.getPlaybackContext lists sources with their format and url (yt-dlp #3636); asked where playManifest, as it
is put together here, is not found."""
NOT_LIVE_HEADER = ("x-kaltura", "error-36")
"""Not live: HTTP 404 with this header, cached for 60 s (ks KExternalErrors)."""

TOKEN_EXPIRY = re.compile(r"(?:[?&]|~)(?:__hdnea__=)?exp=([0-9]{9,11})")
"""__hdnea__=st=…~exp=…~acl=…: Unix seconds; exp - st was 86 400 (yt-dlp #2855)."""

# Channels (wt lib/languages.ts, components/video-player.tsx). Compared in lower case. An id is never guessed: the
# flavour that was English by default turned out to be another language (tr).

CHANNELS = {
    "interlingua": ("floor", None),
    "floor": ("floor", None),
    "original": ("floor", None),
    "english": ("en", "en"),
    "french": ("fr", "fr"),
    "spanish": ("es", "es"),
    "arabic": ("ar", "ar"),
    "chinese": ("zh", "zh"),
    "russian": ("ru", "ru"),
}
"""Name of the language in the service, to channel and BCP 47 language; the floor is labelled Interlingua."""
CHANNEL_ORDER = ("floor", "en", "fr", "es", "ar", "zh", "ru")
AUDIO_TAG = "audio_only"
