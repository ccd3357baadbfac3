"""Commands that measure: bench."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from floorlog.cli.edge import emit, fail, ready, say


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    benches = typer.Typer(invoke_without_command=True)
    benches.callback()(bench)
    benches.command("capture")(bench_capture)
    benches.command("align")(bench_align)
    benches.command("review")(bench_review)
    benches.command("api")(bench_api)
    app.add_typer(benches, name="bench")


def bench(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    media: Annotated[Path | None, typer.Option(help="Media file; the bundled sample by default.")] = None,
    rounds: Annotated[int, typer.Option(help="Rounds of pipeline beside recogniser; medians are reported.")] = 2,
    live: Annotated[bool, typer.Option(help="Measure latency and memory on the media at real pace.")] = True,
    hours: Annotated[float, typer.Option(help="Length of the long meeting that is heard from transcripts.")] = 8.0,
) -> None:
    """Measure speed, latency and memory, all in one run on this machine; takes about twice as long as the media."""
    import json
    import tempfile

    from floorlog.cli.bench import measure
    from floorlog.services.meetings import SAMPLE

    if context.invoked_subcommand is not None:
        return
    with tempfile.TemporaryDirectory(prefix="floorlog-bench-") as folder:
        settings = ready(
            data_dir=folder,
            database_url="sqlite:///{data}/floorlog.db",
            broker_url="sqlite:///{data}/broker.db",
            objects_url="{data}/objects",
            log_level="error",
        )
        found = measure(settings, media or SAMPLE / "meeting.opus", rounds=rounds, live=live, hours=hours, tell=say)
    if as_json:
        emit(found)
    else:
        print(json.dumps(found, indent=2))


def bench_capture(
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    media: Annotated[Path | None, typer.Option(help="Media file; the bundled sample by default.")] = None,
    channels: Annotated[int, typer.Option(help="How many channels are captured at once.", min=1, max=7)] = 3,
) -> None:
    """Measure how fast several channels are captured at once on one core, and how exact their clock is."""
    import json
    import tempfile

    from floorlog.cli.bench.capture import measure
    from floorlog.services.meetings import SAMPLE

    with tempfile.TemporaryDirectory(prefix="floorlog-bench-") as folder:
        ready(data_dir=folder, log_level="error")
        found = measure(Path(folder), media or SAMPLE / "meeting.opus", channels, tell=say)
    if as_json:
        emit(found)
    else:
        print(json.dumps(found, indent=2))


def bench_align(
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    media: Annotated[Path | None, typer.Option(help="Media file; the bundled sample by default.")] = None,
    rounds: Annotated[int, typer.Option(help="Recordings that are made of it, each cut and encoded anew.")] = 8,
) -> None:
    """Measure how exactly a recording is found on the meeting clock by its sound, and that another one is not."""
    import json

    from floorlog.cli.bench import align
    from floorlog.services.meetings import SAMPLE

    found = align.measure(media or SAMPLE / "meeting.opus", rounds, say)
    if as_json:
        emit(found)
    else:
        print(json.dumps(found, indent=2))


def bench_review(
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    hours: Annotated[float, typer.Option(help="Length of the meeting that is made.")] = 3.0,
    words: Annotated[int, typer.Option(help="How many words it has.")] = 30_000,
    rounds: Annotated[int, typer.Option(help="How often it is opened; medians are reported.")] = 3,
) -> None:
    """Measure the reviewers' workbench in Chromium on a long meeting that is made for it."""
    import json
    import tempfile

    from floorlog.cli.bench.review import measure

    with tempfile.TemporaryDirectory(prefix="floorlog-bench-") as folder:
        ready(data_dir=folder, log_level="error")
        found = measure(Path(folder), hours, words, rounds, say)
    if as_json:
        emit(found)
    else:
        print(json.dumps(found, indent=2))


def bench_api(
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    meetings: Annotated[int, typer.Option(help="How many meetings are made.", min=1)] = 1000,
    interventions: Annotated[int, typer.Option(help="How many interventions they have together.", min=1)] = 200_000,
    seconds: Annotated[float, typer.Option(help="How long each measurement lasts.")] = 60.0,
    rate: Annotated[float, typer.Option(help="Requests a second.")] = 100.0,
    subscribers: Annotated[int, typer.Option(help="How many listen to the stream.")] = 100,
    store: Annotated[str, typer.Option(help="sqlite, postgresql, or both.")] = "both",
    folder: Annotated[Path | None, typer.Option(help="Where the stores are made, a new folder in it.")] = None,
) -> None:
    """Measure the API on one core with many made-up records: lists, records, searches, and the stream."""
    import json
    import signal
    import sys
    import tempfile

    from floorlog.cli.bench import api

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # what was started ends with this, too
    stores = api.STORES if store == "both" else (store,)
    if not set(stores) <= set(api.STORES):
        raise fail("--store is sqlite, postgresql or both", 2)
    with tempfile.TemporaryDirectory(prefix="floorlog-bench-", dir=folder) as made:
        Path(made).chmod(0o755)  # PostgreSQL runs as another user where this one is root
        ready(data_dir=made, log_level="error")
        found = api.measure(
            Path(made),
            meetings=meetings,
            interventions=interventions,
            seconds=seconds,
            per_s=rate,
            subscribers=subscribers,
            stores=stores,
            tell=say,
        )
    if as_json:
        emit(found)
    else:
        print(json.dumps(found, indent=2))
