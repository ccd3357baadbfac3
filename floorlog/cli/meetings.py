"""Commands about meetings: meeting add|list|show, status, reattribute."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from floorlog.cli.edge import emit, fail, ready, say

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Data = Annotated[Path | None, typer.Option(help="Data folder.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    meeting = typer.Typer(help="Add, list and show meetings.", no_args_is_help=True)
    meeting.command("add")(add)
    meeting.command("list")(list_)
    meeting.command("show")(show)
    app.add_typer(meeting, name="meeting")
    app.command()(status)
    app.command()(reattribute)


def add(
    file: Annotated[
        Path | None, typer.Argument(help="A TOML file that describes the meeting.", exists=True, dir_okay=False)
    ] = None,
    example: Annotated[str | None, typer.Option(help="A bundled meeting file instead, such as `reference`.")] = None,
    data: Data = None,
) -> None:
    """Add a meeting, or change what is said about it."""
    from floorlog.services import engines, meetings, on_air

    if (file is None) == (example is None):
        raise fail("give a meeting file, or --example and its name", 2)
    ready(data_dir=data)
    document = meetings.read_file(file if file is not None else meetings.example(str(example)))
    store = engines.store()
    store.migrate()
    store.add_meeting(on_air.with_times(store, document))
    say(f"added {document['id']}: {document['title']}")


def list_(data: Data = None, as_json: Json = False) -> None:
    """List the meetings with their state, newest first."""
    from rich.table import Table

    from floorlog.services import status as reading

    ready(data_dir=data)
    rows = reading.meetings()
    if as_json:
        emit(rows)
        return
    table = Table("meeting", "date", "state", "records", "title", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row["id"], row["date"], row["state"], str(row["records"]), row["title"])
    _show(table)


def show(meeting_id: Annotated[str, typer.Argument(help="The meeting.")], data: Data = None) -> None:
    """Show what is known about one meeting, as JSON."""
    from floorlog.services import engines

    ready(data_dir=data)
    emit(engines.store().meeting(meeting_id).document)


def status(
    meeting_id: Annotated[str | None, typer.Argument(help="One meeting; all by default.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show the backlog, the lag behind the live edge, the last segment and the dead letters."""
    from dataclasses import asdict

    from rich.table import Table

    from floorlog.services import engines
    from floorlog.services import status as reading
    from workers.standings import standings

    settings = ready(data_dir=data)
    engines.store().migrate()
    now = reading.of_everything(settings.subscription, meeting_id)
    if meeting_id is not None:
        now["meetings"][0]["captures"] = [asdict(each) for each in standings(settings.data_dir, meeting_id)]
    if as_json:
        emit(now)
        return
    if now["listening"]:
        waits = "not told by this broker" if now["backlog"] is None else f"{now['backlog']} messages"
    else:
        waits = "no pipeline has begun to listen yet (`floorlog run`)"
    say(f"backlog: {waits}; dead letters: {now['dead_letters']} open")
    table = Table(box=None, pad_edge=False)
    table.add_column("meeting", no_wrap=True)
    for heading in ("state", "announced", "transcribed", "heard", "lag", "last", "dead"):
        table.add_column(heading, no_wrap=True, justify="left" if heading == "state" else "right")
    for row in now["meetings"]:
        table.add_row(
            row["id"],
            row["state"],
            _clock(row["announced_ms"]),
            _clock(row["transcribed_ms"]),
            _clock(row["heard_ms"]),
            f"{row['lag_ms'] / 1000:.1f} s",
            _ago(row["last_announced_at"]),
            str(row["dead_letters"]),
        )
    _show(table)
    if meeting_id is not None:
        _show_ledger(now["meetings"][0])


def _show_ledger(row: dict[str, Any]) -> None:
    """Print where every second of each channel went, and what is to be looked at."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("channel", "clock", "words", "speech without words", "no speech", "gap", "not heard yet"):
        table.add_column(heading, no_wrap=True, justify="left" if heading == "channel" else "right")
    for channel in row["coverage"]:
        table.add_row(channel["channel"], _clock(channel["until_ms"]), *map(_clock, channel["totals_ms"].values()))
    _show(table)
    for capture in row["captures"]:
        same = f", {capture['identical']} media segments as on another channel" if capture["identical"] else ""
        at = _clock(capture["announced_ms"])
        say(f"capture of {capture['channel']} on this machine: {capture['state']} at {at}{same}")
    for channel, causes in row["gap_ms"].items():
        say(f"missing of {channel}: " + ", ".join(f"{ms / 1000:.1f} s {cause}" for cause, ms in causes.items()))
    say(f"to look at: {len(row['review_items'])}")
    for item in row["review_items"]:
        span = item["span"]
        say(f"  {_clock(span['start_ms'])}-{_clock(span['end_ms'])} {item['channel']}: {item['reason']}")


def reattribute(meeting_id: Annotated[str, typer.Argument(help="The meeting.")], data: Data = None) -> None:
    """Decide again who had the floor, from the transcripts that are stored.

    For a changed roster, programme or list of speakers, or another version of the rules. What a person touched or what
    was published does not change by itself: the new revision waits for review.
    """
    from floorlog.services import engines
    from floorlog.services.advance import BATCH_EVENTS
    from floorlog.services.derive import derive_again
    from floorlog.services.hear import MACHINE

    ready(data_dir=data)
    changed = derive_again(engines.store(), meeting_id, MACHINE, BATCH_EVENTS, whole=True)
    say(f"{meeting_id}: {len(changed)} records changed")


def _clock(ms: int | None) -> str:
    if ms is None:
        return ""
    return f"{ms // 3_600_000}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}"


def _ago(moment: str | None) -> str:
    """Return how long ago a moment was, as people say it."""
    from datetime import UTC, datetime

    from floorlog.clock import parse_rfc3339

    if moment is None:
        return "never"
    seconds = max(0, round((datetime.now(UTC) - parse_rfc3339(moment)).total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def _show(table: object) -> None:
    from rich.console import Console

    Console().print(table)
