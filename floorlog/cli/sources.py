"""Commands about UN Web TV: resolve, discover, watch."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from floorlog.cli.edge import emit, fail, ready, say
from floorlog.clock import rfc3339

if TYPE_CHECKING:
    from floorlog.adapters.webtv import ScheduledMeeting

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Data = Annotated[Path | None, typer.Option(help="Data folder.")]
Channels = Annotated[str, typer.Option(help="Names of channels, separated by commas: floor, en, fr, es, ar, zh, ru.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(resolve)
    app.command()(discover)
    app.command()(watch)


def resolve(
    what: Annotated[str, typer.Argument(help="Page address, asset id, entry id, or address of a stream.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say where a meeting's audio is: its state, entry, stream and channels."""
    from workers.webtv_source import open_webtv

    with open_webtv(ready(data_dir=data)) as webtv:
        found = webtv.resolve(what)
    if as_json:
        emit(_plain(asdict(found)))
        return
    if found.page:
        print(f"title     {found.page.title}")
    print(f"state     {found.state}")
    for name, value in (("asset", found.asset_id), ("entry", found.entry_id), ("leads to", found.canonical_entry_id)):
        if value:
            print(f"{name:<9} {value}")
    if found.stream_url:
        print(f"stream    {found.stream_url}")
    if found.expires:
        print(f"expires   {rfc3339(found.expires)}")
    print(f"channels  {' '.join(each.name for each in found.channels) or 'not known'}")
    for name, url in found.recording_urls:
        print(f"recording {name} {url}")


def discover(
    day: Annotated[str, typer.Argument(metavar="DATE", help="A day, as 2026-09-14, or today.")],
    data: Data = None,
    as_json: Json = False,
    add: Annotated[bool, typer.Option("--add", help="Add these meetings, once.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this page, asset id or entry id; repeatable.")] = None,
    channels: Channels = "floor",
) -> None:
    """List the meetings of a day on UN Web TV, with their state; add them as meetings."""
    from floorlog.adapters.webtv import names
    from floorlog.services import discover as service
    from floorlog.services import engines
    from workers.webtv_source import open_webtv

    settings, chosen = ready(data_dir=data), _day(day)
    wanted = {names.understand(each).entry_id for each in only or ()}
    with open_webtv(settings) as webtv:
        found = [each for each in webtv.schedule(chosen) if not wanted or each.entry_id in wanted]
        if add:
            store, tracks = engines.store(), _channels(channels)
            store.migrate()
            for each in found:
                before = service.already_added(store, each)
                page = None if before else _page(webtv, each)
                document = service.meeting_document(each, page, chosen, tracks)
                if service.add(store, document, before):
                    say(f"added {document['id']}: {document['title']}")
    if as_json:
        emit([_plain(asdict(each)) | {"meeting_id": service.meeting_id(each.asset_id)} for each in found])
        return
    _show(found)


def watch(
    day: Annotated[str | None, typer.Argument(metavar="DATE", help="Meetings of this day, or today; all days.")] = None,
    meeting: Annotated[list[str] | None, typer.Option(help="Only this meeting; repeatable.")] = None,
    channels: Channels = "floor",
    every: Annotated[float, typer.Option(help="Seconds between two looks at what is live.")] = 10.0,
    backfill: Annotated[
        bool, typer.Option("--backfill/--no-backfill", help="Fill what is missing when the recording appears.")
    ] = True,
    recording_every: Annotated[float, typer.Option(help="Seconds between two looks for a recording.")] = 300.0,
    data: Data = None,
) -> None:
    """Capture each added meeting of UN Web TV when it goes live, until it has ended; then fill its gaps.

    Runs until it is stopped. Safe to stop, kill and start again: captures go on where they stopped.
    """
    from floorlog.services import engines
    from workers.supervise import stop_on_signals
    from workers.watch import Watch
    from workers.webtv_source import open_webtv

    settings = ready(data_dir=data)
    chosen = _day(day) if day else None
    if not settings.contact:
        say("FLOORLOG_CONTACT is not set: whoever runs UN Web TV cannot reach you if this asks too much")
    store, stop = engines.store(), stop_on_signals()
    store.migrate()
    with open_webtv(settings) as webtv:
        watching = Watch(
            settings,
            store,
            webtv,
            day=chosen,
            meeting_ids=meeting or (),
            channels=_channels(channels),
            backfill=backfill,
            recording_every_s=recording_every,
        )
        watching.run(stop, every)


def _page(webtv: Any, found: ScheduledMeeting) -> Any:
    """Return what the page of a meeting says, or None: the schedule alone is enough to add it."""
    from floorlog.errors import FloorlogError

    try:
        return webtv.page(found.asset_id)
    except FloorlogError as error:
        say(f"{found.asset_id}: {error}")
        return None


def _day(text: str) -> date:
    if text == "today":
        return datetime.now().astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise fail(f"{text!r} is no day; expected for example 2026-09-14, or today", 2) from None


def _channels(text: str) -> list[str]:
    from floorlog.adapters.webtv.facts import CHANNEL_ORDER

    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in CHANNEL_ORDER]
    if unknown or not names:
        raise fail(f"unknown channels {', '.join(unknown)!r}; known: {', '.join(CHANNEL_ORDER)}", 2)
    return names


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case datetime():
            return rfc3339(value)
        case _:
            return value


def _show(found: list[ScheduledMeeting]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("start (UTC)", "state", "asset", "body", "title", box=None, pad_edge=False)
    for each in found:
        start = each.start.strftime("%H:%M")
        table.add_row(start, each.state, each.asset_id, escape(each.category or ""), escape(each.title))
    Console().print(table)
