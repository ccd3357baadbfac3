"""The people who may use the desk: people add|list|link|role|disable|enable|audit."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from floorlog.cli.edge import ready, say
from floorlog.cli.rows import Data, Json, opened, show_rows

Name = Annotated[str, typer.Argument(help="The person's name.")]
ROLE = "viewer, reviewer, approver, operator or administrator."


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    people = typer.Typer(help="Who may use the desk, and what they did.", no_args_is_help=True)
    people.command()(add)
    people.command("list")(list_)
    people.command()(link)
    people.command()(role)
    people.command()(disable)
    people.command()(enable)
    people.command()(audit)
    app.add_typer(people, name="people")


def add(
    name: Name,
    to_be: Annotated[str, typer.Option("--role", help=ROLE)],
    data: Data = None,
) -> None:
    """Add somebody; `floorlog people link` then gives a link with which they sign in."""
    from floorlog.services import people

    account = people.add(opened(data), name, to_be, people.at_the_server(), datetime.now(UTC))
    say(f"{account.name} is {account.role}")


def list_(data: Data = None, as_json: Json = False) -> None:
    """List everybody, with their role and whether they may sign in."""
    from floorlog.services import people

    accounts = people.everybody(opened(data))
    rows = [
        {
            "id": account.id,
            "name": account.name,
            "role": account.role,
            "disabled": account.disabled,
            "has_password": account.password_hash is not None,
            "added_at": account.added_at.isoformat(timespec="seconds"),
        }
        for account in accounts
    ]
    show_rows(rows, as_json, ("name", "role", "disabled", "has_password", "added_at"))


def link(name: Name, data: Data = None) -> None:
    """Print a link with which somebody signs in once, within 30 minutes; earlier links of theirs end."""
    from floorlog.services import people

    settings = ready(data_dir=data)
    store = opened(data)
    secret = people.make_link(store, people.named(store, name).id, people.at_the_server(), datetime.now(UTC))
    typer.echo(people.address_of(settings.base_url(), secret))


def role(name: Name, to_be: Annotated[str, typer.Argument(help=ROLE)], data: Data = None) -> None:
    """Give somebody another role; what they have open ends, and they sign in again."""
    from floorlog.services import people

    store = opened(data)
    person_id = people.named(store, name).id
    account = people.set_role(store, person_id, to_be, people.at_the_server(), datetime.now(UTC))
    say(f"{account.name} is {account.role}")


def disable(name: Name, data: Data = None) -> None:
    """Let somebody sign in no more; what they have open ends at once, and what they did stays."""
    _switch(name, data, disabled=True)


def enable(name: Name, data: Data = None) -> None:
    """Let somebody who was disabled sign in again."""
    _switch(name, data, disabled=False)


def audit(
    limit: Annotated[int, typer.Option(help="How many entries, the latest first.", min=1, max=10_000)] = 50,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show who did what, on what, when and from where."""
    from floorlog.services import people

    rows = [
        {
            "at": deed.at.isoformat(timespec="seconds"),
            "who": deed.person_name,
            "who_id": deed.person_id,
            "action": deed.action,
            "subject": deed.subject,
            "detail": deed.detail,
            "address": deed.address,
        }
        for deed in people.trail(opened(data), limit)
    ]
    show_rows(rows, as_json, ("at", "who", "action", "subject", "detail", "address"))


def _switch(name: str, data: Path | None, *, disabled: bool) -> None:
    from floorlog.services import people

    store = opened(data)
    person_id = people.named(store, name).id
    account = people.set_disabled(store, person_id, disabled, people.at_the_server(), datetime.now(UTC))
    say(f"{account.name} may {'not ' if account.disabled else ''}sign in")
