"""Make the pictures of the dashboard: live and finished, wide, on a phone, and in the dark.

    python docs/dashboard_screenshots.py [FOLDER]

Chromium and the built dashboard are needed; it takes about a minute. The meeting is the bundled synthetic sample.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, expect
from sample_office import MEETING, NARROW, WIDE, Office, an_office

from floorlog.adapters.store import watching
from floorlog.announcements import End, Segment
from floorlog.services import policies, review
from floorlog.services.advance import advance
from floorlog.services.people import Actor
from floorlog.services.review import Author

IMAGES = Path(__file__).parent / "images"
MOST_BYTES = 200_000
INDIA_SPEAKS = 26
"""Turns of the sample until India has spoken."""

ANA = Author("ana", "Ana Duarte", "approver")


def main(folder: Path) -> None:
    """Make all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with an_office(INDIA_SPEAKS) as office:
        take(shown(office, WIDE), folder, "dashboard-live")
        take(shown(office, NARROW), folder, "dashboard-live-phone")
    with an_office() as office:
        end(office)
        take(part(shown(office, WIDE), "#speaking"), folder, "dashboard-speaking")
        take(part(shown(office, WIDE, scheme="dark"), "#speaking"), folder, "dashboard-speaking-dark")
        take(part(shown(office, NARROW), "#speaking"), folder, "dashboard-speaking-phone")
        page = shown(office, WIDE)
        page.locator(".matrix button").first.click()
        page.locator("#passages").evaluate("node => node.scrollIntoView({block: 'end'})")
        take(page, folder, "dashboard-themes")
        take(part(shown(office, WIDE, "?q=rights+call"), "#search"), folder, "dashboard-search")
        take(changed(office), folder, "dashboard-corrected")


def end(office: Office) -> None:
    """Let the meeting end."""
    last = watching.placed(office.store, MEETING, "floor")[-1]
    assert isinstance(last, Segment)
    office.store.register(End(MEETING, "floor", last.sequence + 1, last.span.end_ms, last.sequence))
    advance(office.store, MEETING)


def shown(office: Office, size: tuple[int, int], query: str = "", scheme: Literal["light", "dark"] = "light") -> Page:
    """Open the meeting's page."""
    page = office.page(size=size)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{office.address}/dashboard/{MEETING}{query}")
    expect(page.locator("#main[data-ready]")).to_be_attached()
    expect(page.locator("#link")).to_have_text("Kept up to date")
    return page


def part(page: Page, selector: str) -> Page:
    """Bring a part to the top of the page."""
    page.locator(selector).evaluate("node => node.scrollIntoView({block: 'start'})")
    return page


def changed(office: Office) -> Page:
    """Correct one intervention and withdraw another while somebody reads them."""
    canada, korea = said_by(office, "CAN"), said_by(office, "KOR")
    for key in (canada, korea):
        bring(office, key, "approved", "published")
    page = shown(office, WIDE)
    text = office.store.current_revisions(MEETING)
    whole = next(revision.content["text"] for record, revision in text if record.id == canada)
    after = {"id": "cor-1", "operation": "text", "after": {"text": whole.replace("focus", "emphasis")}}
    review.correct(office.store, canada, seen(office, canada), [{**after, "reason": "A word was misheard."}], ANA)
    bring(office, korea, "withdrawn", reason="Not what was said.")
    policies.suppress(office.store, said_by(office, "CUB"), "A private person is named.", Actor(None, "Ana Duarte"))
    expect(page.locator(".gone")).to_have_count(2)
    expect(page.locator(".changed")).to_be_visible()
    page.locator(".changed").evaluate("node => node.closest('article').scrollIntoView({block: 'center'})")
    return page


def said_by(office: Office, code: str) -> str:
    """Return the id of what a delegation said."""
    return next(
        record.id
        for record, revision in office.store.current_revisions(MEETING)
        if revision.content["speaker"] and revision.content["speaker"]["entity"]["code"] == code
    )


def seen(office: Office, record_id: str) -> int:
    """Return the number of a record's latest revision."""
    row = office.store.record_row(record_id)
    assert row is not None
    return row.current_revision


def bring(office: Office, record_id: str, *states: str, reason: str | None = None) -> None:
    """Bring a record through states of review."""
    for state in states:
        review.change_state(office.store, record_id, seen(office, record_id), state, ANA, reason)


def take(page: Page, folder: Path, name: str) -> None:
    """Make a picture of what is in view."""
    page.wait_for_timeout(300)  # what moves has come to rest
    path = folder / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="initial")
    size = path.stat().st_size
    assert size < MOST_BYTES, f"{path} has {size} bytes"
    print(f"{path}: {size // 1000} KB", file=sys.stderr)
    page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
