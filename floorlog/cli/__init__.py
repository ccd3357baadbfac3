"""The command line: data on stdout, talk on stderr; exit 0 done, 1 failed, 2 usage."""

from __future__ import annotations

import sys

import typer

from floorlog.cli import (
    desk,
    evaluation,
    files,
    keys,
    machine,
    measure,
    meetings,
    people,
    policies,
    processes,
    recordings,
    relay,
    sources,
    webhooks,
)
from floorlog.errors import FloorlogError

app = typer.Typer(
    name="floorlog",
    help="Keep the log of the floor of a United Nations meeting while it is streamed.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)
processes.add_to(app)
meetings.add_to(app)
files.add_to(app)
sources.add_to(app)
recordings.add_to(app)
desk.add_to(app)
people.add_to(app)
policies.add_to(app)
keys.add_to(app)
relay.add_to(app)
webhooks.add_to(app)
measure.add_to(app)
evaluation.add_to(app)
machine.add_to(app)


def main() -> None:
    """Run the command line; an error that Floorlog can name is one line on stderr and exit 1."""
    try:
        app()
    except FloorlogError as error:
        print(f"floorlog: {error}", file=sys.stderr)
        raise SystemExit(1) from None
