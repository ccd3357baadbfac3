"""The dashboard in a real browser, on the real API over a real store: live and finished, wide and on a phone."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from floorlog.adapters.store import Store, open_store
from floorlog.services import policies
from floorlog.services.people import Actor
from tests.browser import served
from tests.debate import DEBATE, ID, Debate, Said, a_debate
from tests.office import AXE
from tests.small_floor import a_store
from workers.web import create_app
from workers.web.app import STATIC
from workers.web.shelf import Shelf
from workers.web.v1 import create_api

pytestmark = pytest.mark.skipif(
    not (STATIC / "dashboard/dashboard.js").exists(),
    reason="the dashboard was not built: install Node, then make setup",
)

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
JORDAN, NORWAY, ARMENIA = 12, 14, 16
"""Turns that are heard when these have spoken."""


@dataclass
class Showing:
    """A debate in a store, a server that can be stopped and started again, and browsers that look at it."""

    debate: Debate
    browser: Browser
    address: str = ""
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    serving: ExitStack = field(default_factory=ExitStack)

    @property
    def store(self) -> Store:
        """Where the debate is."""
        return self.debate.store

    def start(self) -> None:
        """Serve, on the port that was served before."""
        self.api = create_api(self.store)
        app = create_app(Shelf(self.store), api=self.api, fetch=self.debate.fetch, look_every_s=0.05)
        port = int(self.address.rsplit(":", 1)[1]) if self.address else 0
        self.address = self.serving.enter_context(served(app, port=port))

    def stop(self) -> None:
        """Serve no more."""
        self.api.state.live.stop()
        self.serving.close()
        self.serving = ExitStack()

    def page(self, path: str = f"/dashboard/{ID}", size: Any = WIDE, scheme: Any = "light") -> Page:
        """A browser with a page that is ready."""
        context = self.browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(self.address + path)
        expect(page.locator("#main[data-ready]")).to_be_attached()
        return page


def heard(folder: Path, turns: int | None, said: tuple[Said, ...] = DEBATE, **meeting: Any) -> Debate:
    """A debate that was heard so far in a store of its own; to its end where no turns are given."""
    with a_store("sqlite", folder) as store:
        store.add_meeting(a_debate(**meeting))
        debate = Debate(store, said)
        if turns is None:
            debate.end()
        else:
            debate.hear(turns, but=1)
    return debate


@pytest.fixture(scope="module")
def live_one(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Debate]:
    """A debate while Jordan speaks; tests take copies."""
    folder = tmp_path_factory.mktemp("live")
    return folder, heard(folder, JORDAN)


@pytest.fixture(scope="module")
def ended_one(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Debate]:
    """The debate after its end; tests take copies."""
    folder = tmp_path_factory.mktemp("ended")
    return folder, heard(folder, None)


def show(kept: tuple[Path, Debate], folder: Path, browser: Browser) -> Iterator[Showing]:
    """Serve a copy of a debate."""
    shutil.copy(kept[0] / "floorlog.db", folder / "floorlog.db")
    store = open_store(f"sqlite:///{folder / 'floorlog.db'}")
    showing = Showing(replace(kept[1], store=store, objects=dict(kept[1].objects)), browser)
    showing.start()
    yield showing
    for context in browser.contexts:
        context.close()
    showing.stop()
    store.close()


@pytest.fixture
def live(live_one: tuple[Path, Debate], tmp_path: Path, browser: Browser) -> Iterator[Showing]:
    """The debate while Jordan speaks, served."""
    yield from show(live_one, tmp_path, browser)


@pytest.fixture
def ended(ended_one: tuple[Path, Debate], tmp_path: Path, browser: Browser) -> Iterator[Showing]:
    """The debate after its end, served."""
    yield from show(ended_one, tmp_path, browser)


def turn(page: Page, record_id: str) -> Any:
    """The intervention of a record in the log."""
    return page.locator(f'article[id="{record_id}"]')


def until_heard(page: Page, from_s: float, within_s: float = 20.0) -> None:
    """Wait until the sound is played from a moment on. Playwright's own wait would need the page to allow eval."""
    deadline = time.monotonic() + within_s
    while not page.eval_on_selector("audio", f"audio => !audio.paused && audio.currentTime > {from_s}"):
        assert time.monotonic() < deadline, f"not heard from {from_s} s on"
        page.wait_for_timeout(20)


def test_a_live_meeting_grows_by_itself(live: Showing) -> None:
    """Who looks at the page while a meeting sits must never have to load it again."""
    page = live.page()
    expect(page.locator("#state")).to_have_text("Live")
    expect(page.locator("#holder h3")).to_have_text("Jordan")
    expect(page.locator("#holder .chip")).to_have_text("Provisional")
    expect(page.locator("#before-list bdi").first).to_have_text("France")
    live.debate.hear(NORWAY)
    expect(page.locator("#holder h3")).to_have_text("Norway")
    expect(page.locator("#holder .just-said")).to_contain_text("more than words.")
    expect(page.locator("#news")).to_have_text("Norway has the floor")
    expect(page.locator("#turns h3").first).to_have_text("Norway")
    expect(page.locator("#bars-delegations .name")).to_contain_text(["Norway"])
    live.debate.hear(ARMENIA)
    expect(turn(page, live.debate.of("NOR")).locator(".chip")).to_have_text("Automatic")
    expect(page.locator("#matrix th[scope=row]")).to_contain_text(["Norway"])
    live.debate.end()
    expect(page.locator("#state")).to_have_text("Ended")
    expect(page.locator("#now")).to_be_hidden()
    assert live.complaints == []


def test_a_correction_takes_the_place_of_the_text_and_says_why(ended: Showing) -> None:
    """Somebody who reads a wrong word must see the right one, and that it changed."""
    record_id = ended.debate.of("NOR")
    ended.debate.bring(record_id, "approved", "published")
    page = ended.page()
    expect(turn(page, record_id).locator(".chip")).to_have_text("Published")
    ended.debate.correct(record_id, "text", {"text": "Thank you. Norway has trebled it."}, "A figure was wrong.")
    expect(turn(page, record_id).locator(".words").first).to_have_text("Thank you. Norway has trebled it.")
    expect(turn(page, record_id).locator(".chip")).to_have_text("Corrected")
    expect(turn(page, record_id).locator(".changed")).to_contain_text("A figure was wrong.")


def test_what_is_withdrawn_or_removed_goes_at_once_and_leaves_a_note(ended: Showing) -> None:
    """The page must not go on showing what the records no longer show, however long it has been open."""
    norway, india = ended.debate.of("NOR"), ended.debate.of("IND")
    ended.debate.bring(norway, "approved", "published")
    page = ended.page()
    expect(turn(page, norway)).to_be_visible()
    ended.debate.bring(norway, "withdrawn", reason="The delegation asked.")
    expect(turn(page, norway)).to_have_count(0)
    expect(page.locator(f"#gone-{norway}")).to_contain_text("Reason: The delegation asked.")
    policies.suppress(ended.store, india, "A name of a child.", Actor("ann", "Ann"))
    expect(turn(page, india)).to_have_count(0)
    expect(page.locator("#main")).not_to_contain_text("schools, courts and elections")
    expect(page.locator("#main")).not_to_contain_text("name of a child")
    expect(page.locator("#bars-delegations .name").filter(has_text="India")).to_have_count(0)


def test_a_lost_connection_is_said_and_nothing_is_missed(live: Showing) -> None:
    """A page that silently stands still looks as if nobody spoke."""
    page = live.page()
    expect(page.locator("#link")).to_have_text("Kept up to date")
    live.stop()
    expect(page.locator("#link")).to_contain_text("Connection lost")
    live.debate.hear(NORWAY)
    live.start()
    expect(page.locator("#link")).to_have_text("Kept up to date")
    expect(page.locator("#holder h3")).to_have_text("Norway")
    expect(turn(page, live.debate.of("JOR")).locator(".chip")).to_have_text("Automatic")


def test_an_address_with_a_moment_opens_there_and_plays_from_the_word(ended: Showing) -> None:
    """A quotation is worth what its address proves."""
    page = ended.page(f"/dashboard/{ID}?t=0:04:10")
    word = page.locator("[data-cursor]")
    expect(word).to_be_in_viewport()
    start_s = int(word.get_attribute("data-t") or 0) / 1000
    assert 240 < start_s <= 250
    expect(page.locator("#position")).to_have_text("0:04:10")
    word.click()
    expect(page.locator("#player")).to_have_class("player playing")
    until_heard(page, start_s)
    page.locator("#toggle").click()
    expect(page.locator("#player")).to_have_class("player")


def test_the_matrix_leads_to_the_passages_and_they_to_their_words(ended: Showing) -> None:
    """A number that cannot be checked is not worth showing."""
    page = ended.page()
    cell = page.get_by_role("button", name="European Union, Civic space: 2 passages")
    cell.focus()
    page.keyboard.press("Enter")
    expect(cell).to_be_focused()
    passages = page.locator("#passages blockquote")
    expect(passages).to_have_count(2)
    expect(passages.first).to_contain_text("Civil society must be able to speak")
    page.locator("#passages a").first.click()
    expect(page.locator("[data-cursor]")).to_have_text("Civil")
    expect(page.locator("[data-cursor]")).to_be_in_viewport()
    assert "t=0%3A01%3A2" in page.url


def test_a_search_marks_what_was_found_and_leads_to_the_moment(ended: Showing) -> None:
    """Finding the sentence is half of the way; hearing it is the other half."""
    page = ended.page("/dashboard")
    expect(page.locator("#meetings h3")).to_contain_text(["Call to Action"])
    page.get_by_label("Words to look for").fill("vaccines")
    page.keyboard.press("Enter")
    expect(page.locator("#results mark")).to_have_text(["vaccines"])
    expect(page.locator("#found")).to_have_text("1 intervention found")
    page.locator("#results a").click()
    expect(page.locator("#main[data-ready][data-meeting]")).to_be_attached()
    expect(page.locator("[data-cursor]")).to_have_text("vaccines")
    page.get_by_label("Words to look for").fill("early warning")
    page.get_by_role("button", name="Search").click()
    page.locator("#results a").first.click()
    expect(page.locator("[data-cursor]")).to_have_text("early")
    page.go_back()
    page.go_back()
    expect(page.locator("#found")).to_have_text("")
    assert ended.complaints == []


def test_speaking_time_is_told_in_words_too_and_leads_to_what_was_said(ended: Showing) -> None:
    """A chart alone is nothing to somebody who does not see it."""
    page = ended.page()
    page.locator("#table-delegations").locator("xpath=preceding-sibling::summary").click()
    rows = page.locator("#table-delegations tbody tr")
    expect(rows).to_have_count(page.locator("#bars-delegations .row").count())
    expect(page.locator("#table-groups")).to_contain_text("Western European and other States")
    expect(page.locator("#apart")).to_contain_text("Chair and procedure")
    expect(page.locator("#apart")).to_contain_text("Not attributed")
    rows.get_by_role("button", name="Armenia").click()
    expect(page.locator("#turns h3")).to_have_text(["Armenia"])
    expect(page.locator("#log")).to_be_focused()


def test_only_the_api_and_the_stream_are_asked(live: Showing) -> None:
    """What this page can do, anybody's dashboard can do."""
    page = live.page()
    expect(page.locator("#link")).to_have_text("Kept up to date")
    paths = {url.removeprefix(live.address).split("?")[0] for url in live.requests}
    assert {path for path in paths if not path.startswith(("/v1/", "/static/"))} == {f"/dashboard/{ID}"}
    assert live.complaints == []


def test_text_that_runs_from_right_to_left_does(ended: Showing) -> None:
    """Arabic is an official language."""
    page = ended.page()
    text = turn(page, ended.debate.of("JOR")).locator(".words")
    assert text.evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert text.get_attribute("lang") == "ar"


def test_hostile_words_are_words(tmp_path: Path, browser: Browser) -> None:
    """Words come from strangers, and this page is open to everybody."""
    script = "document.title='owned'"
    evil = f"Thank you. <img src=x onerror={script}> \u202egnorw\u202c <script>{script}</script>"
    said = (
        *DEBATE[:1],
        Said("CHAIR", "en", "I give the floor to the representative of Norway."),
        Said("NOR", "en", evil),
    )
    (tmp_path / "copy").mkdir()
    debate = heard(tmp_path, None, said, title="<b>Title</b>")
    for showing in show((tmp_path, debate), tmp_path / "copy", browser):
        page = showing.page(f"/dashboard/{ID}?q=gnorw")
        expect(turn(page, showing.debate.of("NOR"))).to_contain_text("<script>")
        expect(page.locator("h1")).to_have_text("<b>Title</b>")
        expect(page.locator("#results li")).to_have_count(1)
        turn(page, showing.debate.of("NOR")).get_by_role("button", name="Word by word").click()
        expect(turn(page, showing.debate.of("NOR")).locator("[data-t]").first).to_be_visible()
        assert "owned" not in page.title()
        assert page.locator("img").count() == 0
        assert showing.complaints == []


def test_a_closed_meeting_says_no_more_than_one_that_is_not_there(tmp_path: Path, browser: Browser) -> None:
    """Not even that it exists is for the public."""
    (tmp_path / "copy").mkdir()
    debate = heard(tmp_path, 3, audience="closed")
    for showing in show((tmp_path, debate), tmp_path / "copy", browser):
        for path in (f"/dashboard/{ID}", "/dashboard/no-such-one"):
            page = browser.new_page()
            page.goto(showing.address + path)
            expect(page.locator("#loading")).to_contain_text("not shown to the public")
            assert "Call to Action" not in page.content()


def test_of_a_meeting_that_waits_for_review_nothing_is_shown_before_it_is_published(
    tmp_path: Path, browser: Browser
) -> None:
    """Nothing is published that nobody approved, not for a second."""
    (tmp_path / "copy").mkdir()
    debate = heard(tmp_path, 6, audience="published")
    for showing in show((tmp_path, debate), tmp_path / "copy", browser):
        page = showing.page()
        expect(page.locator("#nothing")).to_contain_text("No intervention has been published yet")
        expect(page.locator("#main")).not_to_contain_text("European Union")
        europe = showing.debate.of("EU")
        showing.debate.bring(europe, "approved", "published")
        expect(turn(page, europe).locator(".chip")).to_have_text("Published")
        expect(page.locator("#main")).not_to_contain_text("Nigeria")


def test_a_meeting_that_is_closed_while_it_is_read_leaves_the_screen(live: Showing) -> None:
    """Who is no longer to read it must not go on reading what happens to be open."""
    page = live.page()
    expect(page.locator("#holder h3")).to_have_text("Jordan")
    live.store.add_meeting(a_debate(audience="closed"))
    live.debate.hear(NORWAY)
    expect(page.locator("#loading")).to_contain_text("not shown to the public")
    expect(page.locator("#main")).not_to_contain_text("Jordan")


def test_the_keyboard_reaches_everything(ended: Showing) -> None:
    """Whoever cannot or will not use a mouse reads the same page."""
    page = ended.page()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    norway = turn(page, ended.debate.of("NOR"))
    norway.get_by_role("button", name="Read all").focus()
    page.keyboard.press("Enter")
    expect(norway.get_by_role("button", name="Read less")).to_be_focused()
    words = norway.locator(".words[data-own]")
    words.focus()
    for key in ("Home", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    expect(norway.locator("[data-cursor]")).to_have_text("Mr.")
    page.keyboard.press("Enter")
    expect(page.locator("#player")).to_have_class("player playing")


def faults_of(page: Page) -> list[Any]:
    """What axe finds."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [(item["id"], [node["html"][:300] for node in item["nodes"][:3]]) for item in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_live_page_has_no_fault_that_axe_finds(live: Showing, size: Any, scheme: Any) -> None:
    """WCAG 2.2 AA, as far as a machine can tell."""
    page = live.page(f"/dashboard/{ID}?q=civic", size, scheme)
    expect(page.locator("#results li").first).to_be_visible()
    expect(page.locator("#link")).to_have_text("Kept up to date")
    assert faults_of(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_finished_page_has_no_fault_that_axe_finds(ended: Showing, size: Any, scheme: Any) -> None:
    """The same with everything open that can be opened, and with what was withdrawn and corrected."""
    norway, india = ended.debate.of("NOR"), ended.debate.of("IND")
    for record_id in (norway, india):
        ended.debate.bring(record_id, "approved", "published")
    page = ended.page(f"/dashboard/{ID}?q=rights&t=0:01:20", size, scheme)
    ended.debate.correct(norway, "text", {"text": "Thank you. Norway has trebled it."}, "A figure was wrong.")
    ended.debate.bring(india, "withdrawn", reason="The delegation asked.")
    expect(page.locator(".changed")).to_be_visible()
    expect(page.locator(".gone")).to_be_visible()
    page.locator(".matrix button").first.click()
    page.locator("#with-chair").check()
    for summary in page.locator("summary").all():
        summary.click()
    assert faults_of(page) == []


def test_the_list_of_meetings_has_no_fault_that_axe_finds(ended: Showing) -> None:
    """It is the first page that many will see."""
    for size in (WIDE, PHONE):
        page = ended.page("/dashboard?q=rights", size)
        expect(page.locator("#results li").first).to_be_visible()
        assert faults_of(page) == []


@pytest.mark.parametrize("width", [390, 320])
def test_nothing_is_wider_than_a_phone(ended: Showing, width: int) -> None:
    """Scrolling in two directions makes reading impossible; 320 px is what WCAG 1.4.10 asks for."""
    for path in ("/dashboard?q=rights", f"/dashboard/{ID}?q=rights"):
        page = ended.page(path, {"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
