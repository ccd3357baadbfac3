"""The workbench for tests in a browser: a store with a small sitting, a server, and pages of several people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
from floorlog.errors import ObjectNotReady
from floorlog.services.bench import Bench
from tests.browser import served
from tests.sitting import BEGAN, a_meeting, a_record, evidence, noise
from tests.small_floor import SMALL_MACHINE, a_store
from workers.web import create_app
from workers.web.app import STATIC
from workers.web.desk import Desk
from workers.web.people import Person, Session
from workers.web.shelf import Shelf

AXE = Path(__file__).parents[1] / "workers/web/desk/bundle/node_modules/axe-core/axe.min.js"
PEOPLE = {
    "Ann": Person("p-ann", "Ann", "approver"),
    "Bob": Person("p-bob", "Bob", "reviewer"),
    "Vic": Person("p-vic", "Vic", "viewer"),
}

expect.set_options(timeout=20_000)

BUILT = pytest.mark.skipif(
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
            fetch=self.fetch,
            look_every_s=0.05,
        )
        port = int(self.address.rsplit(":", 1)[1]) if self.address else 0
        self.address = self.serving.enter_context(served(app, port=port))

    def fetch(self, uri: str) -> bytes:
        """Return an object that was announced."""
        if uri not in self.objects:
            raise ObjectNotReady(uri)
        return self.objects[uri]

    def stop(self) -> None:
        """Serve no more."""
        self.serving.close()

    def put(self, *records: dict[str, Any]) -> None:
        """Store records as the machine's."""
        with self.store.locked(records[0]["meeting_id"]) as tx:
            for record in records:
                tx.add_record(record, "machine", state=record["review"]["state"])
                tx.emit("record.created", record["id"], {"record_id": record["id"], "revision": 1, "reason": None}, 1)

    def hear(self, length_ms: int, channel: str = "floor") -> None:
        """Announce audio of a channel, from the beginning."""
        data, uri = flac.encode(noise(length_ms)), f"mem://{channel}.flac"
        self.objects[uri] = data
        audio = AudioObject(uri, hashlib.sha256(data).hexdigest(), len(data))
        self.store.register(
            Segment("small", channel, 0, Span(0, length_ms), after(BEGAN, 0), "given", 0, audio, "pause", 0.9)
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


@contextmanager
def an_office(browser: Browser, folder: Path, meeting: dict[str, Any] | None = None) -> Iterator[Office]:
    """An office whose store holds a meeting, and nothing of it yet."""
    with a_store("sqlite", folder) as store:
        store.add_meeting(meeting or a_meeting(audience="closed"))
        opened = Office(store, folder, browser)
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
