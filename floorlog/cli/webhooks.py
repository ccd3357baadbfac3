"""Who gets events: webhook add|list|show|deliveries|replay|enable|disable|remove|test."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from floorlog.cli.edge import emit, fail, ready, say
from floorlog.cli.rows import Data, Json, opened, plain, show_rows

Id = Annotated[str, typer.Argument(help="Id of a webhook, as `webhook list` shows it.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    webhook = typer.Typer(help="Who gets events as they happen.", no_args_is_help=True)
    webhook.command()(add)
    webhook.command("list")(list_)
    webhook.command()(show)
    webhook.command()(deliveries)
    webhook.command()(replay)
    webhook.command()(enable)
    webhook.command()(disable)
    webhook.command()(remove)
    webhook.command("test")(trial)
    app.add_typer(webhook, name="webhook")


def add(
    url: Annotated[str, typer.Argument(help="Where events go: https://…")],
    meeting: Annotated[str | None, typer.Option(help="Only this meeting's events.")] = None,
    types: Annotated[list[str] | None, typer.Option("--type", help="Only events of this type; repeatable.")] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="What it sees beyond what everybody may: unpublished, closed; repeatable."),
    ] = None,
    after: Annotated[
        int | None, typer.Option(help="Begin behind this place in the feed; 0: with all there was. By default: now.")
    ] = None,
    about: Annotated[str, typer.Option(help="What it is for.")] = "",
    secret: Annotated[
        str | None, typer.Option(help="A secret of the receiver's (whsec_…); by default one is made.")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add a webhook, and print its secret, with which the receiver checks signatures."""
    from floorlog.relaying import Wanted
    from floorlog.services import people, webhooks

    settings = ready(data_dir=data)
    added = webhooks.add(
        opened(data),
        url,
        inside=settings.webhooks_inside(),
        by=people.at_the_server(),
        now=datetime.now(UTC),
        about=about,
        wanted=Wanted(meeting, tuple(types or ()), frozenset(scope or ())),
        after=after,
        secret=secret,
    )
    if as_json:
        emit({"id": added.id, "secret": added.secret})
        return
    say(f"{added.id} gets events at {added.target} as soon as `floorlog relay` runs; its secret:")
    typer.echo(added.secret)


def list_(data: Data = None, as_json: Json = False) -> None:
    """List webhooks, and the records topic, with how far each is served."""
    from floorlog.adapters.store.relay_subscribers import Subscribers

    subscribers = Subscribers(opened(data))
    rows = [_described(subscribers, each) for each in subscribers.all()]
    show_rows(rows, as_json, ("id", "target", "state", "waiting", "behind", "failing_since", "about"))


def show(subscriber: Id, data: Data = None, as_json: Json = False) -> None:
    """Show a webhook with its secret, how far it is served, and by which relays."""
    from floorlog.adapters.store.relay_subscribers import Subscribers

    subscribers = Subscribers(opened(data))
    one = subscribers.one(subscriber)
    row = {**_described(subscribers, one), "secret": one.secret}
    if as_json:
        emit(row)
        return
    for name, value in row.items():
        typer.echo(f"{name.replace('_', ' '):>14}  {plain(value)}")


def deliveries(
    subscriber: Id,
    limit: Annotated[int, typer.Option(help="How many, the latest first.", min=1, max=10_000)] = 50,
    state: Annotated[str | None, typer.Option(help="Only these: waiting, delivered, given_up or passed_over.")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show what was sent to a webhook, what came of the last attempt, and what waits."""
    from floorlog.services import webhooks

    rows = [
        {
            "event": f"evt-{past.position}",
            "type": past.type,
            "subject": past.subject,
            "state": past.state,
            "attempts": past.attempts,
            "tried_at": _moment(past.tried_at),
            "status": past.status,
            "ms": past.duration_ms,
            "error": past.error,
            "next_at": _moment(past.next_at),
        }
        for past in webhooks.deliveries(opened(data), subscriber, limit, state)
    ]
    show_rows(rows, as_json, ("event", "type", "state", "attempts", "tried_at", "status", "ms", "error", "next_at"))


def replay(
    subscriber: Id,
    events: Annotated[list[str] | None, typer.Argument(help="Ids of events: evt-17 …")] = None,
    after: Annotated[int | None, typer.Option(help="All that it wants behind this place in the feed.", min=0)] = None,
    until: Annotated[int | None, typer.Option(help="With --after: up to this place; by default to the end.")] = None,
    data: Data = None,
) -> None:
    """Send events to a webhook again, under the ids that they had."""
    from floorlog.services import people, webhooks

    if bool(events) == (after is not None):
        raise fail("give ids of events, or --after", 2)
    store, by, now = opened(data), people.at_the_server(), datetime.now(UTC)
    if after is not None:
        count = webhooks.replay_range(store, subscriber, after, until, by, now)
    else:
        count = webhooks.replay(store, subscriber, [_position(each) for each in events or ()], by, now)
    say(f"{count} event{'' if count == 1 else 's'} will be sent again")


def enable(subscriber: Id, data: Data = None) -> None:
    """Send to a webhook again, from where it stopped on; nothing was lost meanwhile."""
    _switch(subscriber, data, on=True)


def disable(subscriber: Id, data: Data = None) -> None:
    """Send nothing to a webhook until it is enabled; what waits is kept."""
    _switch(subscriber, data, on=False)


def remove(subscriber: Id, data: Data = None) -> None:
    """Forget a webhook, with its secret and all that was or was to be delivered."""
    from floorlog.services import people, webhooks

    webhooks.remove(opened(data), subscriber, people.at_the_server(), datetime.now(UTC))
    say(f"{subscriber} is forgotten")


def trial(subscriber: Id, data: Data = None) -> None:
    """Send an event `webhook.test` now, and say what the receiver answered; exit 1 where it did not take it."""
    from floorlog.adapters.webhooks import Sender
    from floorlog.services import webhooks

    settings = ready(data_dir=data)
    sender = Sender(inside=settings.webhooks_inside())
    answer = webhooks.trial(opened(data), subscriber, sender, datetime.now(UTC))
    if answer.error is not None:
        raise fail(f"not taken after {answer.duration_ms} ms: {answer.error}")
    say(f"taken after {answer.duration_ms} ms: the receiver answered {answer.status}")


def _switch(subscriber: str, data: Path | None, *, on: bool) -> None:
    from floorlog.services import people, webhooks

    now = webhooks.switch(opened(data), subscriber, on, people.at_the_server(), datetime.now(UTC))
    say(f"{now.id} is {now.state}")


def _described(subscribers: Any, one: Any) -> dict[str, Any]:
    standing = subscribers.standing(one.id)
    return {
        "id": one.id,
        "kind": one.kind,
        "target": one.target,
        "about": one.about,
        "meeting": one.wanted.meeting_id,
        "types": list(one.wanted.types),
        "scopes": sorted(one.wanted.scopes),
        "state": one.state,
        "why": one.why,
        "failing_since": _moment(one.failing_since),
        "added_at": _moment(one.added_at),
        "position": standing.position,
        "behind": max(0, standing.last - standing.position),
        "waiting": standing.waiting,
        "oldest_waiting": standing.oldest_waiting,
        "relays": list(standing.relays),
    }


def _position(event: str) -> int:
    found = re.fullmatch(r"(?:evt-)?([0-9]{1,18})", event)
    if found is None:
        raise fail(f"{event!r} is no id of an event: evt-17 is one", 2)
    return int(found[1])


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
