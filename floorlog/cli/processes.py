"""Commands that run processes: up, capture, run, review, api, origin."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from floorlog.cli.edge import emit, fail, progress, ready, say
from floorlog.clock import parse_rfc3339


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(up)
    app.command()(capture)
    app.command()(run)
    app.command()(review)
    app.command()(api)
    app.command()(origin)


def up(
    sample: Annotated[
        bool, typer.Option("--sample", help="Play the bundled SYNTHETIC meeting as a live stream.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="End when the sample is settled; print one JSON object.")
    ] = False,
    pace: Annotated[float, typer.Option(help="How many times faster than real time the sample is streamed.")] = 4.0,
    data: Annotated[Path | None, typer.Option(help="Data folder.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of the pages.")] = None,
) -> None:
    """Run everything on this machine under one supervisor that restarts what dies.

    Without --sample: the pipeline and the pages; start `floorlog capture` for each meeting beside it.
    """
    from workers import everything
    from workers.supervise import stop_on_signals

    if once and not sample:
        raise fail("--once needs --sample", 2)
    settings = ready(data_dir=data, port=port)
    stop = stop_on_signals()
    if not sample:
        everything.keep_up(settings, stop)
        return
    summary = everything.play_sample(settings, stop, pace=pace, once=once)
    if once:
        if summary is None:
            raise fail("stopped before the sample was settled")
        emit(summary)


def capture(
    meeting_id: Annotated[str, typer.Argument(help="A meeting that was added.")],
    url: Annotated[str, typer.Argument(help="An HLS playlist, or a media file.")],
    channel: Annotated[str, typer.Option(help="Name of the channel; --channels takes several.")] = "floor",
    channels: Annotated[
        str | None, typer.Option(help="Names of channels, with commas between: all at once, on one clock.")
    ] = None,
    start: Annotated[str, typer.Option(help="Where in the stream's window to begin: oldest or newest.")] = "oldest",
    data: Annotated[Path | None, typer.Option(help="Data folder.")] = None,
) -> None:
    """Follow a live stream and announce its audio, segment by segment.

    Ends when the stream ends. Safe to stop and start again: it goes on where it stopped, and a segment that was
    announced twice counts once.
    """
    from floorlog.services import engines, on_air
    from workers import capture as worker
    from workers.supervise import stop_on_signals

    settings = ready(data_dir=data)
    meeting = engines.store().meeting(meeting_id).document
    stop = stop_on_signals()
    names = [name.strip() for name in channels.split(",") if name.strip()] if channels is not None else [channel]
    with progress(f"{meeting_id} {', '.join(names)}, seconds") as show:
        summaries = worker.run(
            settings,
            meeting,
            url,
            names,
            start=start,
            stop=stop,
            progress=lambda audio_ms: show(audio_ms / 1000, None),
        )
    heard = [each for each in summaries.values() if each.began is not None and each.until is not None]
    if heard and not Path(url).is_file() and all(each.ended for each in heard):
        on_air.write_times(
            engines.store(),
            meeting_id,
            min(each.began for each in heard if each.began),
            max(each.until for each in heard if each.until),
        )
    for name, summary in summaries.items():
        said = f"{meeting_id} {name}: {summary.segments} segments, {summary.gaps} gaps, {summary.audio_ms / 1000:.1f} s"
        say(said + (f", {summary.identical} media segments as on another channel" if summary.identical else ""))


def run(
    data: Annotated[Path | None, typer.Option(help="Data folder.")] = None,
    model: Annotated[str | None, typer.Option(help="Recogniser: base-offline, a name on the hub, or a path.")] = None,
    announcements: Annotated[
        Path | None, typer.Option(help="Run over a file of announcements (one JSON document a line), then end.")
    ] = None,
    dataflow: Annotated[
        bool, typer.Option("--dataflow", help="Submit the streaming graph to Dataflow; other options go to Beam.")
    ] = False,
    beam: Annotated[list[str] | None, typer.Option(help="An option for Beam, such as --project=…; repeatable.")] = None,
) -> None:
    """Run the pipeline: transcribe what is announced, and keep the log of the floor."""
    from floorlog.services import engines
    from workers.supervise import stop_on_signals

    settings = ready(data_dir=data, model=model)
    if dataflow:
        from pipelines import dataflow as cloud

        cloud.submit(settings, beam or [])
        return
    engines.store().migrate()
    if announcements is not None:
        from pipelines import batch

        with progress("announcements") as show:
            batch.run(settings, announcements, show)
        return
    from pipelines import drive

    drive.work(settings, stop_on_signals())


def review(
    data: Annotated[Path | None, typer.Option(help="Data folder.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to serve on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on.")] = None,
) -> None:
    """Serve the pages: the list of meetings, and each meeting as it grows."""
    from workers.supervise import end_with_parent
    from workers.web import serve

    settings = ready(data_dir=data, host=host, port=port)
    end_with_parent()
    say(f"pages at http://{settings.host}:{settings.port}/")
    serve(settings)


def api(
    data: Annotated[Path | None, typer.Option(help="Data folder.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to serve on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on.")] = None,
) -> None:
    """Serve only what is published: the API, its streams, permanent addresses and the dashboard. Several may run."""
    from workers.supervise import end_with_parent
    from workers.web.serving import serve_api

    settings = ready(data_dir=data, host=host, port=port)
    end_with_parent()
    say(f"API at http://{settings.host}:{settings.port}/v1/")
    serve_api(settings)


def origin(
    media: Annotated[Path, typer.Argument(help="A media file.", exists=True, dir_okay=False)],
    port: Annotated[int, typer.Option(help="Port of the origin; on loopback only.")] = 8001,
    pace: Annotated[float, typer.Option(help="How many times faster than real time.")] = 1.0,
    start_at: Annotated[
        str | None, typer.Option(help="Program date-time of the first sample, RFC 3339; now by default.")
    ] = None,
    keep_all: Annotated[bool, typer.Option("--keep-all", help="Keep everything that was ever served.")] = False,
    data: Annotated[Path | None, typer.Option(help="Data folder; keeps the moment at which the stream began.")] = None,
) -> None:
    """Serve a media file as a live HLS stream, for trying and for testing."""
    from workers import origin as worker
    from workers.supervise import end_with_parent

    settings = ready(data_dir=data)
    end_with_parent()
    folder = settings.data_dir / "origin"
    worker.run(
        media,
        start_at=parse_rfc3339(start_at) if start_at else datetime.now(UTC),
        cache=folder,
        port=port,
        pace=pace,
        keep_all=keep_all,
        state=folder / f"{media.stem}-{port}.json",
    )
