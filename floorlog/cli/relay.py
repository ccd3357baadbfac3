"""The command that sends events: relay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from floorlog.cli.edge import ready


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(relay)


def relay(data: Annotated[Path | None, typer.Option(help="Data folder.")] = None) -> None:
    """Send what happens to webhooks and to the records topic.

    Several may run at once, on one machine or many: they share the work, and take over from one that dies.
    """
    from workers import relay as worker
    from workers.supervise import stop_on_signals

    settings = ready(data_dir=data)
    settings.topic_scopes()
    settings.webhooks_inside()
    worker.run(settings, stop_on_signals())
