"""Commands about recordings: ingest, backfill."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from floorlog.cli.edge import emit, fail, progress, ready, say

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")]
Data = Annotated[Path | None, typer.Option(help="Data folder.")]
WHAT = "A media file, the http or https address of one, or a page, an asset id or an entry id of UN Web TV."

POLL_S = 300.0
"""How often a recording is asked for: UN Web TV makes one ready within an hour as a rule, and nobody is in a hurry."""

LOOK_S = 5.0
"""How often it is seen whether capture has ended and was heard: that costs nobody else anything."""

PATIENCE_S = 48 * 3600.0
"""How long a recording may take; later it does not come any more, as those who follow UN Web TV found."""

ROUNDS = 20
"""Runs over what failed for now; by then every retryable fault is a dead letter."""


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(ingest)
    app.command()(backfill)


def ingest(
    recording: Annotated[str, typer.Argument(help=WHAT)],
    meeting: Annotated[
        Path | None, typer.Option(help="A TOML file that describes the meeting.", exists=True, dir_okay=False)
    ] = None,
    id_: Annotated[str | None, typer.Option("--id", help="Id of the meeting.")] = None,
    title: Annotated[str | None, typer.Option(help="Title of a meeting that was not added.")] = None,
    date: Annotated[str | None, typer.Option(help="Date of a meeting that was not added, YYYY-MM-DD.")] = None,
    channels: Annotated[
        str | None, typer.Option(help="Names of channels, separated by commas; all of the recording by default.")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Log a past meeting from its recording, as fast as this machine can.

    Safe to stop and start again: it goes on where it stopped, and a meeting that is logged already stays as it is.
    """
    from datetime import UTC, datetime

    from floorlog.services import engines, intake, meetings, recognisers, status
    from pipelines import batch
    from pipelines.drive import plan_of
    from workers.backfill import obtaining, whole

    settings = ready(data_dir=data)
    store = engines.store()
    store.migrate()
    described = meetings.read_file(meeting) if meeting is not None else None
    recorded = obtaining.obtain(settings, recording, _names(channels))
    document = whole.meeting_of(
        store,
        recording,
        [each.channel for each in recorded],
        described=described,
        meeting_id=id_,
        title=title,
        day=date,
        today=datetime.now(UTC).date(),
    )
    folder = whole.claim(settings, store, document, recorded, may=meeting is not None or id_ is not None)
    with progress(f"{document['id']}: cutting, seconds") as show:
        file = whole.announce(settings, document, recorded, folder, lambda audio_ms: show(audio_ms / 1000, None))
    recogniser = plan_of(settings).recogniser
    recognisers.recogniser(recogniser)
    with progress(f"{document['id']}: announcements") as show:
        for _ in range(ROUNDS):
            batch.run(settings, file, show)
            if all(intake.kept(store, payload, recogniser) for payload in batch.read(file)):
                break
    if not status.of_meeting(store, document["id"]).settled:
        raise fail(f"{document['id']} is not settled; see `floorlog dead-letters list`, or run it again")
    summary = status.summary(store, document["id"])
    if as_json:
        emit(summary)
    else:
        say(
            f"{document['id']}: {summary['audio_s']:.1f} s, {summary['interventions']} interventions, "
            f"{summary['attributed']} attributed, {summary['dead_letters']} dead letters"
        )


def backfill(
    meeting_id: Annotated[str, typer.Argument(help="A meeting that was captured.")],
    recording: Annotated[str, typer.Argument(help=WHAT)],
    channel: Annotated[str, typer.Option(help="Name of the channel; --channels takes several.")] = "floor",
    channels: Annotated[str | None, typer.Option(help="Names of channels, with commas between.")] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end of capture and for the recording, for 48 hours at most.")
    ] = False,
    every: Annotated[float, typer.Option(help="Seconds between two looks, with --wait.")] = POLL_S,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Fill the gaps of a captured meeting from its recording.

    The recording is found on the meeting's clock by its sound; where that is not certain, the gap stays. What is found
    is announced to the topic of recordings, and a running pipeline puts it in its place. What a person touched or what
    was published does not change by itself. Running it again changes nothing.
    """
    from floorlog.errors import PermanentError
    from floorlog.services import engines
    from workers import backfill as worker
    from workers.supervise import stop_on_signals

    settings = ready(data_dir=data)
    store = engines.store()
    store.migrate()
    store.meeting(meeting_id)
    names, patience_s, stop = _names(channels) or (channel,), PATIENCE_S if wait else 0.0, stop_on_signals()
    if wait:
        worker.wait_for_capture(
            settings, store, meeting_id, names, patience_s=patience_s, poll_s=min(every, LOOK_S), stop=stop
        )
    failed = 0
    for name in names:
        try:
            recorded = worker.wait_for(settings, recording, name, patience_s=patience_s, poll_s=every, stop=stop)
            summary = worker.backfill(settings, store, meeting_id, recorded, progress=say)
        except PermanentError as error:  # of one channel; the others may well have their recording
            if (failed := failed + 1) == len(names):
                raise
            say(f"{meeting_id} {name}: {error}")
            continue
        if as_json:
            emit(summary.encode())
            continue
        say(f"{meeting_id} {name}: {summary.aligned} of {summary.parts} parts found, {summary.segments} segments sent")
        for hole in summary.holes:
            where = f"{hole.span.start_ms / 1000:.1f}–{hole.span.end_ms / 1000:.1f} s"
            say(f"  {where}: {hole.outcome}, {hole.audio_ms / 1000:.1f} s of audio")


def _names(channels: str | None) -> tuple[str, ...] | None:
    """Return the names of channels in a list with commas."""
    return tuple(each.strip() for each in channels.split(",") if each.strip()) if channels else None
