"""The workbench on a long meeting, in the browser: until it can be used, from key to paint, from click to sound."""

from __future__ import annotations

import hashlib
import random
import shutil
import socket
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from floorlog import contract
from floorlog.adapters import flac
from floorlog.adapters.store import Store, open_store
from floorlog.announcements import AudioObject, Segment
from floorlog.clock import SAMPLE_RATE_HZ, Span, after, rfc3339
from floorlog.identity import record_id
from floorlog.services import meetings

if TYPE_CHECKING:
    from playwright.sync_api import Page

MEETING = "bench-review"
START = datetime(2021, 2, 24, 15, tzinfo=UTC)
SEGMENT_MS = 30_000
VOICES = (("CMR", "Cameroon"), ("NOR", "Norway"), ("FRA", "France"), ("IND", "India"), ("CUB", "Cuba"))
WORDS = (
    "we", "thank", "the", "briefing", "of", "this", "Assembly", "and", "call", "upon",
    "all", "delegations", "to", "act", "for", "peace", "with", "every", "means",
)  # fmt: skip

KEYSTROKES = 200
KEY_EVERY_MS = 50
"""About 20 letters a second: faster than anybody writes."""

WATCH_KEYS = """() => {
  const editor = document.querySelector('.intervention .ProseMirror');
  editor.focus();
  window.keysTook = [];
  addEventListener('keydown', () => {
    const began = performance.now();
    requestAnimationFrame(() => {
      const drawn = new MessageChannel(); // its message comes after the picture that this frame draws
      drawn.port1.onmessage = () => window.keysTook.push(performance.now() - began);
      drawn.port2.postMessage(null);
    });
  }, true);
}"""
"""A real key counts from its event in the page until the page has drawn the picture with its letter."""

SEEK = """(ms) => new Promise((done) => {
  const audio = document.getElementById('audio');
  const strip = document.querySelector('.strip.whole').getBoundingClientRect();
  const part = ms / %d;
  const began = performance.now();
  const look = () => {
    const there = !audio.seeking && Math.abs(audio.currentTime * 1000 - ms) < 20000;
    if (there && reached !== null && audio.currentTime > reached) {
      done(performance.now() - began); // it moves
      return;
    }
    if (there && reached === null) reached = audio.currentTime;
    requestAnimationFrame(look);
  };
  let reached = null;
  document.querySelector('.strip.whole').dispatchEvent(new PointerEvent('pointerdown', {
    bubbles: true, clientX: strip.x + part * strip.width, clientY: strip.y + 5 }));
  requestAnimationFrame(look);
})"""


def measure(folder: Path, hours: float, words: int, rounds: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Return `open_s`, `keystroke_ms`, `keystroke_p95_ms`, `seek_ms` and `heap_mb`; see docs/measurements.md.

    Args:
        folder: A data folder that holds nothing yet.
        hours: Length of the meeting.
        words: How many it has.
        rounds: How often the page is opened; medians are reported.
        tell: Is told what is being done.
    """
    from playwright.sync_api import sync_playwright

    from floorlog.services.bench import Bench
    from workers.web import create_app
    from workers.web.app import STATIC
    from workers.web.desk import Desk
    from workers.web.in_thread import served
    from workers.web.people import Always, Person
    from workers.web.shelf import Shelf

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or not (STATIC / "desk/desk.js").exists():
        raise FileNotFoundError("Chromium and a built workbench are needed: apt-get install chromium; make setup")
    length_ms = round(hours * 3_600_000)
    tell(f"making a meeting of {hours:g} hours and {words} words …")
    store = open_store(f"sqlite:///{folder / 'floorlog.db'}")
    store.migrate()
    sound = _sound()
    count = _fill(store, length_ms, words, sound)
    app = create_app(
        Shelf(store),
        people=Always(Person("bench", "Bench", "approver")),
        desk=Desk(Bench(store), folder / "peaks"),
        fetch=lambda _: sound,
    )
    with socket.socket() as listener, ExitStack() as serving:
        listener.bind(("127.0.0.1", 0))
        serving.enter_context(served(app, listener))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/desk/meetings/{MEETING}"
        opened: list[float] = []
        keys: list[float] = []
        seeks: list[float] = []
        heaps: list[float] = []
        with sync_playwright() as playwright:
            arguments = ["--headless", "--no-sandbox", "--mute-audio", "--autoplay-policy=no-user-gesture-required"]
            # Pictures are drawn when they are ready: how long a screen makes them wait is not the page's doing.
            arguments += ["--disable-gpu-vsync", "--disable-frame-rate-limit"]
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
            for number in range(rounds + 1):  # the first round fills the server's caches, and is not counted
                tell("opening it …" if number == 0 else f"round {number} of {rounds} …")
                page = browser.new_page(viewport={"width": 1400, "height": 900})
                began = time.perf_counter()
                page.goto(address)
                page.locator("#desk[data-ready] .intervention .ProseMirror").first.wait_for()
                took_s = time.perf_counter() - began
                page.wait_for_timeout(1500)
                if number:
                    opened.append(took_s)
                    keys += _type(page)
                    page.keyboard.press("Alt+k")  # it plays: a click then goes on from there
                    page.wait_for_timeout(500)
                    for _ in range(5):
                        at = random.Random(number * 10 + len(seeks)).randrange(length_ms)
                        seeks.append(page.evaluate(SEEK % length_ms, at))
                    session = page.context.new_cdp_session(page)
                    session.send("HeapProfiler.collectGarbage")
                    heaps.append(session.send("Runtime.getHeapUsage")["usedSize"] / 2**20)
                page.close()
            browser.close()
    store.close()
    return {
        "hours": hours,
        "words": words,
        "interventions": count,
        "open_s": round(statistics.median(opened), 3),
        "keystroke_ms": round(statistics.median(keys), 2),
        "keystroke_p95_ms": round(float(np.percentile(keys, 95)), 2),
        "seek_ms": round(float(np.percentile(seeks, 95)), 1),
        "heap_mb": round(statistics.median(heaps), 1),
    }


def _type(page: Page) -> list[float]:
    """Return how long each of many keys took until its letter was drawn, in ms."""
    page.evaluate(WATCH_KEYS)
    page.wait_for_timeout(300)
    for number in range(KEYSTROKES):
        page.keyboard.press("Space" if number % 6 == 5 else "a")
        page.wait_for_timeout(KEY_EVERY_MS)  # asking the page whether it is done would be work for it
    page.wait_for_function("count => window.keysTook.length === count", arg=KEYSTROKES)
    return [float(took) for took in page.evaluate("window.keysTook")]


def _sound() -> bytes:
    noise = np.random.default_rng(1).integers(-3000, 3000, SEGMENT_MS * SAMPLE_RATE_HZ // 1000, dtype=np.int16)
    return flac.encode(noise)


def _fill(store: Store, length_ms: int, words: int, sound: bytes) -> int:
    document = meetings.from_toml(
        {"id": MEETING, "title": "A long meeting", "body": "General Assembly", "date": "2021-02-24"}
    )
    store.add_meeting(document)
    digest = hashlib.sha256(sound).hexdigest()
    for number in range(length_ms // SEGMENT_MS):
        span = Span(number * SEGMENT_MS, (number + 1) * SEGMENT_MS)
        audio = AudioObject(f"mem://{number}.flac", digest, len(sound))
        begins = after(START, span.start_ms)
        store.register(Segment(MEETING, "floor", number, span, begins, "given", 0, audio, "pause", 0.9))
    chance = random.Random(5)
    left, at, count = words, 1000, 0
    pace_ms = length_ms / words
    with store.locked(MEETING) as tx:
        while left > 0:
            said = min(left, chance.choice((12, 25, 60, 150, 400)))
            record = _record(at, said, pace_ms, chance)
            tx.add_record(record, "machine", state="machine")
            at = record["spans"][-1]["end_ms"]
            left, count = left - said, count + 1
    return count


def _record(start_ms: int, said: int, pace_ms: float, chance: random.Random) -> dict[str, Any]:
    code, name = chance.choice(VOICES)
    spoken = []
    for index in range(said):
        begins = start_ms + round(index * pace_ms)
        spoken.append(
            {
                "text": chance.choice(WORDS),
                "start_ms": begins,
                "end_ms": begins + round(pace_ms * 0.8),
                "confidence": round(chance.uniform(0.3, 1), 2),
                "source": "recognised",
            }
        )
    end_ms = start_ms + max(1000, round(said * pace_ms))
    record = {
        "schema": "record/1",
        "id": record_id(MEETING, "floor", start_ms),
        "meeting_id": MEETING,
        "channel": "floor",
        "kind": "statement",
        "spans": [
            {
                "start_ms": start_ms,
                "end_ms": end_ms,
                "start_utc": rfc3339(after(START, start_ms)),
                "end_utc": rfc3339(after(START, end_ms)),
            }
        ],
        "language_spoken": "en",
        "language_text": "en",
        "interpretation": False,
        "speaker": {
            "entity": {"scheme": "iso3166-1-alpha-3", "code": code, "name": name},
            "name_as_said": None,
            "role": None,
            "capacity": None,
            "person": None,
        },
        "on_behalf_of": [],
        "aligned_with": [],
        "attribution": {
            "status": "attributed",
            "confidence": 0.97,
            "method": "log-odds",
            "evidence": [],
            "alternatives": [],
        },
        "text": " ".join(str(word["text"]) for word in spoken),
        "words": spoken,
        "quality": {
            "recogniser_confidence": 0.9,
            "coverage": {
                "words_ms": end_ms - start_ms,
                "speech_without_words_ms": 0,
                "no_speech_ms": 0,
                "gap_ms": 0,
            },
            "flags": [],
        },
        "themes": [],
        "review": {"state": "machine"},
        "provenance": {
            "model": "bench",
            "model_sha256": "0" * 64,
            "fingerprint": None,
            "method": "log-odds",
            "version": "floor/1",
        },
        "licence": "CC0-1.0",
        "disclaimer": "Automatic transcript. Not an official record.",
        "synthetic": True,
    }
    contract.validate("record", record)
    return record
