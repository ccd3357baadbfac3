"""Signing in and managing people in a real browser: by keyboard, accessible, and without a word against the policy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page, expect

from floorlog.adapters.passwords import Passwords
from floorlog.adapters.store import Account, Store
from floorlog.adapters.store import people as stored
from floorlog.services import people
from floorlog.services.signing_in import Lifetimes
from tests.browser import chromium, served
from tests.sitting import MemoryReader, a_meeting
from tests.small_floor import a_store
from workers.web import create_app
from workers.web.staff import Staff

AXE = Path(__file__).parents[2] / "workers/web/desk/bundle/node_modules/axe-core/axe.min.js"
HOSTILE = "<img src=x onerror=document.title='owned'>\u202e gnorw " + "W" * 300
PASSWORD = "a long enough sentence"

pytestmark = pytest.mark.browser


@dataclass
class Visit:
    """A page over a store with one administrator, and what the browser complained about."""

    page: Page
    store: Store
    address: str
    link: str
    complaints: list[str] = field(default_factory=list)

    def faults(self) -> list[dict[str, Any]]:
        """What axe finds against WCAG 2.2 A and AA."""
        if not AXE.exists():
            pytest.skip("axe-core is missing: make setup")
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        found = self.page.evaluate("tags => axe.run(document, {runOnly: tags})", rules)
        return [{"rule": each["id"], "nodes": [node["html"] for node in each["nodes"]]} for each in found["violations"]]

    def picture(self, name: str) -> None:
        """Keep a picture of the page, where somebody wants to look."""
        if folder := os.environ.get("FLOORLOG_TEST_PICTURES"):
            self.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(params=["light", "dark"])
def visit(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    reader = MemoryReader()
    reader.add(a_meeting(audience="closed"))
    with a_store("sqlite", tmp_path) as store:
        secret = people.make_first(store, datetime.now(UTC))
        cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        staff = Staff(store, Lifetimes(timedelta(hours=2), timedelta(hours=12)), "http://127.0.0.1:8000", cheap)
        with served(create_app(reader, people=staff, hosts=[])) as address:
            context = browser.new_context(
                viewport={"width": 1000, "height": 800}, color_scheme=request.param, reduced_motion="reduce"
            )
            opened = Visit(context.new_page(), store, address, f"{address}/sign-in?link={secret}")
            opened.page.on("console", lambda message: opened.complaints.append(message.text))
            opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
            yield opened
            context.close()


def test_the_first_administrator_signs_in_and_adds_a_reviewer(visit: Visit) -> None:
    """From the link that set-up prints to a colleague's link, with the keyboard alone."""
    page = visit.page
    page.goto(f"{visit.link}&next=/desk/people")
    assert visit.faults() == []
    page.get_by_role("button", name="Sign in").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    assert visit.faults() == []
    visit.picture("account")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    page.get_by_label("Name", exact=True).fill("Zoë Müller")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="A link for Zoë Müller")).to_be_visible()
    assert visit.faults() == []
    visit.picture("people")
    page.get_by_role("link", name="Audit trail").press("Enter")
    expect(page.get_by_role("cell", name="added somebody")).to_have_count(2)
    assert visit.faults() == []
    visit.picture("audit")
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Meetings")
    assert page.context.cookies() == [] or all(each["name"] != "floorlog-session" for each in page.context.cookies())
    page.goto(f"{visit.address}/desk/people/audit")
    page.get_by_label("Name").fill("administrator")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Check the name and the password")
    assert visit.faults() == []
    visit.picture("sign-in")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{visit.address}/desk/people/audit")
    # The browser notes the refused password, and that it cleared what it had kept when somebody signed out.
    assert [each for each in visit.complaints if "422" not in each and "Cleared data types" not in each] == []


def test_a_hostile_name_is_only_a_name(visit: Visit) -> None:
    """It runs nothing, turns nothing around it, and leaves the page in its width, also on a telephone."""
    now = datetime.now(UTC)
    with stored.writing(visit.store) as rows:
        rows.add(Account("person-00000000000000aa", HOSTILE, "administrator", None, False, now), "hostile")
    by = people.Actor("person-00000000000000aa", HOSTILE)
    secret = people.make_link(visit.store, "person-00000000000000aa", by, now)
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{visit.address}/sign-in?link={secret}&next=/desk/people")
    page.get_by_role("button", name="Sign in").click()
    for path in ("/desk/people", "/desk/people/audit", "/account"):
        page.goto(visit.address + path)
        assert "owned" not in page.title()
        assert page.locator("img").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert visit.faults() == []
        visit.picture(f"hostile{path.replace('/', '-')}")
    assert visit.complaints == []
