"""Pages of UN Web TV are read by their marks; what is not there is named, and nothing hostile costs much."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from floorlog.adapters.webtv import asset_page, facts, markup, names, schedule
from floorlog.adapters.webtv.found import ScheduledMeeting
from floorlog.config import Settings
from floorlog.errors import InvalidAnswer, SourceChanged, UnknownSource
from workers import fake_webtv_pages as pages

BASE = "https://webtv.un.org"
URL = f"{BASE}/en/schedule/2026-09-14"
NOW = datetime(2026, 9, 14, 8, 30, tzinfo=UTC)


def row(leaf: str = "k1hrmtg9f4", **more: object) -> pages.Row:
    given: dict[str, object] = {
        "title": "Human Rights Council, 63rd session",
        "category": "Human Rights Council",
        "time": "2026-09-14T08:00:00-04:00",
        "live": False,
        "length": None,
        "entry_id": "1_hrmtg9f4",
    }
    return pages.Row(leaf=leaf, **{**given, **more})  # type: ignore[arg-type]


def read(*rows: pages.Row, live: tuple[pages.Row, ...] = ()) -> tuple[ScheduledMeeting, ...]:
    return schedule.read(URL, pages.schedule("2026-09-14", live, rows), BASE, NOW)


@pytest.mark.parametrize(
    ("what", "asset_id", "entry_id"),
    [
        ("https://webtv.un.org/en/asset/k1h/k1hrmtg9f4", "k1h/k1hrmtg9f4", "1_hrmtg9f4"),
        ("https://webtv.un.org/fr/asset/k1h/k1hrmtg9f4?x=1#top", "k1h/k1hrmtg9f4", "1_hrmtg9f4"),
        ("https://media.un.org/en/asset/k1h/k1hrmtg9f4/", "k1h/k1hrmtg9f4", "1_hrmtg9f4"),
        ("k1hrmtg9f4", "k1h/k1hrmtg9f4", "1_hrmtg9f4"),
        (" k1h/k1hrmtg9f4 ", "k1h/k1hrmtg9f4", "1_hrmtg9f4"),
        ("K1HRMTG9F4", "k1h/k1hrmtg9f4", "1_hrmtg9f4"),
        ("k10dmquj6y", "k10/k10dmquj6y", "1_0dmquj6y"),
        ("1_yuo0w3j6", None, "1_yuo0w3j6"),
        ("Kaltura (1_yuo0w3j6)", None, "1_yuo0w3j6"),
        ("https://example.org/id/1_yuo0w3j6/x", None, "1_yuo0w3j6"),
    ],
)
def test_a_meeting_may_be_named_in_each_form_that_people_have(what: str, asset_id: str | None, entry_id: str) -> None:
    """Operators paste what they find: an address in any language, an id out of a table."""
    assert names.understand(what) == names.Named(asset_id, entry_id)


def test_other_addresses_pass_through() -> None:
    """A stream that is none of UN Web TV's can be captured as well."""
    for address in (
        "https://example.org/live/master.m3u8",
        "https://x.kaltura.com/p/1/playManifest/entryId/1_abcdef/a.m3u8",
    ):
        assert names.understand(address) == names.Named(address=address)


@pytest.mark.parametrize(
    "what", ["", "meeting", "k2hrmtg9f4", "1-yuo0w3j6", "k1", "ftp://x/k1hrmtg9f4x", "../k1hrm/tg"]
)
def test_what_names_no_meeting_is_refused(what: str) -> None:
    """A typing error must not become a request to somebody else's server."""
    with pytest.raises(UnknownSource):
        names.understand(what)


def test_a_row_is_read() -> None:
    """Who adds a meeting from the schedule types nothing of this again."""
    (found,) = read(row(title="Rights & <duties>", length="01:02:03"))
    assert (found.asset_id, found.entry_id) == ("k1h/k1hrmtg9f4", "1_hrmtg9f4")
    assert found.page == "https://webtv.un.org/en/asset/k1h/k1hrmtg9f4"
    assert (found.title, found.category, found.length_s) == ("Rights & <duties>", "Human Rights Council", 3723)
    assert found.note == "As scheduled"


def test_the_digits_of_a_time_are_utc() -> None:
    """The offset that the site writes is false; believing it would start a capture four hours late."""
    assert read(row())[0].start == datetime(2026, 9, 14, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "live", "length", "state"),
    [
        ("2026-09-14T09:00:00-04:00", False, None, "scheduled"),
        ("2026-09-14T08:00:00-04:00", False, None, "live"),
        ("2026-09-14T00:29:00-04:00", False, None, "ended"),
        ("2026-09-14T09:00:00-04:00", True, None, "live"),
        ("2026-09-14T08:00:00-04:00", False, "00:29:59", "ended"),
        ("2026-09-14T08:00:00-04:00", False, "00:30:01", "live"),
    ],
)
def test_a_page_suggests_a_state(time: str, live: bool, length: str | None, state: str) -> None:
    """The badge counts first, then the times; without a length, eight hours are believed."""
    assert read(row(time=time, live=live, length=length))[0].state == state


def test_a_meeting_that_is_live_is_listed_once() -> None:
    """The page repeats it under "Live Now"; two captures of it would be one too many."""
    found = read(row(live=True), row("k1iyessmbe"), live=(row(live=True),))
    assert [each.asset_id for each in found] == ["k1h/k1hrmtg9f4", "k1i/k1iyessmbe"]
    assert found[0].badge_live


def test_a_category_may_be_empty() -> None:
    """Side events have none."""
    assert read(row(category=""))[0].category is None


def test_a_day_without_meetings_is_empty() -> None:
    """A Sunday is no fault of the service."""
    assert read() == ()


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("un3-card-row-video", "card-row", None),
        ("mediaun-timezone", "zone", "mediaun-timezone"),
        ("/asset/", "/video/", "/asset/"),
        ("<h4>", "<h5>", "h4"),
    ],
)
def test_a_mark_that_was_renamed_is_named(old: str, new: str, field: str | None) -> None:
    """When the site is rebuilt, the error must say which line of the facts to change; an empty day would be a lie."""
    page = pages.schedule("2026-09-14", (), (row(),)).replace(old, new).replace("</h4>", new.replace("<", "</"))
    if field is None:
        page = page.replace("mediaun-timezone", "zone").replace("/schedule/", "/calendar/")
    with pytest.raises(SourceChanged) as changed:
        schedule.read(URL, page, BASE, NOW)
    assert (field or "un3-card-row-video") in changed.value.field
    assert URL in str(changed.value)


def test_one_row_that_cannot_be_read_hides_no_other() -> None:
    """One meeting with a strange entry must not keep the others from being logged."""
    found = read(row(time="soon"), row("k1iyessmbe"))
    assert [each.asset_id for each in found] == ["k1i/k1iyessmbe"]


def test_the_page_of_a_meeting_is_read() -> None:
    """Title, summary, categories and documents go with the log."""
    text = pages.asset(
        "A/75/PV.62 – Call to Action", "2026-09-14T08:00:00-04:00", "<p>Hello</p><p>you</p>", "GA", labels=True
    )
    page = asset_page.read(f"{BASE}/en/asset/k1h/k1hrmtg9f4", text, "k1h/k1hrmtg9f4")
    assert (page.title, page.symbol, page.summary) == ("A/75/PV.62 – Call to Action", "A/75/PV.62", "Hello you")
    assert (page.categories, page.subjects) == (("GA",), ("HUMAN RIGHTS",))
    assert page.related == (("Concept note", "https://docs.un.org/en/A/75/1"),)
    assert (page.start, page.entry_id) == (datetime(2026, 9, 14, 8, tzinfo=UTC), "1_hrmtg9f4")


def test_a_live_feed_says_nothing_but_its_title() -> None:
    """Its page has no labels at all, which is no fault."""
    page = asset_page.read(URL, pages.asset("Live feed", "", "", "", labels=False), "k1h/k1hrmtg9f4")
    assert (page.title, page.summary, page.categories, page.start) == ("Live feed", None, (), None)


def test_a_page_without_its_title_is_named() -> None:
    """Something else is served there, or the page was rebuilt."""
    with pytest.raises(SourceChanged, match="title"):
        asset_page.read(URL, "<p>Please sign in</p>", "k1h/k1hrmtg9f4")


@pytest.mark.parametrize(
    ("title", "symbol"),
    [
        ("Security Council, 9000th meeting, S/PV.9000", "S/PV.9000"),
        ("Human Rights Council – A/HRC/57/SR.3", "A/HRC/57/SR.3"),
        ("Adoption of A/RES/75/1 and A/HRC/57/L.1", None),
        ("Meeting of 24/2", None),
    ],
)
def test_only_the_symbol_of_a_record_is_the_meetings(title: str, symbol: str | None) -> None:
    """A draft that a meeting adopts is not the record of that meeting."""
    page = asset_page.read(URL, pages.asset(title, "", "", "", labels=False), "k1h/k1hrmtg9f4")
    assert page.symbol == symbol


def test_a_hostile_title_is_one_line_of_bounded_length() -> None:
    """A title is printed on terminals and pages, and stored with a limit of 500 characters."""
    found = read(row(title="\x1b[2J\u202eevil\n" + "x" * 100_000))[0]
    assert len(found.title) == 500
    assert found.title.startswith("[2J evil x")
    assert found.title.isprintable()


def test_links_that_are_no_web_addresses_are_left_out() -> None:
    """They are shown as links to reviewers."""
    related = '<div class="field__label">Related Sites and Documents</div><div>{}</div>'
    links = '<a href="javascript:x()">a</a><a href="http://[bad">b</a><a href="/doc">c</a><a>d</a>'
    page = asset_page.read(URL, f"<h1>T</h1>{related.format(links)}", "k1h/k1hrmtg9f4")
    assert page.related == (("c", f"{BASE}/doc"), ("d", URL))


HOSTILE = {
    "attributes": "<div " + " ".join(f"a{n}" for n in range(200_000)) + ">",
    "hidden attributes": '<div a=">" ' + " ".join(f"a{n}" for n in range(200_000)) + ">",
    "formatting": "".join(f"<b x={n}>" for n in range(2000)) + "<p>x" * 15_000,
    "nesting": "<div>" * 19_000,
    "quotes": "<a x='\"" * 15_000,
    "comments": "<!--" * 500_000,
    "raw text": "<script></style>" * 100_000,
    "less than": "<" * 300_000,
    "one name": "<div " + "a" * 2_000_000 + ">",
    "spaces": "<div a" + " " * 2_000_000 + ">",
    "zeros": "\0" * 2_000_000,
}


@pytest.mark.parametrize("page", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_page_is_parsed_at_a_cost_that_its_size_bounds(page: str) -> None:
    """A parser that builds trees takes minutes or gigabytes for some of these; the test would not come to its end."""
    markup.parse(URL, page).css(facts.ROW)


def test_a_page_of_too_many_tags_is_refused() -> None:
    """Nesting costs the square of the tags."""
    with pytest.raises(InvalidAnswer, match="tags"):
        markup.parse(URL, "<div>" * (markup.MOST_TAGS + 1))


def test_what_is_reduced_reads_as_it_was() -> None:
    """The text of a page survives what protects its parser."""
    tree = markup.parse(URL, "<h1 CLASS='t'>Caf&eacute; 3 < 4 <b>&amp;</b> <!-- x -->y<script>z</script></h1>")
    heading = tree.css_first("h1.t")
    assert heading is not None
    assert heading.text() == "Café 3 < 4 & y"


def test_the_settings_defaults_are_the_facts() -> None:
    """One file says where the service is."""
    settings = Settings.load(environ={})
    assert (settings.webtv_url, settings.kaltura_url) == (facts.WEBTV_URL, facts.KALTURA_URL)
    assert settings.address_policy().hosts == facts.ORIGIN_HOSTS
