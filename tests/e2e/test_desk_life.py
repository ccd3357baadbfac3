"""The whole life of a record on a server as it is installed: signed in, reviewed, published, corrected, compared.

The server is a process of its own here, with real sessions, and may be killed.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from floorlog.adapters import flac, objects
from floorlog.announcements import AudioObject, Segment
from floorlog.clock import Span, after
from floorlog.services import people
from tests.e2e import running
from tests.office import BUILT, FIRST, SECOND, THIRD, Office, current, keys, row
from tests.sitting import BEGAN, a_meeting, a_record, noise
from tests.small_floor import a_store, events
from workers.everything import free_port

PASSWORD = "a long enough sentence"
MEETING = "/desk/meetings/small"
WITHIN_S = 180.0

pytestmark = [BUILT, pytest.mark.browser]


@dataclass
class Installed(Office):
    """An office whose server is a process of its own, with real accounts."""

    process: subprocess.Popen[bytes] | None = None
    pressed: list[str] = field(default_factory=list)
    """What a mouse did."""

    def start(self) -> None:
        """Serve, on the port that was served before, and wait until it answers."""
        port = self.address.rsplit(":", 1)[1] if self.address else str(free_port())
        self.address = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "floorlog", "review", f"--port={port}"],
            env=running.environment(self.folder),
            stderr=(self.folder / "server.log").open("a"),
        )
        deadline, waiting = time.monotonic() + WITHIN_S, threading.Event()
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "server.log").read_text()
            assert time.monotonic() < deadline, "the server did not answer"
            waiting.wait(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def stop(self) -> None:
        """Serve no more."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server as a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        assert self.process is not None
        os.kill(self.process.pid, how)
        self.process.wait(WITHIN_S)

    def hear(self, length_ms: int, channel: str = "floor") -> None:
        """Keep audio of a channel, from the beginning, where the server finds it, and announce it."""
        data, uri = flac.encode(noise(length_ms)), str(self.folder / "objects" / f"{channel}.flac")
        objects.put(uri, data)
        audio = AudioObject(uri, hashlib.sha256(data).hexdigest(), len(data))
        span = Span(0, length_ms)
        self.store.register(Segment("small", channel, 0, span, after(BEGAN, 0), "given", 0, audio, "pause", 0.9))

    def link(self, name: str, role: str = "approver") -> str:
        """The address with which somebody signs in for the first time."""
        now, by = datetime.now(UTC), people.Actor(None, "tests")
        account = people.add(self.store, name, role, by, now)
        return people.address_of(self.address, people.make_link(self.store, account.id, by, now))

    def blank(self) -> Page:
        """A page of a new browser, which nobody has signed in with."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        context.expose_function("aMouseDid", lambda how: self.pressed.append(how))
        context.add_init_script("addEventListener('pointerdown', (event) => aMouseDid(event.pointerType), true)")
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def page(self, who: str, path: str = MEETING) -> Page:
        """A browser of somebody's who has just signed in, with a page of the workbench that is ready."""
        page = self.blank()
        page.goto(self.link(who))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
        self.open(page, path)
        return page


@pytest.fixture
def installed(browser: Browser, tmp_path: Path) -> Iterator[Installed]:
    with a_store("sqlite", tmp_path) as store:
        store.add_meeting(a_meeting(audience="closed"))
        opened = Installed(store, tmp_path, browser)
        opened.put(FIRST, SECOND, THIRD)
        opened.hear(20_000)
        opened.start()
        yield opened
        for context in browser.contexts:
            context.close()
        opened.stop()


def text_of(page: Page, record: dict[str, Any]) -> Locator:
    """The text of a record, once it can be edited."""
    text: Locator = row(page, record).get_by_role("textbox")
    expect(text).to_have_attribute("aria-readonly", "false")
    return text


def saved(page: Page, record: dict[str, Any]) -> None:
    """Wait until what was typed into a record is saved."""
    expect(row(page, record).locator(".save-state")).to_have_text("Saved")


def at_word(text: Locator, word: str) -> tuple[float, float]:
    """Where the middle of a word stands on the screen."""
    x, y = text.evaluate(
        "(node, word) => { const line = document.createTreeWalker(node, NodeFilter.SHOW_TEXT); let part;"
        " while ((part = line.nextNode())) { const at = part.data.indexOf(word); if (at < 0) continue;"
        " const range = document.createRange(); range.setStart(part, at); range.setEnd(part, at + word.length);"
        " const box = range.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; } }",
        word,
    )
    return float(x), float(y)


def choose(page: Page, record: dict[str, Any], word: str) -> None:
    """Select a word of a record's text with the mouse."""
    page.mouse.dblclick(*at_word(text_of(page, record), word), delay=60)  # as long as a finger holds a button
    settle(page)


def settle(page: Page) -> None:
    """Let ProseMirror set its cursor again, as it does 20 ms after it got the focus; nobody types as fast."""
    page.wait_for_timeout(100)


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Go from one thing to the next until the wanted one has the focus."""
    for _ in range(60):
        if wanted.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"no way to {wanted} with {key}")


def texts_by(installed: Installed, record: dict[str, Any]) -> list[str]:
    """The texts that people gave a record, the first one first; each once while it stays."""
    found = [item.content["text"] for item in installed.store.revisions(record["id"]) if item.made_by == "person"]
    return [text for at, text in enumerate(found) if at == 0 or text != found[at - 1]]


def test_a_record_lives_from_signing_in_to_the_comparison_of_its_revisions(installed: Installed) -> None:
    """This is the work, whole, as somebody with a mouse does it, and every step leaves what it should in the store."""
    page = installed.blank()
    page.goto(f"{installed.link('Ann')}&next=/desk")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Choose a password").click()
    expect(page.locator("#desk[data-ready]")).to_be_attached()

    first = page.locator("#items > li").first
    expect(first).to_have_attribute("data-id", SECOND["id"])
    first.get_by_role("button", name="Claim").click()
    expect(first).to_contain_text("Claimed by you")
    first.get_by_role("link").click()
    expect(page.locator("#desk[data-ready][data-meeting=small]")).to_be_attached()
    expect(row(page, SECOND)).to_contain_text("Claimed by you")

    text = text_of(page, SECOND)
    page.mouse.click(*at_word(text, "thank"))
    expect(page.locator("#desk")).to_have_attribute("data-playing", "true")
    expect(page.locator("#position")).to_contain_text("0:00:07")
    page.locator("#transport [data-command=play]").click()
    expect(page.locator("#desk")).to_have_attribute("data-playing", "false")

    choose(page, SECOND, "breefing")
    page.keyboard.type("briefing")
    saved(page, SECOND)
    stands = current(installed, SECOND)
    assert stands["text"] == SECOND["text"].replace("breefing", "briefing")
    assert [word["start_ms"] for word in stands["words"]] == [word["start_ms"] for word in SECOND["words"]]

    page.locator("#panel").get_by_role("button", name=re.compile("^Cameroon")).click()
    expect(row(page, SECOND).get_by_role("heading")).to_have_text("Cameroon")
    assert current(installed, SECOND)["speaker"]["entity"]["code"] == "CMR"

    page.mouse.click(*at_word(text_of(page, SECOND), "Secretary"))
    keys(page, "Home", *["Control+ArrowRight"] * 6)
    page.locator("#panel [data-command=split]").click()
    expect(page.locator(".intervention")).to_have_count(4)
    page.locator("#tools [data-command=undo]").click()
    expect(page.locator(".intervention")).to_have_count(3)
    assert current(installed, SECOND)["text"] == stands["text"]

    row(page, SECOND).get_by_role("heading").click()
    page.locator("#panel [data-command=approve]").click()
    expect(row(page, SECOND)).to_have_attribute("data-state", "approved")
    page.locator("#panel [data-command=publish]").click()
    expect(row(page, SECOND)).to_have_attribute("data-state", "published")

    choose(page, SECOND, "thank")
    page.keyboard.type("thanked")
    keys(page, "Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Reason").fill("It was said so.")
    dialog.get_by_role("button", name="Save").click()
    expect(row(page, SECOND)).to_have_attribute("data-state", "corrected")

    row(page, SECOND).get_by_role("heading").click()
    page.locator("#panel [data-command=history]").click()
    for kind, was_or_is in (("del", "breefing"), ("ins", "briefing"), ("del", "thank"), ("ins", "thanked")):
        expect(dialog.locator(kind).filter(has_text=re.compile(rf"\b{was_or_is}\b")).first).to_be_visible()
    expect(dialog).to_contain_text("It was said so.")
    expect(dialog).to_contain_text("Ann")
    told = [kind for kind, *_ in events(installed.store, "record.published", "record.corrected")]
    assert told == ["record.published", "record.corrected"]
    assert "mouse" in installed.pressed  # the next test relies on this being noticed
    assert installed.complaints == []


def test_the_same_life_without_a_mouse(installed: Installed) -> None:
    """Whoever cannot or will not use a mouse signs in and does the same work, by keys alone."""
    page = installed.blank()
    page.goto(f"{installed.link('Ann')}&next=/desk")
    tab_to(page, page.get_by_role("button", name="Sign in"))
    keys(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    tab_to(page, page.get_by_label("New password", exact=True))
    page.keyboard.type(PASSWORD)
    keys(page, "Tab")
    page.keyboard.type(PASSWORD)
    keys(page, "Enter")
    expect(page.locator("#desk[data-ready]")).to_be_attached()

    keys(page, "n")
    expect(page.locator(".queue-link").first).to_be_focused()
    keys(page, "Tab", "Enter")
    expect(page.locator("#items > li").first).to_contain_text("Claimed by you")
    tab_to(page, page.locator(".queue-link").first, "Shift+Tab")
    keys(page, "Enter")
    expect(page.locator("#desk[data-ready][data-meeting=small]")).to_be_attached()
    expect(row(page, SECOND)).to_be_focused()
    expect(row(page, SECOND)).to_contain_text("Claimed by you")

    keys(page, "Space")
    expect(page.locator("#desk")).to_have_attribute("data-playing", "true")
    keys(page, "k")
    expect(page.locator("#desk")).to_have_attribute("data-playing", "false")

    text = text_of(page, SECOND)
    keys(page, "Enter")
    expect(text).to_be_focused()
    settle(page)
    keys(page, "End", "Control+Shift+ArrowLeft")
    page.keyboard.type("briefing")
    saved(page, SECOND)
    stands = current(installed, SECOND)
    assert stands["text"] == SECOND["text"].replace("breefing", "briefing")

    keys(page, "Escape", "s")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("option")).to_have_count(2)
    page.keyboard.type("Камерун")
    expect(dialog.get_by_role("option").first).to_contain_text("Cameroon")
    keys(page, "Enter")
    expect(dialog.get_by_role("combobox")).to_have_value("Cameroon")
    keys(page, "Enter")
    expect(row(page, SECOND).get_by_role("heading")).to_have_text("Cameroon")

    keys(page, "Enter")
    expect(text_of(page, SECOND)).to_be_focused()
    settle(page)
    keys(page, "Control+Home", *["Control+ArrowRight"] * 6, "Alt+Enter")
    expect(page.locator(".intervention")).to_have_count(4)
    keys(page, "Control+z")
    expect(page.locator(".intervention")).to_have_count(3)
    assert current(installed, SECOND)["text"] == stands["text"]
    expect(row(page, SECOND)).to_be_focused()

    keys(page, "a")
    expect(row(page, SECOND)).to_have_attribute("data-state", "approved")
    keys(page, "Shift+U")
    expect(row(page, SECOND)).to_have_attribute("data-state", "published")

    keys(page, "Enter")
    expect(text_of(page, SECOND)).to_be_focused()
    settle(page)
    keys(page, "Home")
    page.keyboard.type("Yes, ")
    keys(page, "Enter")
    expect(dialog.get_by_role("textbox", name="Reason")).to_be_focused()
    page.keyboard.type("It was said.")
    tab_to(page, dialog.get_by_role("button", name="Save"))
    keys(page, "Enter")
    expect(row(page, SECOND)).to_have_attribute("data-state", "corrected")
    expect(row(page, SECOND)).to_be_focused()
    keys(page, "h")
    expect(dialog.locator("ins").filter(has_text="Yes").first).to_be_visible()
    expect(dialog).to_contain_text("It was said.")
    keys(page, "Escape")
    expect(dialog).to_have_count(0)
    assert installed.pressed == []
    assert installed.complaints == []


def test_of_two_who_change_the_same_words_the_second_decides_and_both_are_kept(installed: Installed) -> None:
    """Two people at two machines: nobody's words vanish, and the history has both."""
    ann, bob = installed.page("Ann"), installed.page("Bob")
    for page in (ann, bob):
        text_of(page, THIRD)
    bob.route("**/corrections", lambda route: route.abort())  # Bob is a moment slower
    choose(bob, THIRD, "statement")
    bob.keyboard.type("declaration")
    expect(row(bob, THIRD).locator(".save-state")).to_contain_text("Kept in this browser")
    choose(ann, THIRD, "statement")
    ann.keyboard.type("address")
    saved(ann, THIRD)
    bob.unroute("**/corrections")
    dialog = bob.get_by_role("dialog")
    expect(dialog.locator("ins").filter(has_text="declaration").first).to_be_visible()
    expect(dialog.locator("ins").filter(has_text="address").first).to_be_visible()
    assert current(installed, THIRD)["text"] == THIRD["text"].replace("statement", "address")
    dialog.get_by_label("Merged").fill(THIRD["text"].replace("statement", "address and declaration"))
    dialog.get_by_role("button", name="Take the merged text").click()
    saved(bob, THIRD)
    whole = THIRD["text"].replace("statement", "address and declaration")
    expect(text_of(ann, THIRD)).to_have_text(whole)
    assert texts_by(installed, THIRD) == [THIRD["text"].replace("statement", "address"), whole]
    ann.keyboard.press("Escape")
    ann.keyboard.press("h")
    expect(ann.get_by_role("dialog")).to_contain_text("Ann")
    expect(ann.get_by_role("dialog")).to_contain_text("Bob")


def test_a_server_that_is_killed_in_the_middle_of_an_edit_loses_nothing(installed: Installed) -> None:
    """A power cut at the server is no business of the reviewer's, who just goes on typing."""
    page = installed.page("Ann")
    text = text_of(page, THIRD)
    text.focus()
    settle(page)
    keys(page, "End")
    page.keyboard.type(" with")
    installed.kill()
    page.keyboard.type("out end")
    expect(row(page, THIRD).locator(".save-state")).to_contain_text("Kept in this browser")
    expect(page.locator("#link")).to_be_visible()
    page.keyboard.type(" at all")
    installed.start()
    saved(page, THIRD)
    expect(page.locator("#link")).to_be_hidden()
    expect(text).to_be_focused()
    page.keyboard.type(" today")
    saved(page, THIRD)
    assert current(installed, THIRD)["text"] == THIRD["text"] + " without end at all today"
    written = texts_by(installed, THIRD)
    assert len(written) == len(set(written))
    again = page.context.new_page()
    installed.open(again)
    expect(text_of(again, THIRD)).to_have_text(THIRD["text"] + " without end at all today")
    expect(again.locator("#drafts")).to_be_hidden()


def test_a_save_whose_answer_is_lost_with_the_server_counts_once(installed: Installed) -> None:
    """The server wrote the words and died before it could say so: asked again, it must not write them twice."""
    page = installed.page("Ann")
    text_of(page, THIRD).focus()
    settle(page)

    def answer_is_lost(route: Route) -> None:
        assert route.fetch().status == 200
        installed.kill()
        route.abort()

    page.route("**/corrections", answer_is_lost, times=1)
    keys(page, "End")
    page.keyboard.type(" once")
    expect(row(page, THIRD).locator(".save-state")).to_contain_text("Kept in this browser")
    installed.start()
    saved(page, THIRD)
    made = [item.content["text"] for item in installed.store.revisions(THIRD["id"]) if item.made_by == "person"]
    assert made == [THIRD["text"] + " once"]


def test_a_meeting_that_grows_leaves_the_cursor_and_the_text_alone(installed: Installed) -> None:
    """A live meeting goes on above and below while its first minutes are corrected, letter by letter."""
    page = installed.page("Ann")
    text = text_of(page, SECOND)
    text.focus()
    settle(page)
    keys(page, "Control+Home", *["ArrowRight"] * 4)
    grown = "Mr. "
    for number, piece in enumerate(("Vice", "-", "chair", "man ", "or ", "Deputy ")):
        page.keyboard.type(piece)
        grown += piece
        # One that is heard before what is edited, as a late find is, and one after it, as what goes on is.
        installed.put(
            a_record(f"A late find number {number} " * 4, 16_500 + 10_000 * number, code="NOR"),
            a_record("Found before it", 1000 + 700 * number, code="CMR", kind="procedural"),
        )
        expect(page.locator("#progress")).to_contain_text(f"of {5 + 2 * number}")
        expect(text).to_be_focused()
        expect(text).to_have_text(grown + SECOND["text"][4:])
    page.keyboard.type("to be ")
    expect(text).to_have_text(grown + "to be " + SECOND["text"][4:])
    saved(page, SECOND)
    assert current(installed, SECOND)["text"] == grown + "to be " + SECOND["text"][4:]
