"""Play a media file as a live HLS stream on this machine: to rehearse a meeting, to test, to measure.

What is served is a function of when the stream started, so an origin that is started again with the same
`started_at_unix`, or the same state file, goes on at the right place.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from floorlog.clock import parse_rfc3339
from floorlog.errors import FloorlogError, InvalidSetting
from workers.origin_media import FIRST_PTS_S, Break, prepare
from workers.origin_playlist import Faults, LivePlaylist
from workers.origin_segments import Rendition
from workers.origin_server import Origin


def serve_live(
    media: Path,
    *,
    start_at: datetime,
    cache: Path,
    port: int = 0,
    pace: float = 1.0,
    segment_s: float = 6.0,
    window_s: float = 120.0,
    keep_all: bool = False,
    name: str = "Floor",
    language: str = "ia",
    started_at_unix: float | None = None,
    state: Path | None = None,
    first_sequence: int = 0,
    first_pts_s: float = FIRST_PTS_S,
    breaks: Sequence[Break] = (),
    faults: Faults | None = None,
    now: Callable[[], float] = time.time,
) -> Origin:
    """Encode a media file, unless that is done, and serve it live on 127.0.0.1 in a thread; stop what is returned.

    Args:
        start_at: the wall-clock time of the media's start, for EXT-X-PROGRAM-DATE-TIME.
        cache: folder for encoded segments; any number of media files and settings share it.
        port: 0 takes a free one.
        pace: seconds of media that are published in one second.
        window_s: how much media the playlist lists; what left it is served for as long again.
        keep_all: list and serve everything from the start.
        language: LANGUAGE of the rendition; UN Web TV's floor is `ia`.
        started_at_unix: when the first segment was published; now, or what `state` says, where it is None.
        state: a file that keeps `started_at_unix`; written where it is missing.
        breaks: discontinuities of the media.
        faults: what goes wrong on purpose.

    Raises:
        InvalidSetting: the port is taken, the pace is not above 0, or the state file is not one.
        UnreadableAudio: the file is missing, has no audio, or cannot be decoded.
    """
    if not pace > 0:
        raise InvalidSetting("pace", str(pace), "a number above 0")
    folder, segments = prepare(media, cache, segment_s=segment_s, breaks=breaks, first_pts_s=first_pts_s)
    playlist = LivePlaylist(segments, start_at, window_s, keep_all, first_sequence, faults or Faults())
    if started_at_unix is None:
        started_at_unix = now() if state is None else _recall(state, now)
    rendition = Rendition(name, language, playlist, lambda index: (folder / segments[index].name).read_bytes())
    return Origin([rendition], pace=pace, started_at_unix=started_at_unix, port=port, now=now)


def run(
    media: Path,
    *,
    start_at: datetime,
    cache: Path,
    port: int = 8001,
    pace: float = 1.0,
    window_s: float = 120.0,
    keep_all: bool = False,
    language: str = "ia",
    started_at_unix: float | None = None,
    state: Path | None = None,
) -> None:
    """Serve a media file live until SIGINT or SIGTERM; print the address of the master playlist on stdout.

    Call from the main thread. See `serve_live` for the arguments and what it raises.
    """
    print(f"{media.name}: cutting into segments, unless that is done", file=sys.stderr)
    with serve_live(
        media,
        start_at=start_at,
        cache=cache,
        port=port,
        pace=pace,
        window_s=window_s,
        keep_all=keep_all,
        language=language,
        started_at_unix=started_at_unix,
        state=state,
    ) as origin:
        stopped = threading.Event()
        before = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            print(origin.url, flush=True)
            stopped.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve a media file from the command line: `python -m workers.origin FILE`."""
    parser = argparse.ArgumentParser(prog="python -m workers.origin", description=__doc__)
    parser.add_argument("media", type=Path, help="any file with audio that FFmpeg reads")
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free one")
    parser.add_argument("--pace", type=float, default=1.0, help="seconds of media published in one second")
    parser.add_argument("--start-at", type=parse_rfc3339, help="when the media starts, RFC 3339; now by default")
    parser.add_argument("--window-s", type=float, default=120.0, help="how much media the playlist lists")
    parser.add_argument("--keep-all", action="store_true", help="list and serve everything from the start")
    parser.add_argument("--language", default="ia", help="LANGUAGE of the audio rendition")
    parser.add_argument("--started-at-unix", type=float, help="when the first segment was published")
    parser.add_argument("--state", type=Path, help="file that keeps when the first segment was published")
    parser.add_argument("--cache", type=Path, default=Path(".data/origin"), help="folder for encoded segments")
    options = vars(parser.parse_args(arguments))
    media, start_at = options.pop("media"), options.pop("start_at") or datetime.now(UTC)
    try:
        run(media, start_at=start_at, **options)
    except FloorlogError as fault:
        parser.exit(1, f"{fault}\n")


def _recall(state: Path, now: Callable[[], float]) -> float:
    """Return when the stream started; now, where it starts now, which is written down."""
    try:
        return float(json.loads(state.read_text())["started_at_unix"])
    except FileNotFoundError:
        started_at_unix = now()
    except (ValueError, KeyError, TypeError) as fault:
        raise InvalidSetting("state", str(state), "a state file of the origin") from fault
    state.parent.mkdir(parents=True, exist_ok=True)
    state.write_text(json.dumps({"started_at_unix": started_at_unix}))
    return started_at_unix


if __name__ == "__main__":
    main()
