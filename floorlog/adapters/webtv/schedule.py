"""The schedule of a day, read from its page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from floorlog.adapters.webtv import facts, markup
from floorlog.adapters.webtv.found import ScheduledMeeting, State
from floorlog.adapters.webtv.names import asset_of, entry_of
from floorlog.errors import SourceChanged

log = structlog.get_logger()

_LENGTH = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)")


def read(url: str, text: str, base: str, now: datetime) -> tuple[ScheduledMeeting, ...]:
    """Return the meetings of a schedule, in its order, each once.

    Args:
        url: where the page was read.
        text: the page.
        base: address of the service, for the addresses of pages.
        now: decides, with the page, which state a meeting is in.

    Raises:
        InvalidAnswer: the page is no page.
        SourceChanged: it has none of the marks of a schedule, or no row of it can be read.
    """
    if not any(mark in text for mark in facts.SCHEDULE_MARKS):
        raise SourceChanged(url, f"schedule ({facts.ROW})")
    found: dict[str, ScheduledMeeting] = {}
    unread: list[str] = []
    time: str | None = None
    for node in markup.parse(url, text).css(f"{facts.TIME}, {facts.ROW}"):
        if facts.TIME_ATTRIBUTE in node.attributes and not _is_row(node):
            time = node.text()
            continue
        if not _is_row(node):
            continue
        own = node.css_first(facts.TIME)
        meeting = _row(node, own.text() if own else time, base, now)
        if isinstance(meeting, str):
            unread.append(meeting)
        elif meeting.asset_id not in found or meeting.badge_live:
            found[meeting.asset_id] = meeting
    if unread and not found:
        raise SourceChanged(url, unread[0])
    if unread:
        log.warning("schedule.rows-unread", url=url, rows=len(unread), missing=sorted(set(unread)))
    return tuple(found.values())


def moment(text: str | None) -> datetime | None:
    """Return the moment that the service writes, whose digits are UTC whatever offset follows; None if it is none."""
    try:
        return datetime.fromisoformat((text or "").strip()[: facts.TIME_DIGITS]).replace(tzinfo=UTC)
    except ValueError:
        return None


def state_by_page(badge_live: bool, start: datetime, length_s: int | None, now: datetime) -> State:
    """Return the state that a page suggests (transcripts.un.org): the badge first, then the times."""
    if badge_live:
        return "live"
    if now < start:
        return "scheduled"
    if length_s is None:
        return "live" if now < start + timedelta(seconds=facts.UNKNOWN_LENGTH_S) else "ended"
    return "live" if now < start + timedelta(seconds=length_s) else "ended"


def _is_row(node: Any) -> bool:
    return facts.ROW.partition(".")[2] in (node.attributes.get("class") or "").split()


def _row(node: Any, time: str | None, base: str, now: datetime) -> ScheduledMeeting | str:
    """Return the meeting of a row, or what it lacks."""
    links = (
        (link, facts.IN_ASSET_PATH.search(link.attributes.get("href") or "")) for link in node.css(facts.ASSET_LINK)
    )
    link, leaf = next(((link, found[1].lower()) for link, found in links if found), (None, ""))
    if link is None:
        return f"link to a page ({facts.ASSET_LINK.replace('x-a', 'a')}, /asset/…)"
    title_node = link.css_first(facts.TITLE) or link
    title = markup.plain(title_node.text(), 500)
    if not title:
        return f"title ({facts.TITLE})"
    start = moment(time)
    if start is None:
        return f"time ({facts.TIME})"
    category = node.css_first(facts.CATEGORY)
    badge = node.css_first(facts.LENGTH_BADGE)
    length = _LENGTH.fullmatch(badge.text().strip()) if badge else None
    length_s = int(length[1]) * 3600 + int(length[2]) * 60 + int(length[3]) if length else None
    badge_live = any(each.text().strip().lower().startswith(facts.LIVE_TEXT) for each in node.css(facts.LIVE_BADGE))
    asset_id = asset_of(leaf)
    return ScheduledMeeting(
        asset_id=asset_id,
        entry_id=entry_of(leaf),
        page=page_address(base, asset_id),
        title=title,
        category=(markup.plain(category.text(), 200) or None) if category else None,
        start=start,
        length_s=length_s,
        badge_live=badge_live,
        note=_note(node),
        state=state_by_page(badge_live, start, length_s, now),
    )


def _note(node: Any) -> str | None:
    """Return the free text of a row's last column."""
    columns = [each for each in node.iter() if each.tag == "div"]
    if not columns or columns[-1].css_first(facts.ASSET_LINK) is not None:
        return None
    return markup.plain(columns[-1].text(separator=" "), 500) or None


def page_address(base: str, asset_id: str) -> str:
    """Return the address of a meeting's page."""
    folder, _, leaf = asset_id.partition("/")
    return base.rstrip("/") + facts.ASSET_PATH.format(folder=folder, leaf=leaf)
