"""Webhooks as operators manage them: added, tried, replayed, switched off and on, removed; each with its trail."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from datetime import datetime

from floorlog import contract
from floorlog.adapters.store import Store
from floorlog.adapters.store.relay_history import History, Past
from floorlog.adapters.store.relay_subscribers import Subscriber, Subscribers
from floorlog.adapters.webhooks import Answer, Sender
from floorlog.clock import rfc3339
from floorlog.errors import InvalidSetting, UnknownSubscriber
from floorlog.relaying import Wanted, check_receiver, key_of, secret_of
from floorlog.services import people
from floorlog.services.events import CONTENT_TYPE
from floorlog.services.people import Actor
from floorlog.visibility import SCOPES

KEY_BYTES = 32
"""Length of a key: that of the hash, so that more would add nothing (RFC 2104, section 3)."""

REPLAYED = 500
"""Events put up again in one transaction."""


def add(
    store: Store,
    url: str,
    *,
    inside: bool,
    by: Actor,
    now: datetime,
    about: str = "",
    wanted: Wanted | None = None,
    after: int | None = None,
    secret: str | None = None,
) -> Subscriber:
    """Add a webhook; its secret is made here where none is given.

    Args:
        store: Where it is kept.
        url: Where events go.
        inside: Whether `http` and addresses inside this network are allowed.
        by: Who adds it.
        now: When.
        about: What it is for.
        wanted: Which events, with what scopes; what everybody may see by default.
        after: Position behind which it begins; None: only what happens from now on.
        secret: Signs what is sent.

    Raises:
        AddressRefused: events may not go there.
        InvalidSetting: the secret or a scope cannot be used.
        UnknownMeeting: it is to get the events of a meeting that was never added.
    """
    wanted = wanted or Wanted()
    check_receiver(url, inside=inside)
    _check(store, wanted)
    key = key_of(secret) if secret else secrets.token_bytes(KEY_BYTES)
    subscribers, webhook_id = Subscribers(store), f"web-{secrets.token_hex(5)}"
    store.sequence()
    position = store.last_position() if after is None else after
    subscribers.add(webhook_id, "webhook", url, secret_of(key), about, wanted, position)
    people.write_down(store, by, "webhook.added", webhook_id, f"{url} {' '.join(sorted(wanted.scopes))}".strip(), now)
    return subscribers.one(webhook_id)


def _check(store: Store, wanted: Wanted) -> None:
    for scope in wanted.scopes:
        if scope not in SCOPES:
            raise InvalidSetting("scope", scope, f"expected is one of {', '.join(SCOPES)}")
    known = contract.schema("event")["properties"]["type"]["enum"]
    for event_type in wanted.types:
        if event_type not in known:
            raise InvalidSetting("type", event_type, f"expected is one of {', '.join(known)}")
    if wanted.meeting_id is not None:
        store.meeting(wanted.meeting_id)


def switch(store: Store, subscriber_id: str, on: bool, by: Actor, now: datetime) -> Subscriber:
    """Serve a subscriber again from where it stopped, or no more.

    Raises:
        UnknownSubscriber: there is none with that id.
    """
    subscribers = Subscribers(store)
    subscribers.one(subscriber_id)
    if on:
        subscribers.enable(subscriber_id)
    else:
        subscribers.disable(subscriber_id, f"switched off by {by.name}")
    people.write_down(store, by, "webhook.enabled" if on else "webhook.disabled", subscriber_id, None, now)
    return subscribers.one(subscriber_id)


def remove(store: Store, subscriber_id: str, by: Actor, now: datetime) -> None:
    """Forget a subscriber with its history.

    Raises:
        UnknownSubscriber: there is none with that id.
    """
    target = Subscribers(store).one(subscriber_id).target
    Subscribers(store).remove(subscriber_id)
    people.write_down(store, by, "webhook.removed", subscriber_id, target, now)


def deliveries(store: Store, subscriber_id: str, limit: int, state: str | None = None) -> list[Past]:
    """Return what was and is to be delivered to a subscriber, the latest events first.

    Raises:
        UnknownSubscriber: there is none with that id.
    """
    Subscribers(store).one(subscriber_id)
    return History(store).deliveries(subscriber_id, limit, state)


def replay(store: Store, subscriber_id: str, events: Collection[int], by: Actor, now: datetime) -> int:
    """Let a subscriber get some events again, under their ids; return how many.

    Args:
        store: Where they are.
        subscriber_id: Who gets them.
        events: Positions.
        by: Who asks for it.
        now: When.

    Raises:
        UnknownSubscriber: there is none with that id, or no event that it sees has one of the positions.
    """
    subscriber = Subscribers(store).one(subscriber_id)
    found = store.events_at(events, Wanted(scopes=subscriber.wanted.scopes))
    missing = sorted(set(events) - found.keys())
    if missing:
        raise UnknownSubscriber(f"evt-{missing[0]}")
    History(store).again(subscriber_id, [(row.position, row.subject) for row in found.values()])
    people.write_down(store, by, "webhook.replayed", subscriber_id, f"{len(found)} events", now)
    return len(found)


def replay_range(store: Store, subscriber_id: str, after: int, until: int | None, by: Actor, now: datetime) -> int:
    """Let a subscriber get the events that it wants behind one position up to another again; return how many.

    Raises:
        UnknownSubscriber: there is none with that id.
    """
    subscriber, history, count = Subscribers(store).one(subscriber_id), History(store), 0
    store.sequence()
    end = store.last_position() if until is None else until
    position, more = after, True
    while more and position < end:
        page = store.page(position, REPLAYED, subscriber.wanted)
        events = [(row.position, row.subject) for row in page.rows if row.position <= end]
        if events:
            history.again(subscriber_id, events)
        count, position, more = count + len(events), page.next, page.more
    people.write_down(store, by, "webhook.replayed", subscriber_id, f"{count} events behind {after}", now)
    return count


def trial(store: Store, subscriber_id: str, sender: Sender, now: datetime) -> Answer:
    """Send a webhook an event `webhook.test` now, and return what came of it; nothing is kept.

    Raises:
        UnknownSubscriber: there is no webhook with that id.
    """
    subscriber = Subscribers(store).one(subscriber_id)
    if subscriber.kind != "webhook" or subscriber.secret is None:
        raise UnknownSubscriber(subscriber_id)
    event_id = f"evt-test-{secrets.token_hex(8)}"
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": f"/webhooks/{subscriber.id}",
        "type": "webhook.test",
        "subject": subscriber.id,
        "time": rfc3339(now),
        "datacontenttype": "application/json",
        "dataschema": "urn:floorlog:schema:event:1#webhook",
        "data": {"webhook_id": subscriber.id},
    }
    contract.validate("event", event)
    return sender.send(subscriber.target, subscriber.secret, event_id, json.dumps(event).encode(), CONTENT_TYPE)
