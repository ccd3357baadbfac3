"""Keys with which programs read more than everybody does: key add|list|revoke."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from floorlog.cli.edge import say
from floorlog.cli.rows import Data, Json, opened, show_rows


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    keys = typer.Typer(help="Keys with which programs read more than everybody does.", no_args_is_help=True)
    keys.command()(add)
    keys.command("list")(list_)
    keys.command()(revoke)
    app.add_typer(keys, name="key")


def add(
    name: Annotated[str, typer.Argument(help="Whose it is.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="What it opens besides: unpublished or closed; repeatable.")
    ] = None,
    rate: Annotated[int | None, typer.Option(help="Requests a minute; as set for everybody by default.")] = None,
    days: Annotated[int | None, typer.Option(help="Days that it holds; until revoked by default.", min=1)] = None,
    data: Data = None,
) -> None:
    """Make a key and print it: this once, and nowhere else."""
    from floorlog.services import keys, people

    lasts = timedelta(days=days) if days else None
    now = datetime.now(UTC)
    key, secret = keys.add(opened(data), name, scope or [], people.at_the_server(), now, rate=rate, lasts=lasts)
    say(f"{key.id} of {key.name}: {', '.join(sorted(key.scopes)) or 'sees what everybody sees'}")
    typer.echo(secret)


def list_(data: Data = None, as_json: Json = False) -> None:
    """List all keys, without what their owners show."""

    from floorlog.services import keys

    now = datetime.now(UTC)
    rows = [
        {
            "id": key.id,
            "name": key.name,
            "scopes": sorted(key.scopes),
            "rate": key.rate,
            "added_at": key.added_at.isoformat(timespec="seconds"),
            "ends_at": key.ends_at.isoformat(timespec="seconds") if key.ends_at else None,
            "holds": key.holds(now),
        }
        for key in keys.listed(opened(data))
    ]
    show_rows(rows, as_json, ("id", "name", "scopes", "rate", "added_at", "ends_at", "holds"))


def revoke(key_id: Annotated[str, typer.Argument(help="Id of the key.")], data: Data = None) -> None:
    """Let a key open nothing any more, at once."""
    from floorlog.services import keys, people

    key = keys.revoke(opened(data), key_id, people.at_the_server(), datetime.now(UTC))
    say(f"{key.id} of {key.name} opens nothing any more")
