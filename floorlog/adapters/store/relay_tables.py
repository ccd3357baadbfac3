"""The tables of what is sent to whom: subscribers, their cursors by shard, deliveries and attempts; relays."""

from __future__ import annotations

import sqlalchemy as sa

from floorlog.adapters.store.columns import Moment, Number
from floorlog.adapters.store.tables import metadata

subscribers = sa.Table(
    "subscribers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),  # webhook | topic
    sa.Column("target", sa.Text, nullable=False),  # an address, or the name of a topic
    sa.Column("secret", sa.Text),  # of a webhook: signs what is sent, so it must be readable
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("meeting_id", sa.Text),  # null: of all meetings
    sa.Column("types", sa.Text, nullable=False),  # JSON; empty: all
    sa.Column("scopes", sa.Text, nullable=False),  # JSON
    sa.Column("state", sa.Text, nullable=False),  # active | disabled
    sa.Column("why", sa.Text),  # of disabled
    sa.Column("failing_since", Moment),  # nothing was delivered since the failure at that moment
    sa.Column("added_at", Moment, nullable=False),
)

subscriber_shards = sa.Table(
    "subscriber_shards",
    metadata,
    sa.Column("subscriber_id", sa.Text, sa.ForeignKey("subscribers.id"), primary_key=True),
    sa.Column("shard", sa.Integer, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),  # all events up to here are delivered, or rows of deliveries
    sa.Column("holder", sa.Text),  # the relay that serves it
    sa.Column("until", Moment),  # when its lease runs out
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", Number, primary_key=True, autoincrement=True),
    sa.Column("subscriber_id", sa.Text, sa.ForeignKey("subscribers.id"), nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("shard", sa.Integer, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # waiting | delivered | given_up | passed_over
    sa.Column("attempts", sa.Integer, nullable=False),  # that failed, since it waits
    sa.Column("next_at", Moment, nullable=False),
    sa.Column("first_at", Moment),  # of the first attempt, since it waits
    sa.Column("done_at", Moment),
    sa.UniqueConstraint("subscriber_id", "position", name="uq_deliveries_position"),
    sa.Index(
        "ix_deliveries_due",
        "subscriber_id",
        "next_at",
        "position",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    ),
    sa.Index(
        "ix_deliveries_waiting",
        "subscriber_id",
        "subject",
        "position",
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    ),
    sa.Index("ix_deliveries_done_at", "done_at"),
)

delivery_attempts = sa.Table(
    "delivery_attempts",
    metadata,
    sa.Column("id", Number, primary_key=True, autoincrement=True),
    sa.Column("delivery_id", Number, sa.ForeignKey("deliveries.id"), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("status", sa.Integer),  # of HTTP; null where none came
    sa.Column("duration_ms", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),  # null: it was taken
    sa.Index("ix_delivery_attempts_delivery", "delivery_id", "id"),
)

relays = sa.Table(
    "relays",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("seen_at", Moment, nullable=False),
)
