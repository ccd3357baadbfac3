"""The workbench in a real browser: a record's whole life by keyboard, conflicts, growth, restarts, and axe."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.office import AXE, BUILT, SECOND, THIRD, Office, current, keys, row
from tests.sitting import a_record

pytestmark = BUILT

HOSTILE = "<img src=x onerror=document.title='owned'> \u202egnorw\u202c <script>document.title='owned'</script>"


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


def test_text_of_an_intervention_that_was_merged_away_is_kept_to_be_copied(office: Office) -> None:
    """Somebody else may take a record away while its text is written: the record goes, the work does not."""
    ann, bob = office.page("Ann"), office.page("Bob")
    bob.route("**/corrections", lambda route: route.abort())
    row(bob, THIRD).get_by_role("textbox").focus()
    bob.keyboard.press("Home")
    bob.keyboard.type("Oh. ")
    expect(row(bob, THIRD).locator(".save-state")).to_contain_text("Kept in this browser")
    row(ann, SECOND).focus()
    keys(ann, "m")
    expect(ann.locator("#notice")).to_have_text("Merged")
    bob.unroute("**/corrections")
    dialog = bob.get_by_role("dialog", name="This intervention no longer exists")
    expect(dialog.get_by_label("Yours")).to_have_value("Oh. " + THIRD["text"])
    dialog.get_by_role("button", name="Close").click()
    expect(bob.locator(".intervention")).to_have_count(2)
    office.open(bob)
    expect(bob.locator("#drafts")).to_contain_text("Oh. ")
    bob.get_by_role("button", name="Throw it away").click()
    expect(bob.locator("#drafts")).to_be_hidden()


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
    assert abs(before["y"] - after_it["y"]) < 2


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
        ("/desk/meetings/small", "h"),
        ("/desk/meetings/small", "Shift+A"),
        ("/desk/meetings/small", "+"),
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
