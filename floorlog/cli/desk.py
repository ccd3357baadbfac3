"""The dead-letter desk, and replaying: dead-letters list|show|retry, replay."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from floorlog.cli.edge import emit, fail, ready, say

Data = Annotated[Path | None, typer.Option(help="Data folder.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    letters = typer.Typer(help="Input that can never succeed, kept with its reason.", no_args_is_help=True)
    letters.command("list")(list_)
    letters.command("show")(show)
    letters.command("retry")(retry)
    app.add_typer(letters, name="dead-letters")
    app.command()(replay)


def list_(
    data: Data = None, as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False
) -> None:
    """List the dead letters that are open, newest first."""
    from rich.console import Console
    from rich.table import Table

    from floorlog.services import dead_letters, engines

    ready(data_dir=data)
    letters = engines.store().dead_letters()
    if as_json:
        emit([dead_letters.encode(letter) for letter in letters])
        return
    table = Table("dead letter", "stage", "reason", "place", "message", "attempts", "last")
    for letter in letters:
        table.add_row(
            letter.id,
            letter.stage,
            letter.reason,
            letter.json_path or "",
            letter.message[:100],
            str(letter.attempts),
            f"{letter.last_at:%Y-%m-%d %H:%M:%S}",
        )
    Console().print(table)


def show(letter_id: Annotated[str, typer.Argument(help="The dead letter.")], data: Data = None) -> None:
    """Show one dead letter whole, as JSON."""
    from floorlog.services import dead_letters, engines

    ready(data_dir=data)
    letter = engines.store().dead_letter(letter_id)
    if letter is None:
        raise fail(f"no dead letter {letter_id!r}")
    emit(dead_letters.encode(letter))


def retry(
    letter_ids: Annotated[list[str] | None, typer.Argument(help="Dead letters; none with --all.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are open.")] = False,
    data: Data = None,
) -> None:
    """Send dead letters through the pipeline again; a segment among them arrives late and is put in its place."""
    from floorlog.services import dead_letters, engines, sending

    settings = ready(data_dir=data)
    store, broker = engines.store(), engines.broker()
    chosen = [letter.id for letter in store.dead_letters()] if every else letter_ids or []
    if not chosen:
        raise fail("name dead letters, or say --all", 2)
    for letter_id in chosen:
        payload = dead_letters.retry(store, letter_id)
        taken = sending.publish(store, broker, settings.replay_topic, payload)
        say(f"{'sent again' if taken else 'refused again, and kept'}: {letter_id}")


def replay(
    meeting_id: Annotated[str, typer.Argument(help="The meeting.")],
    data: Data = None,
    topic: Annotated[str | None, typer.Option(help="Topic; that of replays by default.")] = None,
) -> None:
    """Announce everything of a meeting again, as it was announced; what is stored already is not done again."""
    from floorlog.services import engines, intake, sending

    settings = ready(data_dir=data)
    store, broker = engines.store(), engines.broker()
    intake.prepare(broker, settings)
    payloads = list(intake.announced(store, meeting_id))
    taken = sum(sending.publish(store, broker, topic or settings.replay_topic, payload) for payload in payloads)
    say(f"{meeting_id}: {taken} of {len(payloads)} announcements sent again to {topic or settings.replay_topic}")
    if taken < len(payloads):
        raise typer.Exit(1)
