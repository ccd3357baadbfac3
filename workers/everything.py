"""Everything on one machine: which parts there are, and the sample meeting played through all of them."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from floorlog.config import Settings
from floorlog.errors import InvalidSetting
from floorlog.services import engines, intake, meetings, people, status
from workers.supervise import Part, Supervisor

log = structlog.get_logger()

PAGES = Part("review", ("review",))
PIPELINE = Part("pipeline", ("run",))
RELAY = Part("relay", ("relay",))

STUCK_S = 600.0
"""Seconds without any progress after which `--once` gives up: ten times what the slowest machine seen needed."""


PORT_S = 30.0
"""Seconds that the port of the pages may still be taken: by those of a supervisor that was killed, which then end."""


def prepare(settings: Settings, stop: threading.Event) -> None:
    """Wait for the port; create the store's tables, the topics and the subscriptions, which may all be there.

    Raises:
        InvalidSetting: another program has the port.
    """
    deadline = time.monotonic() + PORT_S
    while not port_is_free(settings.host, settings.port) and not stop.wait(0.2):
        if time.monotonic() > deadline:
            raise InvalidSetting("port", str(settings.port), "another program listens there; choose one with --port")
    engines.store().migrate()
    intake.prepare(engines.broker(), settings)


def keep_up(settings: Settings, stop: threading.Event) -> None:
    """Run the pipeline, the pages and the relay until told to stop."""
    prepare(settings, stop)
    _welcome(settings)
    Supervisor((PIPELINE, PAGES, RELAY), settings.environment()).run(stop)


def play_sample(settings: Settings, stop: threading.Event, *, pace: float, once: bool) -> dict[str, Any] | None:
    """Play the bundled synthetic meeting, live, from a local origin to the pages.

    Args:
        settings: of this process; its data folder may hold a run that was cut off, which then goes on.
        stop: ends everything.
        pace: how many times faster than real time the origin lists media.
        once: return the summary as soon as everything is settled, else keep the pages up.

    Returns:
        The summary of the settled meeting, or None when stopped before.
    """
    began = time.monotonic()
    prepare(settings, stop)
    if not once:
        _welcome(settings)
    store = engines.store()
    meeting = meetings.read_file(meetings.SAMPLE / "meeting.toml")
    store.add_meeting(meeting)
    port = _kept_port(settings.data_dir / "origin-port.json")
    parts = (
        PAGES,
        Part(
            "origin",
            (
                "origin",
                str(meetings.SAMPLE / "meeting.opus"),
                f"--port={port}",
                f"--pace={pace}",
                f"--start-at={meeting['scheduled_start']}",
                "--keep-all",  # whoever stops the sample and starts it again wants all of it, not an honest gap
            ),
        ),
        PIPELINE,
        RELAY,
        Part("capture", ("capture", meeting["id"], f"http://127.0.0.1:{port}/master.m3u8"), finishes=True),
    )
    # On a terminal the progress bar has the screen to itself.
    logs = settings.data_dir / "logs" if sys.stderr.isatty() else None
    supervisor = Supervisor(parts, settings.environment(), logs)
    watcher = threading.Thread(target=supervisor.run, args=(stop,), name="supervisor")
    watcher.start()
    try:
        settled = _watch(settings, meeting, stop, once=once)
    finally:
        if once:
            stop.set()
        watcher.join()
    if not settled:
        return None
    return {**status.summary(store, meeting["id"]), "wall_s": round(time.monotonic() - began, 1)}


def _welcome(settings: Settings) -> None:
    """Make the first administrator where there is none, and print their sign-in link: this once, and nowhere else."""
    secret = people.make_first(engines.store(), datetime.now(UTC))
    if secret is not None:
        # Not through rich, which would fold the address.
        print(
            f"Sign in as {people.FIRST}, once and within 30 minutes: {people.address_of(settings.base_url(), secret)}",
            file=sys.stderr,
            flush=True,
        )


def _watch(settings: Settings, meeting: dict[str, Any], stop: threading.Event, *, once: bool) -> bool:
    """Show progress until the meeting is settled; return whether it is."""
    store = engines.store()
    console = Console(stderr=True)
    console.print(f"[bold]{meeting['title']}[/bold]\nA synthetic sample: no State said any of it.")
    if sys.stderr.isatty():
        console.print(f"Logs: {settings.data_dir / 'logs'}")
    console.print(f"Pages: http://{settings.host}:{settings.port}/meetings/{meeting['id']}   (Ctrl-C ends)")
    last, changed_at = None, time.monotonic()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        console=console,
    ) as progress:
        task = progress.add_task("heard", total=None, note="")
        while not stop.is_set():
            now = status.of_meeting(store, meeting["id"])
            progress.update(
                task,
                completed=now.heard_ms,
                total=max(now.announced_ms, 1),
                note=f"{now.heard_ms / 1000:.0f} of {now.announced_ms / 1000:.0f} s announced, "
                f"{now.interventions} interventions, {now.dead_letters} dead letters",
            )
            if now.settled:
                progress.stop()
                console.print("The log is complete." if once else "The log is complete; the pages stay up.")
                if not once:
                    stop.wait()
                return True
            if now != last:
                last, changed_at = now, time.monotonic()
            elif once and time.monotonic() - changed_at > STUCK_S:
                console.print(f"[red]Nothing has moved for {STUCK_S:.0f} s.[/red]")
                return False
            stop.wait(0.5)
    return False


def port_is_free(host: str, port: int) -> bool:
    """Return whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _kept_port(path: Path) -> int:
    """Return the port of the sample's origin: a free one the first time, the same one ever after.

    A capture that goes on after a crash follows the address that it began with.
    """
    if path.exists():
        return int(json.loads(path.read_text())["port"])
    port = free_port()
    path.write_text(json.dumps({"port": port}))
    return port
