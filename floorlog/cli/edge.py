"""The edge of every command: settings, logs, progress, and how data is printed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from floorlog.config import Settings


def ready(**flags: Any) -> Settings:
    """Return the settings for a command, and set up its logs and the environment that DoFns read names from."""
    from floorlog.adapters import logs

    settings = Settings.load(flags)
    os.environ.update(settings.environment())
    logs.configure(settings.log_level, settings.log_format)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return settings


def _show_nothing(done: float, total: float | None = None) -> None:
    pass


@contextmanager
def progress(what: str) -> Iterator[Callable[[float, float | None], None]]:
    """Give a function that shows how far long work is: what is done, and of how much if that is known.

    Shown on a terminal only; logs and files get none of it.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _show_nothing
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(what, total=None, note="")

        def show(done: float, total: float | None = None) -> None:
            note = f"{done:.0f}" if total is None else f"{done:.0f} of {total:.0f}"
            shown.update(task, completed=done, total=total, note=note)

        yield show


def say(text: str) -> None:
    """Print talk: on stderr, never mixed with data."""
    print(text, file=sys.stderr, flush=True)


def emit(document: Any) -> None:
    """Print one JSON document as one line on stdout."""
    print(json.dumps(document, ensure_ascii=False), flush=True)


def fail(text: str, code: int = 1) -> typer.Exit:
    """Say why on stderr; raise what this returns."""
    say(f"floorlog: {text}")
    return typer.Exit(code)
