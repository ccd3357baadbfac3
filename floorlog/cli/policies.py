"""What is hidden from readers on request: suppress, suppressions."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from floorlog.cli.edge import emit, say
from floorlog.cli.rows import Data, Json, opened


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(suppress)
    app.command()(suppressions)


def suppress(
    record_id: Annotated[str, typer.Argument(help="The record, as its address names it.")],
    reason: Annotated[str, typer.Option(help="Why: for the audit trail, not for readers.")],
    by: Annotated[str, typer.Option(help="Who decided it.")],
    remove: Annotated[bool, typer.Option("--remove", help="Erase its words for good, too.")] = False,
    lift: Annotated[bool, typer.Option("--lift", help="Show it again instead.")] = False,
    data: Data = None,
) -> None:
    """Hide a record from every reader at once; readers are told that it was removed on request, and nothing else.

    With --remove its words are erased in everything that is stored, which nothing brings back.
    """
    from floorlog.services import people, policies

    if remove and lift:
        raise typer.BadParameter("what is removed cannot be shown again: choose one of --remove and --lift")
    store, who = opened(data), people.Actor(None, by, people.at_the_server().name)
    if lift:
        policies.lift(store, record_id, reason, who)
        say(f"{record_id} is shown again")
    else:
        policies.suppress(store, record_id, reason, who, remove=remove)
        say(f"{record_id} is hidden" + (", and its words are erased" if remove else ""))


def suppressions(data: Data = None, as_json: Json = False) -> None:
    """List what was ever hidden on request, the latest first: why, by whom, and whether it is shown again."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from floorlog.services import policies

    rows: list[dict[str, Any]] = [
        {
            "record_id": item.record_id,
            "meeting_id": item.meeting_id,
            "reason": item.reason,
            "by": item.author,
            "at": item.at.isoformat(timespec="seconds"),
            "removed": item.removed,
            "lifted_by": item.lifted_by,
            "lifted_at": item.lifted_at.isoformat(timespec="seconds") if item.lifted_at else None,
        }
        for item in policies.suppressions(opened(data))
    ]
    if as_json:
        emit(rows)
        return
    table = Table()
    for column in ("record", "meeting", "reason", "by", "at", "words", "shown again"):
        table.add_column(column, no_wrap=column == "record")
    for row in rows:
        words = "erased" if row["removed"] else "kept"
        again = f"{row['lifted_at']} by {row['lifted_by']}" if row["lifted_at"] else ""
        cells = (row["record_id"], row["meeting_id"], row["reason"], row["by"], row["at"], words, again)
        table.add_row(*(escape(str(cell)) for cell in cells))
    Console().print(table)
