"""A small office to photograph: the sample as the machine hears its script, people, a server, and a browser.

No recogniser runs: the words are those of the sample's script, spread over the time of each turn.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import soundfile
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from floorlog.adapters import flac
from floorlog.adapters.store import Store, open_store
from floorlog.announcements import AudioObject, Segment
from floorlog.clock import SAMPLE_RATE_HZ, SAMPLES_PER_MS, Span, after
from floorlog.services import meetings, people
from floorlog.services.advance import advance
from floorlog.services.bench import Bench
from floorlog.services.signing_in import Lifetimes
from floorlog.words import Piece, Recogniser, Transcript, Word, encode
from workers.web import create_app
from workers.web.app import STATIC
from workers.web.desk import Desk
from workers.web.in_thread import served
from workers.web.shelf import Shelf
from workers.web.staff import Staff
from workers.web.v1 import create_api

MEETING = "synthetic-briefing"
WIDE, NARROW = (1280, 720), (390, 844)

MISHEARD = {"Costa Rica aligns itself": "We align ourselves", "Costa Rica": "our country", "convening": "convincing"}
"""What the machine is made to hear otherwise, so that there is something to review."""


@dataclass
class Office:
    """A store with the sample, a server and a browser."""

    store: Store
    browser: Browser
    address: str
    contexts: dict[str, BrowserContext] = field(default_factory=dict)

    def page(self, name: str = "", size: tuple[int, int] = WIDE) -> Page:
        """Return a page of somebody's, who is signed in; without a name, of a stranger's."""
        if name not in self.contexts:
            self.contexts[name] = self.browser.new_context(reduced_motion="reduce", locale="en-GB")
            if name:
                self._sign_in(name)
        page = self.contexts[name].new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        return page

    def _sign_in(self, name: str) -> None:
        now, by = datetime.now(UTC), people.Actor(None, "set-up")
        secret = people.make_link(self.store, people.named(self.store, name).id, by, now)
        page = self.contexts[name].new_page()
        page.goto(people.address_of(self.address, secret))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
        page.close()

    def open(self, page: Page, words: str) -> None:
        """Open the workbench at the intervention that says something."""
        shown = self.store.current_revisions(MEETING)
        key = next(record.id for record, revision in shown if words in revision.content["text"])
        with page.expect_response(lambda answer: "/peaks?" in answer.url and '"complete":true' in answer.text()):
            self.go(page, f"/desk/meetings/{MEETING}?record={key}")

    def go(self, page: Page, path: str) -> None:
        """Go to a page of the workbench, and wait until all of it is there."""
        page.goto(self.address + path)
        expect(page.locator("#desk[data-ready]")).to_be_attached()
        page.wait_for_timeout(1000)  # the waveform, and the text that is on the screen


@contextmanager
def an_office(turns: int | None = None) -> Iterator[Office]:
    """An office on a store that is thrown away, after so many turns of the sample; by default after all."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or not (STATIC / "desk/desk.js").exists():
        sys.exit("Chromium and a built workbench are needed: apt-get install chromium; make setup")
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = open_store(f"sqlite:///{data / 'floorlog.db'}")
        stack.callback(store.close)
        store.migrate()
        objects = fill(store, turns)
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        staff = Staff(store, Lifetimes(timedelta(hours=2), timedelta(hours=12)), address)
        desk, api = Desk(Bench(store), data / "peaks"), create_api(store)
        stack.callback(api.state.live.stop)
        app = create_app(Shelf(store), people=staff, desk=desk, api=api, fetch=objects.__getitem__)
        stack.enter_context(served(app, listener))
        playwright = stack.enter_context(sync_playwright())
        arguments = ["--headless", "--no-sandbox", "--mute-audio", "--autoplay-policy=no-user-gesture-required"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        stack.callback(browser.close)
        yield Office(store, browser, address)


def fill(store: Store, until: int | None) -> dict[str, bytes]:
    """Let the machine hear so many turns of the sample's script; return the audio objects by their URI."""
    document = meetings.read_file(meetings.SAMPLE / "meeting.toml")
    store.add_meeting(document)
    began = datetime.fromisoformat(document["scheduled_start"])
    truth = json.loads((meetings.SAMPLE / "truth.json").read_text(encoding="utf-8"))
    sound, rate = soundfile.read(meetings.SAMPLE / "meeting.opus", dtype="int16")
    assert rate == SAMPLE_RATE_HZ
    turns = [item for item in truth["turns"] if item["type"] == "turn"]
    recogniser = Recogniser("fp-script", "script", "0" * 64, {}, "1")
    objects: dict[str, bytes] = {}
    at_ms = 0
    for number, turn in enumerate(turns[:until]):
        last = number + 1 == len(turns)
        end_ms = len(sound) // SAMPLES_PER_MS if last else round(1000 * (turn["end"] + turns[number + 1]["start"]) / 2)
        span, uri = Span(at_ms, end_ms), f"mem://{number}.flac"
        data = flac.encode(np.ascontiguousarray(sound[at_ms * SAMPLES_PER_MS : end_ms * SAMPLES_PER_MS]))
        objects[uri] = data
        audio = AudioObject(uri, hashlib.sha256(data).hexdigest(), len(data))
        segment = Segment(MEETING, "floor", number, span, after(began, at_ms), "given", 0, audio, "pause", 0.9)
        store.register(segment)
        spoken = Span(round(1000 * turn["start"]), min(end_ms, round(1000 * turn["end"])))
        piece = Piece(spoken, turn["language"], 0.99, -0.2, tuple(words_of(misheard(turn["text"]), spoken)))
        transcript = Transcript(MEETING, "floor", segment.id, span, recogniser, (piece,), (spoken,), (), ())
        store.put_transcript(encode(transcript))
        at_ms = end_ms
    advance(store, MEETING)
    return objects


def words_of(text: str, span: Span) -> Iterator[Word]:
    """Spread the words of a turn over its time, by their letters; a few are doubtful, always the same ones."""
    said, at = text.split(), 0
    whole = sum(len(word) + 1 for word in said)
    for number, word in enumerate(said):
        begins = span.start_ms + span.length_ms * at // whole
        at += len(word) + 1
        ends = span.start_ms + span.length_ms * at // whole
        chance = int.from_bytes(hashlib.sha256(f"{number} {word}".encode()).digest()[:2]) / 65_536
        yield Word(
            word, Span(begins, max(begins + 1, ends - 40)), round(0.3 if chance < 0.02 else 0.7 + 0.3 * chance, 2)
        )


def misheard(text: str) -> str:
    """Return what the machine hears instead of a text."""
    for said, heard in MISHEARD.items():
        text = text.replace(said, heard)
    return text
