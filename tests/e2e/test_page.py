"""The page of a meeting in a real browser: it grows, it plays from a word, and it trusts no text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium, served
from tests.sitting import MemoryReader, a_meeting, a_record, entity, evidence, noise
from workers.web import create_app

HOSTILE = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script> & “quoted”"


@dataclass
class Reading:
    """An open page, what it reads from, and what the browser complained about."""

    page: Page
    reader: MemoryReader
    address: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, path: str = "/meetings/small") -> None:
        self.page.goto(self.address + path)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def reading(browser: Browser) -> Iterator[Reading]:
    reader = MemoryReader()
    reader.add(a_meeting())
    reader.hear("small", noise(12_000))
    reader.put(a_record("I give the floor to the representative of Cameroon", 500, code="CMR", kind="chair"))
    reader.kept["small"][0]["speaker"]["entity"] = entity("CHAIR")
    reader.put(
        a_record(
            "Mr. President, we thank the Secretary-General for this briefing",
            6000,
            code="CMR",
            on_behalf_of=[entity("G77")],
            attribution={
                "status": "attributed",
                "confidence": 0.97,
                "method": "log-odds",
                "evidence": [evidence("given", "I give the floor to the representative of Cameroon", 2000, "CMR")],
                "alternatives": [],
            },
        )
    )
    app = create_app(reader, fetch=reader.fetch, look_every_s=0.05)
    with served(app) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        opened = Reading(context.new_page(), reader, address)
        opened.page.on("console", lambda message: opened.complaints.append(message.text))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        yield opened
        context.close()


def current_time(page: Page) -> float:
    return float(page.eval_on_selector("audio", "audio => audio.currentTime"))


def remember_seeks(page: Page) -> None:
    page.eval_on_selector(
        "audio", "audio => audio.addEventListener('seeking', () => (window.sought = audio.currentTime))"
    )


def until(page: Page, condition: str, within_s: float = 20.0) -> None:
    """Wait for a condition on the page's `audio`. Playwright's own wait would need the page to allow eval."""
    deadline = time.monotonic() + within_s
    while not page.eval_on_selector("audio", f"audio => {condition}"):
        assert time.monotonic() < deadline, f"not within {within_s} s: {condition}"
        page.wait_for_timeout(20)


def test_a_page_asks_nobody_else_and_has_nothing_to_complain_about(reading: Reading) -> None:
    """A reader's visit is nobody else's business, and an error in the console is a fault in waiting."""
    reading.open()
    expect(reading.page.get_by_role("heading", name="Cameroon")).to_be_visible()
    expect(reading.page.locator("html[data-link=open]")).to_be_attached()
    reading.open("/")
    reading.page.get_by_role("link", name="A small meeting").click()
    expect(reading.page.get_by_text("on behalf of Group of 77 and China")).to_be_visible()
    assert reading.complaints == []
    assert {url.split("/")[2] for url in reading.requests} == {reading.address.split("/")[2]}


def test_a_new_intervention_appears_without_a_reload(reading: Reading) -> None:
    """A meeting is followed while it runs."""
    reading.open()
    expect(reading.page.locator("article")).to_have_count(2)
    reading.page.evaluate("window.marked = true")
    reading.reader.put(a_record("Thank you Norway aligns itself", 11_500, code="NOR", state="provisional"))
    added = reading.page.locator("article", has_text="Norway aligns itself")
    expect(added).to_be_visible()
    expect(added.get_by_text("Provisional")).to_be_visible()
    expect(reading.page.locator("#news")).to_have_text("Norway: Statement")
    expect(reading.page.locator("#outline li:visible")).to_have_text(["0:00:06 Cameroon", "0:00:11 Norway"])
    assert reading.page.evaluate("window.marked") is True


def test_an_intervention_that_disappears_leaves_the_page(reading: Reading) -> None:
    """What turned out to be no intervention must not stay on the page as if it were one."""
    fleeting = a_record("Hello", 11_500, state="provisional")
    reading.reader.put(fleeting)
    reading.open()
    expect(reading.page.locator("article")).to_have_count(3)
    expect(reading.page.get_by_role("heading", name="Not attributed")).to_be_visible()
    reading.reader.drop("small", fleeting["id"])
    expect(reading.page.locator("article")).to_have_count(2)


def test_growing_keeps_the_words_the_focus_and_what_was_opened(reading: Reading) -> None:
    """Whoever reads, selects or has a list open is not thrown out of it by the next ten seconds of speech."""
    reading.open()
    words = reading.page.locator("article", has_text="Mr. President").locator(".words")
    words.focus()
    words.evaluate("node => { window.kept = node.querySelector('span'); }")
    grown = a_record(
        "Mr. President, we thank the Secretary-General for this briefing and its clarity", 6000, code="CMR"
    )
    reading.reader.put(grown)
    expect(words).to_contain_text("and its clarity")
    assert words.evaluate("node => document.activeElement === node && node.contains(window.kept)")


def test_what_is_being_read_does_not_move_when_something_above_it_changes(reading: Reading) -> None:
    """A text that jumps under the eyes cannot be read."""
    for number in range(12):
        reading.reader.put(a_record("word " * 80, 20_000 + 50_000 * number, code="NOR"))
    reading.open()
    read = reading.page.locator("article").nth(9)
    read.scroll_into_view_if_needed()
    before = read.bounding_box()
    reading.reader.put(a_record("many more words " * 60, 6000, code="CMR"))
    expect(reading.page.locator("article").nth(1)).to_contain_text("many more words")
    after = read.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2


def test_following_keeps_the_newest_words_in_view(reading: Reading) -> None:
    """Somebody who follows live must not scroll by hand."""
    for number in range(6):
        reading.reader.put(a_record("word " * 80, 20_000 + 50_000 * number, code="NOR"))
    reading.open()
    reading.page.get_by_role("button", name="Follow live").click()
    reading.reader.put(a_record("and now the latest " * 30, 400_000, code="EU", state="provisional"))
    expect(reading.page.locator("article").last).to_be_in_viewport()
    expect(reading.page.get_by_role("button", name="Follow live")).to_have_attribute("aria-pressed", "true")


def test_a_click_on_a_word_plays_from_that_word(reading: Reading) -> None:
    """The proof of a word is its sound, so the sound must start exactly there."""
    reading.open()
    remember_seeks(reading.page)
    reading.page.get_by_text("Secretary-General", exact=True).click()  # the sixth word: 6000 + 5 × 500 ms
    until(reading.page, "!audio.paused")
    until(reading.page, "audio.currentTime > 8.5")
    reading.page.get_by_role("button", name="Pause").click()
    assert reading.page.evaluate("window.sought") == 8.5
    expect(reading.page.locator("[data-spoken]")).to_have_count(1)
    expect(reading.page.locator("#player .now")).to_have_text("Cameroon")


def test_a_moment_of_the_evidence_plays_and_stops_where_it_ends(reading: Reading) -> None:
    """A reason can be checked by ear without searching for its end."""
    reading.open()
    reading.page.get_by_role("button", name="Play this moment, 0:00:02").click()
    until(reading.page, "audio.currentTime > 2.7")
    until(reading.page, "audio.paused")
    assert current_time(reading.page) == pytest.approx(2.8, abs=0.001)


def test_a_theme_shows_and_plays_its_passage(reading: Reading) -> None:
    """A chip is a claim about words: the reader sees and hears them."""
    text = "Thank you. Gender equality matters."
    quote = {
        "quote": "Gender equality matters.",
        "offset": 11,
        "rule": "gender-equality",
        "version": "call-to-action/1",
    }
    reading.reader.put(a_record(text, 9000, code="NOR", themes=[{"theme": "gender-equality", **quote}]))
    reading.open()
    reading.page.get_by_role("button", name="show and play the passage at 0:00:10").click()
    expect(reading.page.locator("[data-cursor]")).to_have_text("Gender")
    until(reading.page, "audio.currentTime > 10.5")
    until(reading.page, "audio.paused")
    assert current_time(reading.page) == pytest.approx(11.3, abs=0.001)


def test_playing_goes_on_into_what_was_heard_meanwhile(reading: Reading) -> None:
    """The file that is played ends where the meeting was; the meeting does not."""
    reading.open()
    reading.page.locator(".seek").fill("11500")
    reading.reader.hear("small", noise(8000, seed=1))
    expect(reading.page.locator("#player .end")).to_have_text("0:00:20")
    reading.page.keyboard.press("Escape")
    reading.page.get_by_role("button", name="Play", exact=True).click()
    until(reading.page, "audio.currentTime > 12.2")
    assert "/20000.wav" in str(reading.page.eval_on_selector("audio", "audio => audio.src"))


def test_a_text_can_be_played_from_any_word_by_keyboard(reading: Reading) -> None:
    """Not everybody has a mouse."""
    reading.open()
    remember_seeks(reading.page)
    words = reading.page.get_by_role("group", name="Words of Cameroon")
    words.focus()
    for _ in range(3):
        words.press("ArrowRight")
    words.press("Enter")  # the third word: 6000 + 2 × 500 ms
    until(reading.page, "audio.currentTime >= 7")
    reading.page.keyboard.press("k")
    until(reading.page, "audio.paused")
    assert reading.page.evaluate("window.sought") == 7


def test_a_link_to_a_moment_opens_at_it(reading: Reading) -> None:
    """A citation leads to the words that it cites."""
    reading.open("/meetings/small?t=0:00:07")
    expect(reading.page.locator("[data-spoken]")).to_have_text("we")
    expect(reading.page.locator("#player .clock")).to_have_text("0:00:07")


def test_hostile_text_is_shown_as_text(reading: Reading) -> None:
    """Titles come from files and words from microphones: neither may run in a reader's browser."""
    reading.reader.add(a_meeting(title=HOSTILE))
    reading.reader.put(a_record(HOSTILE, 11_000))
    for path in ("/", "/meetings/small"):
        reading.open(path)
        expect(reading.page.get_by_text(HOSTILE).first).to_be_visible()
    reading.reader.put(a_record(HOSTILE + " again", 11_000))  # the same through the stream
    expect(reading.page.locator("article").last).to_contain_text("again")
    assert reading.page.title().endswith("· Floorlog")  # the hostile text would have set another one
    assert reading.page.locator("img").count() == 0
    assert reading.complaints == []


def test_the_page_fits_a_phone(reading: Reading) -> None:
    """Delegates read in the corridor: nothing may be cut off or need scrolling sideways."""
    reading.page.set_viewport_size({"width": 360, "height": 740})
    reading.open()
    expect(reading.page.get_by_role("heading", name="Cameroon")).to_be_visible()
    assert reading.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_word_of_an_interpretation_plays_what_the_interpreter_says(reading: Reading) -> None:
    """The same moment on the floor's channel is somebody else's sentence."""
    reading.reader.add(a_meeting(channels=[{"name": "floor"}, {"name": "en"}]))
    reading.reader.hear("small", noise(12_000), "en")
    told = a_record("Thank you Sir", 7000)
    span = {name: told["spans"][0][name] for name in ("start_ms", "end_ms")}
    interpretation = {"channel": "en", "language": "en", "spans": [span], "text": told["text"], "words": told["words"]}
    reading.reader.put(
        a_record("Merci Monsieur le Secrétaire", 5000, code="EU", language_text="fr", interpretations=[interpretation])
    )
    reading.open()
    page = reading.page
    word = page.get_by_text("Sir", exact=True)
    expect(word).not_to_be_visible()
    page.locator(".interpretation summary").click()
    word.click()
    expect(page.locator("[data-do=channel]")).to_have_value("en")
    expect(page.locator("audio")).to_have_attribute("src", "/meetings/small/audio/en/12000.wav")
    expect(word).to_have_attribute("data-spoken", "")
    page.get_by_text("Merci", exact=True).click()
    expect(page.locator("[data-do=channel]")).to_have_value("floor")
    page.locator(".bar").last.click(position={"x": 5, "y": 5})
    expect(page.locator("[data-do=channel]")).to_have_value("en")
    assert reading.complaints == []
