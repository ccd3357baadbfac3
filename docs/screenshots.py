"""Make the pictures of docs/reviewers.md: each page of the workbench, on the bundled synthetic meeting.

    python docs/screenshots.py [FOLDER]

Chromium and the built workbench are needed; it takes about a minute.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect
from sample_office import MEETING, NARROW, WIDE, Office, an_office

from floorlog.services import people
from floorlog.services.reapply import reapply_waiting

IMAGES = Path(__file__).parent / "images"
MOST_BYTES = 200_000

PAGES = (
    "sign-in",
    "queue",
    "queue-narrow",
    "workbench",
    "workbench-narrow",
    "workbench-dark",
    "editing",
    "speaker",
    "person",
    "missed",
    "find",
    "keys",
    "history",
    "rerun",
    "conflict",
    "people",
    "audit",
    "meetings",
    "meeting",
)
"""The pictures, in the order of the guide."""


Camera = Callable[[Page, str], None]


def main(folder: Path) -> None:
    """Make all pictures."""
    folder.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.wait_for_timeout(300)  # what moves has come to rest
        path = folder / f"{name}.png"
        page.screenshot(path=path, animations="disabled", caret="initial")
        size = path.stat().st_size
        assert size < MOST_BYTES, f"{path} has {size} bytes"
        print(f"{path}: {size // 1000} KB", file=sys.stderr)
        taken.append(name)

    taken: list[str] = []
    with an_office() as office:
        for story in (beginning, queue, workbench, dialogs, rerun, together, managing, public):
            story(office, take)
    assert sorted(taken) == sorted(PAGES), set(taken) ^ set(PAGES)


def beginning(office: Office, take: Camera) -> None:
    """Somebody comes for the first time, and others are added."""
    now, set_up = datetime.now(UTC), people.Actor(None, "set-up")
    people.make_first(office.store, now)
    for name, role in (("Ana Duarte", "approver"), ("Kofi Mensah", "reviewer"), ("Li Wen", "viewer")):
        people.add(office.store, name, role, set_up, now)
    page = office.page()
    page.goto(f"{office.address}/sign-in?next=/desk")
    page.get_by_label("Name").fill("Ana Duarte")
    take(page, "sign-in")


def queue(office: Office, take: Camera) -> None:
    """What needs a person first."""
    page = office.page("Ana Duarte")
    office.go(page, "/desk")
    page.locator("#items > li").nth(1).get_by_role("button", name="Claim").click()
    page.locator("#items > li").filter(has_text="Claimed by you").wait_for()
    take(page, "queue")
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    take(page, "queue-narrow")


def workbench(office: Office, take: Camera) -> None:
    """The meeting, and its text being edited."""
    page = office.page("Ana Duarte")
    office.open(page, "We align ourselves")
    take(page, "workbench")
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    take(page, "workbench-dark")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    take(page, "workbench-narrow")
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    office.open(page, "thank you for convincing")
    choose(page, "convincing")
    page.keyboard.type("convening")
    page.keyboard.press("Home")
    take(page, "editing")
    page.keyboard.press("Control+s")
    expect(page.locator(".selected .save-state")).to_have_text("Saved")


def choose(page: Page, word: str) -> None:
    """Select a word in the text of the selected intervention."""
    text = page.locator(".intervention.selected [role=textbox]")
    text.focus()
    page.wait_for_timeout(100)
    text.evaluate(
        "(node, word) => { const parts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT); let part;"
        " while ((part = parts.nextNode())) { const at = part.data.indexOf(word); if (at < 0) continue;"
        " getSelection().setBaseAndExtent(part, at, part, at + word.length); return; } }",
        word,
    )
    page.wait_for_timeout(100)


def dialogs(office: Office, take: Camera) -> None:
    """What asks before it changes something."""
    page = office.page("Ana Duarte")
    office.open(page, "We align ourselves")
    dialog = page.get_by_role("dialog")
    page.keyboard.press("s")
    page.keyboard.type("costa")
    dialog.get_by_role("option").first.wait_for()
    take(page, "speaker")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".intervention.selected h2")).to_contain_text("Costa Rica")
    page.keyboard.press("Shift+P")
    dialog.get_by_role("textbox").first.fill("Ms. Invented Name")
    take(page, "person")
    page.keyboard.press("Escape")
    page.keyboard.press("+")
    dialog.wait_for()
    take(page, "missed")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+f")
    dialog.wait_for()
    page.keyboard.type("human rights")
    take(page, "find")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    dialog.wait_for()
    take(page, "keys")


def rerun(office: Office, take: Camera) -> None:
    """A better model hears something else than what a person wrote."""
    with office.store.locked(MEETING) as tx:
        shown = next(item for item in tx.standing() if "for convening" in item.content["text"])
        heard = tx.revision(shown.record_id, 1)
        record = tx.record(shown.record_id)
        assert heard is not None
        assert record is not None
        words = [
            {**word, "text": "commencing"} if word["text"] == "convincing" else word for word in heard.content["words"]
        ]
        text = heard.content["text"].replace("convincing", "commencing")
        tx.append_machine_revision(record, {**heard.content, "words": words, "text": text}, "heard again", hold=True)
        reapply_waiting(tx)
    page = office.page("Ana Duarte")
    office.open(page, "for convening")
    take(page, "rerun")
    page.close()


def together(office: Office, take: Camera) -> None:
    """Two people at one text, and what became of it."""
    ana, kofi = office.page("Ana Duarte"), office.page("Kofi Mensah")
    for page in (ana, kofi):
        office.open(page, "thank you for convening")
    kofi.route("**/corrections", lambda route: route.abort())
    choose(kofi, "Excellencies")
    kofi.keyboard.type("distinguished delegates")
    expect(kofi.locator(".selected .save-state")).to_contain_text("Kept")
    choose(ana, "Excellencies")
    ana.keyboard.type("Excellencies, friends")
    ana.keyboard.press("Escape")
    expect(ana.locator(".selected .save-state")).to_have_text("Saved")
    kofi.unroute("**/corrections")
    kofi.get_by_role("dialog").wait_for()
    take(kofi, "conflict")
    kofi.close()
    for key in ("a", "h"):
        ana.keyboard.press(key)
        ana.wait_for_timeout(1000)
    ana.get_by_role("dialog").wait_for()
    take(ana, "history")


def managing(office: Office, take: Camera) -> None:
    """Who may do what, and who did."""
    page = office.page("administrator")
    page.goto(f"{office.address}/desk/people")
    take(page, "people")
    page.goto(f"{office.address}/desk/people/audit")
    take(page, "audit")


def public(office: Office, take: Camera) -> None:
    """What everybody sees."""
    page = office.page()
    page.goto(office.address)
    take(page, "meetings")
    page.goto(f"{office.address}/meetings/{MEETING}?t=0:01:25")
    page.wait_for_timeout(1000)
    take(page, "meeting")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
