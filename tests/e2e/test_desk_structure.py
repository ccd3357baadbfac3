"""What reviewers do to interventions besides their words, in a real browser: decide, shape, name, approve, withdraw."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from floorlog import words
from floorlog.adapters.store.ledger import settle_items
from floorlog.clock import Span
from floorlog.omissions import Omission
from floorlog.services import derive, review
from floorlog.services.advance import BATCH_EVENTS, advance
from floorlog.services.review import Author
from tests import small_floor
from tests.corrected import KENYA, a_speaker
from tests.office import AXE, BUILT, FIRST, SECOND, THIRD, Office, an_office, current, keys, row
from tests.sitting import a_meeting, a_record
from tests.small_floor import SMALL_MACHINE, arrive, end, rec, said
from tests.spoken import voice

pytestmark = BUILT

ANN = Author("p-ann", "Ann", "approver")
BOB = Author("p-bob", "Bob", "reviewer")


def correct(office: Office, record_id: str, operation: str, after: Any, person: Author = BOB, **more: Any) -> None:
    """Correct a record behind the page's back."""
    found = office.store.record_row(record_id)
    assert found is not None
    name = f"cor-{operation}-{record_id}-{found.current_revision}"
    step = {"id": name, "operation": operation, "after": after, **more}
    review.correct(office.store, record_id, found.current_revision, [step], person)


def notice(page: Page) -> Locator:
    """What the page told last."""
    return page.locator("#notice")


def command(page: Page, name: str) -> Locator:
    """The button of a command, beside the intervention or above."""
    return page.locator("#panel, #tools").locator(f'[data-command="{name}"]')


# ---- the queue, and the meeting as a whole


def test_a_silence_is_closed_with_a_reason_and_opened_again(office: Office) -> None:
    """A silence that needs nothing must leave the queue by somebody's word, and come back if that was wrong."""
    omission = Omission("floor", Span(15_000, 20_000), "speech-without-words", None, "medium")
    with office.store.locked("small") as tx:
        settle_items(tx, [], [omission])
    page = office.page("Bob", "/desk")
    item = page.locator(f'[data-id="{omission.id("small")}"]')
    item.get_by_role("button", name="Close").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog.get_by_role("alert")).to_have_text("Please fill in: Reason")
    dialog.get_by_role("textbox", name="Reason").fill("Only applause")
    dialog.get_by_role("button", name="Close").click()
    expect(item).to_have_count(0)
    page.get_by_label("What was closed").check()
    expect(item).to_contain_text("Only applause")
    expect(item).to_contain_text("Closed by you")
    item.get_by_role("button", name="Open again").click()
    expect(item).to_have_count(0)
    page.get_by_label("What was closed").uncheck()
    expect(item).to_be_visible()
    assert office.complaints == []


def test_a_meeting_is_approved_and_published_after_saying_what_and_what_not(office: Office) -> None:
    """Whoever lets a meeting out in one go must know how many there are, and which are not among them."""
    review.approve(office.store, "small", [THIRD["id"]], ANN)
    review.publish(office.store, "small", [THIRD["id"]], ANN)
    found = office.store.record_row(THIRD["id"])
    assert found is not None
    review.change_state(office.store, THIRD["id"], found.current_revision, "withdrawn", ANN, "It was not said.")
    page = office.page("Ann")
    keys(page, "Shift+A")
    dialog = page.get_by_role("dialog", name="Approve 2 interventions?")
    expect(dialog).to_contain_text("One of them is not attributed")
    expect(dialog).to_contain_text("One is left out:")
    expect(dialog.locator("li").last).to_contain_text("0:00:12 · Norway · Withdrawn")
    dialog.get_by_role("button", name="Approve 2").press("Enter")
    expect(notice(page)).to_have_text("2 interventions are approved")
    expect(row(page, FIRST)).to_have_attribute("data-state", "approved")
    keys(page, "Shift+A")
    expect(notice(page)).to_have_text("Nothing is left to approve")

    keys(page, "Alt+Shift+U")
    page.get_by_role("dialog", name="Publish 2 interventions?").get_by_role("button", name="Cancel").press("Enter")
    assert current(office, FIRST)["state"] == "approved"
    keys(page, "Alt+Shift+U")
    page.get_by_role("dialog").get_by_role("button", name="Publish 2").press("Enter")
    expect(row(page, SECOND)).to_have_attribute("data-state", "published")
    assert [current(office, item)["state"] for item in (FIRST, SECOND, THIRD)] == [
        "published",
        "published",
        "withdrawn",
    ]
    assert office.complaints == []


# ---- a better model, three ways

HEARD = ((0, "open-a", "b", "c", "d"), (10, "open-e", "f", "g"), (20, "open-h", "i", "j"))


def hear(office: Office, *lines: tuple[Any, ...], fingerprint: str = "fp-first") -> None:
    """Let a recogniser hear three interventions; another fingerprint is another model, believed from then on."""
    store = office.store
    heard = [said(start, start + 10, *spoken) for start, *spoken in lines]
    arrive(store, *heard, end(30), fingerprint=fingerprint)
    advance(store, "small", SMALL_MACHINE)
    if fingerprint != "fp-first":
        store.activate("small", fingerprint)
        derive.derive_again(store, "small", SMALL_MACHINE, BATCH_EVENTS, whole=True)


@pytest.fixture
def heard(browser: Browser, tmp_path: Path) -> Iterator[Office]:
    """A meeting that the small machine heard, so that a better one can hear it again."""
    meeting = {**small_floor.a_meeting(), "audience": "closed"}
    with an_office(browser, tmp_path, meeting) as opened:
        hear(opened, *HEARD)
        yield opened


def test_what_a_better_model_heard_otherwise_is_decided_three_ways(heard: Office) -> None:
    """No edit is lost to a re-run, and none of the machine's better words either: a person sees all three."""
    correct(heard, rec(0), "text", {"text": "open-a B c D"})
    correct(heard, rec(20), "text", {"text": "open-h I j"})
    hear(
        heard,
        (0, "open-a", "bravo", "c", "delta"),
        HEARD[1],
        (20, "open-h", "india", "j"),
        fingerprint="fp-better",
    )
    page = heard.page("Bob", f"/desk/meetings/small?record={rec(0)}")
    cards = page.locator("[data-conflict]")
    expect(cards).to_have_count(2)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    faults = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")["violations"]
    assert [(item["id"], item["nodes"][0]["html"][:200]) for item in faults] == []
    first = cards.filter(has_text="bravo")
    for side, spoken in (("Before", "b"), ("Yours", "B"), ("The machine, now", "bravo")):
        expect(first.locator("div", has_text=side)).to_contain_text(spoken)
    first.get_by_role("button", name="Keep mine").click()
    expect(cards).to_have_count(1)
    assert current(heard, {"id": rec(0)})["text"] == "open-a B c D"

    cards.get_by_role("button", name="Take the machine’s").click()
    expect(cards).to_have_count(0)
    expect(row(page, {"id": rec(0)}).get_by_role("textbox")).to_have_text("open-a B c delta")
    assert "conflicts" not in current(heard, {"id": rec(0)})["review"]
    expect(row(page, {"id": rec(0)})).not_to_contain_text("Differs from the machine")

    page.keyboard.press("Escape")
    row(page, {"id": rec(20)}).click(position={"x": 10, "y": 10})
    cards.get_by_role("button", name="Merge by hand").press("Enter")
    dialog = page.get_by_role("dialog", name="What was said?")
    expect(dialog.locator("mark")).to_have_text("I")
    expect(dialog.locator("ins").filter(has_text="india")).to_be_visible()
    dialog.get_by_label("These words instead of the marked ones").fill("India is")
    dialog.get_by_role("button", name="Take the merged text").press("Enter")
    expect(cards).to_have_count(0)
    expect(row(page, {"id": rec(20)}).get_by_role("textbox")).to_have_text("open-h India is j")
    decided = heard.store.record_corrections(rec(20))[-1]
    assert len(decided["resolves"]) == 1
    assert heard.complaints == []


def test_what_the_machine_knows_no_more_stays_until_somebody_lets_it_go(heard: Office) -> None:
    """A record on which somebody worked must not vanish because a better model heard one speech where two were."""
    correct(heard, rec(10), "text", {"text": "open-E f g"})
    correct(heard, rec(20), "text", {"text": "open-H i j"})
    hear(heard, HEARD[0], (10, "e", "f", "g"), (20, "h", "i", "j"), fingerprint="fp-better")
    page = heard.page("Bob", f"/desk/meetings/small?record={rec(10)}")
    card = page.locator("[data-conflict]")
    expect(card).to_contain_text("The machine knows no such intervention any more")
    expect(card).to_contain_text("0:00:00")
    card.get_by_role("button", name="Keep mine").click()
    expect(card).to_have_count(0)
    keys(page, "Alt+ArrowDown")
    card.get_by_role("button", name="Let it go").click()
    expect(page.locator(".intervention")).to_have_count(2)
    keys(page, "Control+z")
    expect(page.locator(".intervention")).to_have_count(3)
    texts = [row(page, {"id": rec(at)}).get_by_role("textbox") for at in (10, 20)]
    expect(texts[0]).to_have_text("open-E f g")
    expect(texts[1]).to_have_text("open-H i j")


def test_fields_that_differ_are_decided_by_their_own_question(heard: Office) -> None:
    """Who spoke is no text: it is decided by the same search with which it is set."""
    correct(heard, rec(0), "speaker", {"speaker": a_speaker(KENYA)})
    correct(heard, rec(0), "kind", {"kind": "briefing"})
    machine: dict[str, Any] = {"field": "kind", "base": "statement", "yours": "briefing", "machine": "chair"}
    speaker = {"field": "speaker", "base": None, "yours": a_speaker(KENYA), "machine": a_speaker()}
    language = {"field": "language_text", "base": "en", "yours": "en", "machine": "fr"}
    kept = [{"id": f"con-{number}", "span": None, **item} for number, item in enumerate((machine, speaker, language))]
    found = heard.store.record_row(rec(0))
    assert found is not None
    with heard.store.locked("small") as tx:
        revision = tx.revision(rec(0), found.current_revision)
        assert revision is not None
        content = revision.content
        tx.append_reapplied_revision(found, {**content, "review": {**content["review"], "conflicts": kept}}, "test")
    page = heard.page("Bob", f"/desk/meetings/small?record={rec(0)}")
    cards = page.locator("[data-conflict]")
    expect(cards).to_have_count(3)
    cards.filter(has_text="Briefing").get_by_role("button", name="Take the machine’s").click()
    expect(cards).to_have_count(2)
    cards.filter(has_text="Kenya").get_by_role("button", name="Merge by hand").click()
    page.get_by_role("dialog").get_by_role("combobox").fill("Cameroun")
    expect(page.locator("dialog [role=option]").first).to_contain_text("Cameroon")
    keys(page, "Enter", "Enter")
    expect(cards).to_have_count(1)
    cards.get_by_role("button", name="Take the machine’s").click()
    expect(cards).to_have_count(0)
    now = current(heard, {"id": rec(0)})
    assert (now["kind"], now["speaker"]["entity"]["code"], now["language_text"]) == ("chair", "CMR", "fr")


def test_what_was_published_takes_over_what_the_machine_knows_only_when_told(heard: Office) -> None:
    """Readers must not find other words than those that somebody approved, unless somebody says so and why."""
    correct(heard, rec(0), "text", {"text": "open-a B c d"})
    review.approve(heard.store, "small", [rec(0)], ANN)
    review.publish(heard.store, "small", [rec(0)], ANN)
    hear(heard, (0, "open-a", "bravo", "c", "delta"), *HEARD[1:], fingerprint="fp-better")
    page = heard.page("Ann", f"/desk/meetings/small?record={rec(0)}")
    expect(page.locator("#panel")).to_contain_text("The machine has heard it again")
    page.get_by_role("button", name="Take over what the machine knows now").click()
    page.get_by_role("textbox", name="Reason").fill("Heard better")
    page.get_by_role("dialog").get_by_role("button", name="Save").press("Enter")
    expect(row(page, {"id": rec(0)}).get_by_role("textbox")).to_have_text("open-a B c delta")
    expect(page.locator("[data-conflict]")).to_contain_text("bravo")
    page.locator("[data-conflict]").get_by_role("button", name="Keep mine").click()
    expect(page.locator("[data-conflict]")).to_have_count(0)
    assert current(heard, {"id": rec(0)})["state"] == "corrected"


# ---- from when to when, and what is one intervention


def test_a_boundary_is_dragged_and_set_to_the_moment_that_is_heard(office: Office) -> None:
    """A turn that begins a breath too late loses its first word; moving the line must be one gesture."""
    page = office.page("Bob", f"/desk/meetings/small?record={SECOND['id']}")
    handle = page.get_by_role("slider", name="End of the intervention")
    expect(handle).to_have_attribute("aria-valuetext", "0:00:10.5")
    box, strip = handle.bounding_box(), page.locator(".strip.detail").bounding_box()
    assert box is not None
    assert strip is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y, steps=3)
    page.mouse.move(x + strip["width"] / 60, y, steps=3)  # the strip shows a minute
    page.mouse.up()
    expect(notice(page)).to_contain_text("It ends at 0:00:11.")
    moved = current(office, SECOND)["spans"][0]["end_ms"]
    assert 11_300 < moved < 11_700

    handle.focus()
    keys(page, "ArrowRight", "ArrowRight", "Shift+ArrowLeft", "Enter")
    expect(handle).to_be_focused()
    expect(notice(page)).to_contain_text("It ends at 0:00:10.")
    assert current(office, SECOND)["spans"][0]["end_ms"] == moved - 800
    keys(page, "ArrowRight", "Escape", "Tab")
    assert current(office, SECOND)["spans"][0]["end_ms"] == moved - 800

    page.evaluate("() => { document.querySelector('#audio').currentTime = 6.5 }")
    expect(page.locator("#position")).to_contain_text("0:00:06")
    row(page, SECOND).focus()
    keys(page, "Shift+[")
    expect(notice(page)).to_have_text("It starts at 0:00:06.5")
    assert current(office, SECOND)["spans"][0]["start_ms"] == 6500
    assert not current(office, SECOND)["text"].startswith("Mr.")
    command(page, "end-now").click()
    expect(notice(page)).to_have_text("It must end after it starts")
    assert office.complaints == []


def test_interventions_are_split_merged_added_and_taken_off_the_record(office: Office) -> None:
    """The machine cuts where it hears a pause; a person knows what one statement is."""
    page = office.page("Bob", f"/desk/meetings/small?record={SECOND['id']}")
    text = row(page, SECOND).get_by_role("textbox")
    expect(text).to_be_visible()
    keys(page, "m")
    expect(notice(page)).to_have_text("Merged")
    expect(page.locator(".intervention")).to_have_count(2)
    assert current(office, SECOND)["text"] == SECOND["text"] + " " + THIRD["text"]
    expect(row(page, SECOND)).to_be_focused()
    keys(page, "m")
    expect(notice(page)).to_have_text("There is nothing behind it to merge with")

    select(page, text, "Thank you. Norway", 10)
    keys(page, "Alt+Enter")
    expect(notice(page)).to_have_text("Split in two")
    expect(page.locator(".intervention")).to_have_count(3)
    second = page.locator(".intervention").nth(2)
    expect(second).to_be_focused()
    expect(second.get_by_role("textbox")).to_have_text("Norway aligns itself with the statement")
    keys(page, "Control+z", "Control+z")
    expect(row(page, THIRD).get_by_role("textbox")).to_have_text(THIRD["text"])

    row(page, THIRD).focus()
    keys(page, "+")
    dialog = page.get_by_role("dialog", name="Add what was missed")
    dialog.get_by_label("From").fill("soon")
    dialog.get_by_role("button", name="Save").click()
    expect(notice(page)).to_have_text("Write times as 0:12:30.5")
    keys(page, "+")
    dialog.get_by_label("From").fill("0:00:17")
    dialog.get_by_label("Until").fill("0:00:19.5")
    dialog.get_by_label("Text").fill("We were not heard")
    dialog.get_by_role("combobox", name="Delegation, organization or officer").fill("Brasil")
    expect(page.locator("dialog [role=option]").first).to_contain_text("Brazil")
    keys(page, "Enter", "Enter")
    added = page.locator(".intervention").nth(3)
    expect(added.get_by_role("heading")).to_have_text("Brazil")
    expect(added).to_be_focused()
    expect(added.get_by_role("textbox")).to_have_text("We were not heard")

    expect(added).not_to_have_class("off-record")
    keys(page, "Shift+X")
    page.get_by_role("dialog", name="Take it off the record?").get_by_role("button", name="Off the record").press(
        "Enter"
    )
    expect(notice(page)).to_have_text("It is off the record")
    assert current(office, {"id": added.get_attribute("data-id") or ""})["review"]["off_record"] == [
        {"start_ms": 17_000, "end_ms": 19_500}
    ]
    keys(page, "Shift+X")
    page.get_by_role("dialog").get_by_role("button", name="On the record").press("Enter")
    expect(notice(page)).to_have_text("It is on the record again")

    select(page, row(page, THIRD).get_by_role("textbox"), "Thank you.")
    keys(page, "Alt+0")
    page.get_by_role("dialog", name="Take the selected words off the record?").get_by_role(
        "button", name="Off the record"
    ).press("Enter")
    expect(notice(page)).to_have_text("It is off the record")
    assert current(office, THIRD)["review"]["off_record"] == [{"start_ms": 12_000, "end_ms": 12_800}]
    assert office.complaints == []


def select(page: Page, text: Locator, wanted: str, behind: int | None = None) -> None:
    """Select words of a text as a mouse would; with `behind`, put the cursor that far behind their start."""
    text.evaluate(
        """(node, [words, behind]) => {
          node.focus();
          const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
          const at = node.textContent.indexOf(words);
          const place = (offset) => {
            walker.currentNode = node;
            for (let left = offset, next = walker.nextNode(); next; next = walker.nextNode()) {
              if (left <= next.data.length) return [next, left];
              left -= next.data.length;
            }
          };
          const from = place(behind === null ? at : at + behind);
          const to = place(behind === null ? at + words.length : at + behind);
          document.getSelection().setBaseAndExtent(...from, ...to);
        }""",
        [wanted, behind],
    )
    page.wait_for_timeout(100)  # ProseMirror reads the browser's selection a moment later


# ---- who spoke, and how it is put


def test_who_spoke_is_put_in_the_form_of_the_united_nations(office: Office) -> None:
    """A heading is what readers quote: the name confirmed apart, the delegation, for whom, and in which language."""
    page = office.page("Ann", f"/desk/meetings/small?record={THIRD['id']}")
    heading = row(page, THIRD).get_by_role("heading")
    expect(heading).to_have_text("Norway")
    keys(page, "Shift+P")
    dialog = page.get_by_role("dialog", name="Person and title")
    dialog.get_by_label("Name, with its form of address").fill("Ms. Anna Berg")
    dialog.get_by_label("Title or capacity").fill("Deputy Permanent Representative")
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(heading).to_have_text("Ms. BERG (Norway)")
    expect(page.locator("#panel")).to_contain_text("not confirmed, so not published")
    assert "person_confirmed" not in current(office, THIRD)["review"]
    command(page, "person").click()
    dialog.get_by_label("I have confirmed this name").check()
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#panel .who + p")).to_have_text("Ms. Anna Berg, Deputy Permanent Representative confirmed")
    assert current(office, THIRD)["review"]["person_confirmed"] is True
    keys(page, "Shift+P")
    dialog.get_by_label("I have confirmed this name").uncheck()
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#panel")).to_contain_text("not confirmed, so not published")
    assert current(office, THIRD)["speaker"]["person"] == "Ms. Anna Berg"

    row(page, THIRD).focus()
    keys(page, "b")
    box = page.get_by_role("dialog").get_by_role("combobox", name="On behalf of")
    box.fill("Group of 77")
    expect(page.locator("dialog [role=option]").first).to_contain_text("Group of 77")
    keys(page, "Enter")
    expect(page.get_by_role("button", name="Remove Group of 77")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Save").press("Enter")
    expect(row(page, THIRD)).to_contain_text("on behalf of Group of 77")

    row(page, THIRD).focus()
    keys(page, "y")
    page.get_by_role("dialog").get_by_label("Kind").select_option(label="Right of reply")
    page.get_by_role("dialog").get_by_role("button", name="Save").press("Enter")
    expect(row(page, THIRD)).to_contain_text("Right of reply")
    row(page, THIRD).focus()
    keys(page, "g")
    page.get_by_role("dialog").get_by_label("Spoken").select_option(label="French")
    page.get_by_role("dialog").get_by_role("button", name="Save").press("Enter")
    expect(heading).to_have_text("Ms. BERG (Norway) (spoke in French)")
    row(page, THIRD).focus()
    keys(page, "w")
    page.get_by_role("dialog").get_by_label("For reviewers only").fill("Ask the mission for the spelling")
    page.get_by_role("dialog").get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#panel .note")).to_have_text("Ask the mission for the spelling")
    assert office.complaints == []


def test_each_reason_plays_its_moment_and_stops_at_its_end(office: Office) -> None:
    """An attribution that cannot be checked by ear in a second is believed or doubted blindly."""
    page = office.page("Vic", f"/desk/meetings/small?record={SECOND['id']}")
    page.get_by_role("button", name="Play this moment, 0:00:02").click()
    expect(page.locator("#desk")).to_have_attribute("data-playing", "true")
    expect(page.locator("#desk")).to_have_attribute("data-playing", "false")
    assert page.evaluate("document.querySelector('#audio').currentTime") == pytest.approx(2.8, abs=0.05)


def test_what_was_published_is_withdrawn_with_a_reason(office: Office) -> None:
    """Readers are told that something was there and why it is gone."""
    review.approve(office.store, "small", None, ANN)
    review.publish(office.store, "small", None, ANN)
    page = office.page("Ann", f"/desk/meetings/small?record={THIRD['id']}")
    keys(page, "Shift+W")
    dialog = page.get_by_role("dialog", name="Withdraw it?")
    dialog.get_by_role("button", name="Withdraw").click()
    expect(dialog.get_by_role("alert")).to_have_text("Please fill in: Reason")
    dialog.get_by_label("Reason").fill("It was said in private.")
    dialog.get_by_role("button", name="Withdraw").press("Enter")
    expect(row(page, THIRD)).to_have_attribute("data-state", "withdrawn")
    keys(page, "h")
    expect(page.get_by_role("dialog", name="History")).to_contain_text("It was said in private.")


def test_everywhere_a_voice_speaks_is_named_after_showing_where(browser: Browser, tmp_path: Path) -> None:
    """One click names all turns of a delegation, and nobody is named whom the reviewer was not shown."""
    turns = [a_record("word " * 18, 10_000 * number) for number in range(3)]
    with an_office(browser, tmp_path) as office:
        for number, name in enumerate(("one", "two", "one")):
            segment = small_floor.said(10 * number, 10 * number + 10).segment
            span, by = segment.span, words.Recogniser("fp", "small", "0" * 64, {}, "1")
            window = words.VoiceWindow(span, voice(name))
            office.store.register(segment)
            heard_there = words.Transcript("small", "floor", segment.id, span, by, (), (span,), (window,), ())
            office.store.put_transcript(words.encode(heard_there))
        office.put(*turns)
        page = office.page("Bob")
        keys(page, "s")
        dialog = page.get_by_role("dialog", name="Who spoke?")
        dialog.get_by_role("combobox").fill("Noruega")
        expect(page.locator("dialog [role=option]").first).to_contain_text("Norway")
        keys(page, "Enter")
        dialog.get_by_label("Everywhere this voice speaks").check()
        dialog.get_by_role("button", name="Save").press("Enter")
        alike = page.get_by_role("dialog", name="Norway: one more intervention sounds alike")
        expect(alike.locator("li")).to_have_count(1)
        expect(alike.locator("li")).to_contain_text("0:00:20")
        alike.get_by_role("button", name="Change them all").press("Enter")
        expect(notice(page)).to_have_text("One more intervention was changed")
        for turn, name in zip(turns, ("Norway", "Not attributed", "Norway"), strict=True):
            expect(row(page, turn).get_by_role("heading")).to_have_text(name)
        assert office.complaints == []


# ---- what is heard and read in other languages


@pytest.fixture
def interpreted(browser: Browser, tmp_path: Path) -> Iterator[Office]:
    """A meeting with the floor and two interpretations, and one intervention that all three have."""
    names = (("floor", None, False), ("ar", "ar", True), ("en", "en", True))
    channels = [{"name": name, "language": language, "interpretation": own} for name, language, own in names]
    with an_office(browser, tmp_path, a_meeting(audience="closed", channels=channels)) as opened:
        for name, _, _ in names:
            opened.hear(20_000, name)
        opened.put(STATEMENT)
        yield opened


ARABIC = "شكرا السيد الرئيس"
STATEMENT = a_record(
    "Merci Monsieur le Président nous saluons ce rapport",
    2000,
    code="CMR",
    language_spoken="fr",
    language_text="fr",
    interpretations=[
        {
            "channel": name,
            "language": name,
            "spans": [{"start_ms": 3000, "end_ms": 8000}],
            "text": text,
            "words": [
                {
                    "text": word,
                    "start_ms": 3000 + 500 * index,
                    "end_ms": 3300 + 500 * index,
                    "confidence": 0.9,
                    "source": "recognised",
                }
                for index, word in enumerate(text.split())
            ],
        }
        for name, text in (("ar", ARABIC), ("en", "Thank you Mr. President"))
    ],
)


def test_one_key_changes_between_floor_and_interpretation_at_the_same_instant(interpreted: Office) -> None:
    """What an interpreter made of a sentence is heard beside the sentence, and never taken for it."""
    page = interpreted.page("Bob")
    turn = row(page, STATEMENT)
    expect(turn.get_by_role("heading")).to_have_text("Cameroon (spoke in French)")
    expect(turn.get_by_role("textbox")).to_be_visible()
    keys(page, "t")
    expect(page.locator("#desk")).to_have_attribute("data-playing", "true")
    expect(page.locator("#position")).to_contain_text("0:00:03")
    keys(page, "k")
    moment = "Math.round(document.querySelector('#audio').currentTime * 10)"
    at = page.evaluate(moment)
    keys(page, "i")
    expect(page.locator("#channel")).to_have_value("en")
    expect(turn.locator(".interpreted")).to_contain_text("English interpretation (interpretation from French)")
    expect(turn.locator(".interpreted-words")).to_have_text("Thank you Mr. President")
    expect(page.locator("#audio")).to_have_js_property("readyState", 4)
    assert "/en/" in page.evaluate("document.querySelector('#audio').src")
    assert page.evaluate(moment) == at
    keys(page, "k")
    expect(turn.locator(".interpreted .spoken")).to_be_visible()
    keys(page, "k", "i")
    expect(page.locator("#channel")).to_have_value("floor")
    expect(turn.locator(".interpreted")).to_have_text("")
    page.locator("#channel").select_option("ar")
    expect(turn.locator(".interpreted-words")).to_have_css("direction", "rtl")
    page.locator("#channel").select_option("floor")
    keys(page, "Escape")
    turn.focus()
    keys(page, "i")
    expect(page.locator("#channel")).to_have_value("ar")
    assert interpreted.complaints == []


def test_words_are_written_from_right_to_left_by_an_input_method_and_with_their_accents(office: Office) -> None:
    """The six languages are written as their writers write them."""
    office.put(a_record("السيد الرئيس شكرا", 30_000, code="CMR", language_spoken="ar", language_text="ar"))
    page = office.page("Bob", f"/desk/meetings/small?record={THIRD['id']}")
    arabic = page.locator(".intervention").last.get_by_role("textbox")
    expect(arabic).to_have_css("direction", "rtl")
    expect(arabic).to_have_attribute("lang", "ar")
    expect(arabic).to_have_attribute("spellcheck", "true")

    text = row(page, THIRD).get_by_role("textbox")
    select(page, text, "Thank you.", 0)
    wire = page.context.new_cdp_session(page)
    for part in ("x", "xi", "xie", "谢"):
        wire.send("Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)})
    wire.send("Input.insertText", {"text": "谢谢 "})
    expect(text).to_have_text("谢谢 " + THIRD["text"])
    expect(row(page, THIRD).locator(".save-state")).to_have_text("Saved")
    assert current(office, THIRD)["text"] == "谢谢 " + THIRD["text"]
    assert current(office, THIRD)["words"][1]["start_ms"] == 12_000

    select(page, text, "谢谢")
    page.evaluate(
        """() => {
          const carried = new DataTransfer();
          carried.setData('text/html', '<b onclick="x">Dear</b> <img src=x onerror=alert(1)>friends');
          carried.setData('text/plain', 'Dear\\nfriends');
          document.activeElement.dispatchEvent(
            new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }));
        }"""
    )
    expect(text).to_have_text("Dear friends " + THIRD["text"])
    assert text.locator("b, img").count() == 0
    keys(page, "Alt+1")
    expect(text).to_contain_text("Dear friends [inaudible] Thank you.")
    page.get_by_role("button", name="[applause]").click()
    expect(text).to_contain_text("[inaudible] [applause] Thank you.")

    page.keyboard.type(" Cote")
    keys(page, "Alt+n")
    dialog = page.get_by_role("dialog", name="Complete a name")
    expect(dialog.locator("[role=option]").first).to_contain_text("Côte d'Ivoire")
    keys(page, "Enter", "Enter")
    expect(text).to_contain_text("[applause] Côte d'Ivoire Thank you.")
    expect(text).to_be_focused()
    keys(page, "Control+z")
    expect(text).to_contain_text("[applause] Cote Thank you.")
    assert office.complaints == []


# ---- without a mouse, on a telephone, at night


def test_the_help_sheet_lists_every_command_and_gives_the_focus_back(office: Office) -> None:
    """Keys that nobody can look up are keys that nobody uses."""
    page = office.page("Ann")
    text = row(page, THIRD).get_by_role("textbox")
    text.focus()
    keys(page, "F1")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog.get_by_role("row", name="Approve the meeting")).to_contain_text("Shift+A")
    expect(dialog.get_by_role("row", name="Complete a name")).to_contain_text("Alt+N")
    assert dialog.locator("tbody tr").count() > 45
    inside = (
        "document.querySelector('dialog').contains(document.activeElement) || document.activeElement === document.body"
    )
    for _ in range(6):
        keys(page, "Tab")
        assert page.evaluate(inside)
    dialog.get_by_label("Keys that work alone, such as K").uncheck()
    keys(page, "Escape")
    expect(text).to_be_focused()
    keys(page, "Escape", "n")
    expect(row(page, THIRD)).to_be_focused()
    keys(page, "Alt+ArrowUp")
    expect(row(page, SECOND)).to_be_focused()


def test_every_command_answers_to_its_button_and_its_key_alike(office: Office) -> None:
    """The sheet, the hints and the keys come from one list: what one of them promises, all of them do."""
    page = office.page("Ann", f"/desk/meetings/small?record={THIRD['id']}")
    for key, name in (("s", "Who spoke?"), ("b", "For whom else?"), ("w", "Note"), ("h", "History"), ("+", "Add")):
        row(page, THIRD).focus()
        keys(page, key)
        expect(page.get_by_role("dialog", name=name)).to_be_visible()
        keys(page, "Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(row(page, THIRD)).to_be_focused()
    for name in ("speaker", "behalf", "note", "history", "insert"):
        button = page.locator(f'#panel [data-command="{name}"]')
        button.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        keys(page, "Escape")
        expect(button).to_be_focused()
        outline = button.evaluate("node => getComputedStyle(node).outlineStyle")
        assert outline != "none"


def test_the_order_of_the_focus_is_the_order_of_the_page(office: Office) -> None:
    """Whoever goes through the page by Tab meets its parts from top to bottom, and everything once."""
    page = office.page("Ann")
    expect(row(page, THIRD).get_by_role("textbox")).to_be_visible()
    page.locator(".skip").focus()
    seen: list[str] = []
    for _ in range(70):
        keys(page, "Tab")
        part = page.evaluate(
            "(document.activeElement.closest('header.site, #tools, #timeline, #rows, #panel, #transport, #marks')"
            " || document.activeElement).id || document.activeElement.className"
        )
        if not seen or seen[-1] != part:
            seen.append(part)
    parts = [part for part in seen if part in ("tools", "timeline", "rows", "panel", "transport", "marks")]
    assert parts[:6] == ["tools", "timeline", "rows", "panel", "transport", "marks"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_narrow_screen_nothing_has_to_be_scrolled_sideways(office: Office, scheme: Any) -> None:
    """A chair's assistant looks at the log on a telephone in the hall."""
    review.approve(office.store, "small", [FIRST["id"]], ANN)
    for path in ("/desk", "/desk/meetings/small"):
        page = office.page("Ann", path)
        page.set_viewport_size({"width": 390, "height": 780})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator(".queue-link, .intervention").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        if path != "/desk":
            bar, rows = page.locator("#transport").bounding_box(), page.locator("#rows").bounding_box()
            assert bar is not None
            assert rows is not None
            assert bar["y"] + bar["height"] <= 780  # playing is within reach
            assert rows["height"] >= 200
