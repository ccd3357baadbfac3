"""The page of one meeting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from floorlog.adapters.webtv import facts, markup
from floorlog.adapters.webtv.found import PageMetadata
from floorlog.adapters.webtv.names import entry_of
from floorlog.adapters.webtv.schedule import moment
from floorlog.errors import SourceChanged


def read(url: str, text: str, asset_id: str) -> PageMetadata:
    """Return what the page of a meeting says.

    Args:
        url: where the page was read; relative links are relative to it.
        text: the page.
        asset_id: whose page it is.

    Raises:
        InvalidAnswer: the page is no page.
        SourceChanged: it has no title.
    """
    tree = markup.parse(url, text)
    heading = tree.css_first(facts.PAGE_TITLE)
    title = markup.plain(heading.text(), 500) if heading else ""
    if not title:
        raise SourceChanged(url, f"title ({facts.PAGE_TITLE})")
    fields: dict[str, list[Any]] = {}
    for label in tree.css(facts.LABEL):
        name = markup.plain(label.text(), 100).rstrip(":").strip().lower()
        fields.setdefault(name, []).extend(_beside(label))
    summaries = (each for name in facts.SUMMARY_LABELS for each in fields.get(name, ()))
    summary = next((text for each in summaries if (text := markup.plain(each.text(separator=" "), 4000))), None)
    time = tree.css_first(facts.TIME)
    symbol = facts.SYMBOL.search(title)
    return PageMetadata(
        asset_id=asset_id,
        entry_id=entry_of(asset_id.partition("/")[2]),
        page=url,
        title=title,
        symbol=symbol[0].rstrip(".")[:64] if symbol else None,
        start=moment(time.text()) if time else None,
        summary=summary,
        categories=tuple(_items(fields.get(facts.CATEGORIES_LABEL, ()))),
        subjects=tuple(item for name in facts.SUBJECT_LABELS for item in _items(fields.get(name, ()))),
        related=tuple(dict.fromkeys(_links(url, fields.get(facts.RELATED_LABEL, ())))),
    )


def _beside(label: Any) -> Iterator[Any]:
    """Yield the elements that follow a label, up to the next label."""
    node = label.next
    while node is not None and not node.css_matches(facts.LABEL):
        if node.tag != "-text":
            yield node
        node = node.next


def _items(nodes: Any) -> Iterator[str]:
    for node in nodes:
        for item in node.css(facts.TITLE) or [node]:
            if text := markup.plain(item.text(separator=" "), 200):
                yield text


def _links(url: str, nodes: Any) -> Iterator[tuple[str, str]]:
    for node in nodes:
        for link in node.css("x-a"):
            try:
                target = urljoin(url, (link.attributes.get("href") or "").strip())
                safe = urlsplit(target).scheme in ("http", "https")
            except ValueError:
                continue
            if safe and len(target) <= 2000:
                yield markup.plain(link.text(separator=" "), 300) or target, target
