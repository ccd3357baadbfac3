"""The edge of every command: settings, logs, progress, and how data is printed."""

from __future__ import annotations

import json
import os
import sys
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
