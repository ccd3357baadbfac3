"""The workbench in a real browser: a record's whole life by keyboard, conflicts, growth, restarts, and axe."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.requests import Request

from floorlog.adapters import flac
from floorlog.adapters.store import Store
from floorlog.announcements import AudioObject, Segment
from floorlog.clock import Span, after
from floorlog.services.bench import Bench
from tests.browser import chromium, served
from tests.sitting import BEGAN, a_meeting, a_record, evidence, noise
from tests.small_floor import SMALL_MACHINE, a_store
from workers.web import create_app
from workers.web.app import STATIC
from workers.web.desk import Desk
from workers.web.people import Person, Session
from workers.web.shelf import Shelf

AXE = Path(__file__).parents[2] / "workers/web/desk/bundle/node_modules/axe-core/axe.min.js"
PEOPLE = {
    "Ann": Person("p-ann", "Ann", "approver"),
    "Bob": Person("p-bob", "Bob", "reviewer"),
    "Vic": Person("p-vic", "Vic", "viewer"),
}
HOSTILE = "<img src=x onerror=document.title='owned'> \u202egnorw\u202c <script>document.title='owned'</script>"

expect.set_options(timeout=20_000)

pytestmark = pytest.mark.skipif(
    not (STATIC / "desk/desk.js").exists(), reason="the workbench was not built: install Node, then make setup"
)


class ByHeader:
    """Sessions for tests: each browser says in a header whose it is."""

    def of(self, request: Request) -> Session | None:
        person = PEOPLE.get(request.headers.get("x-test-person", ""))
        return Session(person, "token-of-tests") if person else None


@dataclass
class Office:
    """A store, a server that can be stopped and started again, and browsers for people."""

    store: Store
    folder: Path
    browser: Browser
    address: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    serving: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Serve, on the port that was served before."""
        app = create_app(
            Shelf(self.store, SMALL_MACHINE),
            people=ByHeader(),
            desk=Desk(Bench(self.store, SMALL_MACHINE), self.folder / "peaks"),
            fetch=self.objects.__getitem__,
            look_every_s=0.05,
        )
        port = int(self.address.rsplit(":", 1)[1]) if self.address else 0
        self.address = self.serving.enter_context(served(app, port=port))

    def stop(self) -> None:
        """Serve no more."""
        self.serving.close()

    def put(self, *records: dict[str, Any]) -> None:
        """Store records as the machine's."""
        with self.store.locked(records[0]["meeting_id"]) as tx:
            for record in records:
                tx.add_record(record, "machine", state=record["review"]["state"])
                tx.emit("record.created", record["id"], {"record_id": record["id"], "revision": 1, "reason": None}, 1)

    def hear(self, length_ms: int) -> None:
        """Announce audio of the floor, from the beginning."""
        data = flac.encode(noise(length_ms))
        self.objects["mem://floor.flac"] = data
        audio = AudioObject("mem://floor.flac", hashlib.sha256(data).hexdigest(), len(data))
        self.store.register(
            Segment("small", "floor", 0, Span(0, length_ms), after(BEGAN, 0), "given", 0, audio, "pause", 0.9)
        )

    def page(self, who: str, path: str = "/desk/meetings/small") -> Page:
        """A browser of somebody's, with a page of the workbench that is ready."""
        context = self.browser.new_context(
            viewport={"width": 1280, "height": 800}, reduced_motion="reduce", extra_http_headers={"x-test-person": who}
        )
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.open(page, path)
        return page

    def open(self, page: Page, path: str = "/desk/meetings/small") -> None:
        """Go to a page, and wait until it is ready."""
        page.goto(self.address + path)
        expect(page.locator("#desk[data-ready]")).to_be_attached()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


FIRST = a_record("I give the floor to the representative of Cameroon", 500, code="CMR", kind="chair")
SECOND = a_record(
    "Mr. President, we thank the Secretary-General for this breefing",
    6000,
    attribution={
        "status": "unattributed",
        "confidence": 0.4,
        "method": "log-odds",
        "evidence": [evidence("given", "I give the floor to the representative of Cameroon", 2000, "CMR")],
        "alternatives": [{"entity": "CMR", "confidence": 0.4}, {"entity": "NOR", "confidence": 0.2}],
    },
)
THIRD = a_record("Thank you. Norway aligns itself with the statement", 12_000, code="NOR")


@pytest.fixture
def office(browser: Browser, tmp_path: Path) -> Iterator[Office]:
    with a_store("sqlite", tmp_path) as store:
        store.add_meeting(a_meeting(audience="closed"))
        opened = Office(store, tmp_path, browser)
        opened.put(FIRST, SECOND, THIRD)
        opened.hear(20_000)
        opened.start()
        yield opened
        for context in browser.contexts:
            context.close()
        opened.stop()


def row(page: Page, record: dict[str, Any]) -> Any:
    """The intervention of a record."""
    return page.locator(f'.intervention[data-id="{record["id"]}"]')


def keys(page: Page, *pressed: str) -> None:
    """Press one key after the other."""
    for key in pressed:
        page.keyboard.press(key)


def current(office: Office, record: dict[str, Any]) -> dict[str, Any]:
    """What stands of a record now."""
    found = office.store.record_row(record["id"])
    assert found is not None
    revision = office.store.revision(record["id"], found.current_revision)
    assert revision is not None
    return {**revision.content, "state": found.state}


def test_a_record_lives_from_the_queue_to_its_correction_by_keyboard_alone(office: Office) -> None:
    """Whoever cannot or will not use a mouse does the same work, and nothing on the way is lost."""
    page = office.page("Ann", "/desk")
    keys(page, "n")
    expect(page.locator(".queue-link").first).to_be_focused()
    keys(page, "Enter")
    expect(page.locator("#desk[data-ready][data-meeting=small]")).to_be_attached()
    expect(row(page, SECOND)).to_be_focused()
    keys(page, "c")
    expect(row(page, SECOND)).to_contain_text("Claimed by you")

    keys(page, "Space")
    expect(page.locator("#desk")).to_have_attribute("data-playing", "true")
    keys(page, "k")
    expect(page.locator("#desk")).to_have_attribute("data-playing", "false")

    keys(page, "Enter", "End")
    page.keyboard.type(" today")
    expect(row(page, SECOND).locator(".save-state")).to_have_text("Saved")
    assert current(office, SECOND)["text"].endswith("breefing today")
    words = current(office, SECOND)["words"]
    assert [word["start_ms"] for word in words[:8]] == [word["start_ms"] for word in SECOND["words"]][:8]

    keys(page, "Escape", "s")
    expect(page.locator("dialog [role=option]")).to_have_count(2)
    page.keyboard.type("Камерун")
    keys(page, "Enter")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_have_value("Cameroon")
    keys(page, "Enter")
    expect(row(page, SECOND).get_by_role("heading")).to_have_text("Cameroon")

    keys(page, "Enter")
    page.wait_for_timeout(100)  # ProseMirror sets its cursor again 20 ms after it got the focus; nobody types as fast
    keys(page, "Control+Home")
    for _ in range(6):
        keys(page, "Control+ArrowRight")
    keys(page, "Alt+Enter")
    expect(page.locator("#notice")).to_have_text("Split in two")
    expect(page.locator(".intervention")).to_have_count(4)
    keys(page, "Control+z")
    expect(page.locator(".intervention")).to_have_count(3)
    page.keyboard.press("Escape")
    row(page, SECOND).focus()

    keys(page, "Control+f")
    page.keyboard.type("breefing")
    keys(page, "Tab")
    page.keyboard.type("briefing")
    page.get_by_role("button", name="Replace in the whole meeting").press("Enter")
    expect(row(page, SECOND)).to_contain_text("briefing today")
    row(page, SECOND).focus()
    keys(page, "a")
    expect(row(page, SECOND)).to_have_attribute("data-state", "approved")
    keys(page, "Shift+U")
    expect(row(page, SECOND)).to_have_attribute("data-state", "published")

    keys(page, "Enter", "Home")
    page.keyboard.type("Yes, ")
    keys(page, "Enter")
    page.get_by_role("textbox", name="Reason").fill("It was said.")
    page.get_by_role("dialog").get_by_role("button", name="Save").press("Enter")
    expect(row(page, SECOND)).to_have_attribute("data-state", "corrected")
    row(page, SECOND).focus()
    keys(page, "h")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("ins").filter(has_text="Yes")).to_be_visible()
    expect(dialog).to_contain_text("Reason: It was said.")
    assert office.complaints == []


def test_two_reviewers_who_change_the_same_text_are_shown_both(office: Office) -> None:
    """Whoever saves second decides with both texts before their eyes, and nobody's words vanish silently."""
    ann, bob = office.page("Ann"), office.page("Bob")
    for page in (ann, bob):
        expect(row(page, THIRD).get_by_role("textbox")).to_be_visible()
    row(bob, THIRD).get_by_role("textbox").focus()
    bob.route("**/corrections", lambda route: route.abort())  # Bob's first save does not get through
    bob.keyboard.press("Home")
    bob.keyboard.type("Oh. ")
    expect(row(bob, THIRD).locator(".save-state")).to_contain_text("Kept in this browser")
    row(ann, THIRD).get_by_role("textbox").focus()
    ann.keyboard.press("End")
    ann.keyboard.type(" just made")
    expect(row(ann, THIRD).locator(".save-state")).to_have_text("Saved")
    bob.unroute("**/corrections")
    dialog = bob.get_by_role("dialog", name="Somebody else changed this text")
    expect(dialog.locator("ins").filter(has_text="Oh.")).to_be_visible()
    expect(dialog.locator("ins").filter(has_text="just made")).to_be_visible()
    expect(dialog.get_by_label("Merged")).to_have_value("Oh. " + THIRD["text"] + " just made")
    dialog.get_by_role("button", name="Take the merged text").click()
    expect(row(bob, THIRD).locator(".save-state")).to_have_text("Saved")
    expect(row(ann, THIRD).get_by_role("textbox")).to_have_text("Oh. " + THIRD["text"] + " just made")


def test_a_meeting_that_grows_does_not_move_what_is_being_edited(office: Office) -> None:
    """A live meeting goes on while its first minutes are corrected."""
    page = office.page("Ann")
    text = row(page, THIRD).get_by_role("textbox")
    text.focus()
    page.keyboard.press("Home")
    page.keyboard.type("And ")
    before = text.bounding_box()
    office.put(a_record("A late find before it " * 12, 10_500), a_record("The next one speaks", 18_000, code="CMR"))
    expect(page.locator(".intervention")).to_have_count(5)
    page.keyboard.type("now ")
    expect(text).to_be_focused()
    expect(text).to_have_text("And now " + THIRD["text"])
    after_it = text.bounding_box()
    assert before is not None
    assert after_it is not None
    assert abs(before["y"] - after_it["y"]) < 2 or page.locator("#rows").evaluate("node => node.scrollTop") == 0


def test_a_server_that_restarts_in_the_middle_of_an_edit_gets_the_edit(office: Office) -> None:
    """A restart is the operator's business, not the reviewer's."""
    page = office.page("Ann")
    row(page, THIRD).get_by_role("textbox").focus()
    expect(row(page, THIRD).get_by_role("textbox")).to_be_focused()
    office.stop()
    page.keyboard.press("End")
    page.keyboard.type(" without end")
    expect(row(page, THIRD).locator(".save-state")).to_contain_text("Kept in this browser")
    expect(page.locator("#link")).to_be_visible()
    office.serving = ExitStack()
    office.start()
    expect(row(page, THIRD).locator(".save-state")).to_have_text("Saved", timeout=20_000)
    assert current(office, THIRD)["text"].endswith("without end")


def test_text_of_a_closed_tab_is_offered_again(office: Office) -> None:
    """A browser that crashes takes no work with it."""
    page = office.page("Ann")
    expect(row(page, THIRD).get_by_role("textbox")).to_be_visible()
    context = page.context
    context.set_offline(True)
    row(page, THIRD).get_by_role("textbox").focus()
    page.keyboard.press("End")
    page.keyboard.type(" and more")
    expect(row(page, THIRD).locator(".save-state")).to_contain_text("Kept in this browser")
    page.close(run_before_unload=False)
    context.set_offline(False)
    again = context.new_page()
    office.open(again)
    expect(again.locator("#drafts")).to_contain_text("and more")
    again.get_by_role("button", name="Take it up").click()
    expect(row(again, THIRD).locator(".save-state")).to_have_text("Saved")
    assert current(office, THIRD)["text"].endswith("and more")


def test_hostile_text_is_text(office: Office) -> None:
    """Words come from strangers, and reviewers have rights."""
    office.put(a_record(HOSTILE, 30_000, code="CMR"))
    page = office.page("Ann")
    text = page.locator(".intervention").last.get_by_role("textbox")
    expect(text).to_contain_text("<script>")
    assert page.title() != "owned"
    assert page.locator("img[src=x]").count() == 0
    assert office.complaints == []


def test_a_click_on_a_word_plays_from_it(office: Office) -> None:
    """The proof of a word is its sound."""
    page = office.page("Ann")
    text = row(page, THIRD).get_by_role("textbox")
    expect(text).to_be_visible()
    box = text.evaluate(
        "node => { const range = document.createRange(); const words = node.querySelector('p').firstChild;"
        " range.setStart(words, 13); range.setEnd(words, 15); const at = range.getBoundingClientRect();"
        " return [at.x + 2, at.y + at.height / 2]; }"
    )
    page.mouse.click(*box)
    expect(page.locator("#desk")).to_have_attribute("data-playing", "true")
    expect(page.locator("#position")).to_contain_text("0:00:13")


def test_a_viewer_reads_and_listens_and_changes_nothing(office: Office) -> None:
    """What somebody may not do is not offered to them."""
    page = office.page("Vic")
    expect(row(page, THIRD).get_by_role("textbox")).to_have_attribute("aria-readonly", "true")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    keys(page, "s")
    expect(page.locator("#notice")).to_have_text("Your role does not allow that")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_workbench_has_no_fault_that_axe_finds(office: Office, scheme: Any) -> None:
    """WCAG 2.2 AA, as far as a machine can tell."""
    for path, key in (
        ("/desk", ""),
        ("/desk/meetings/small", ""),
        ("/desk/meetings/small", "?"),
        ("/desk/meetings/small", "s"),
    ):
        page = office.page("Ann", path)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if key:
            page.keyboard.press(key)
            expect(page.get_by_role("dialog")).to_be_visible()
        elif path != "/desk":
            expect(row(page, THIRD).get_by_role("textbox")).to_be_visible()
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(
            "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
        )
        faults = [(item["id"], [node["html"][:300] for node in item["nodes"][:3]]) for item in found["violations"]]
        assert faults == [], (path, key)
