"""Make the tables of what is sent to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Text()),
        sa.Column("types", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("failing_since", MOMENT),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
    )
    op.create_table(
        "subscriber_shards",
        sa.Column("subscriber_id", sa.Text(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text()),
        sa.Column("until", MOMENT),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_subscriber_shards_subscribers")),
        sa.PrimaryKeyConstraint("subscriber_id", "shard", name=op.f("pk_subscriber_shards")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", NUMBER, nullable=False, autoincrement=True),
        sa.Column("subscriber_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("first_at", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_deliveries_subscribers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("subscriber_id", "position", name="uq_deliveries_position"),
    )
    for name, columns in (
        ("ix_deliveries_due", ["subscriber_id", "next_at", "position"]),
        ("ix_deliveries_waiting", ["subscriber_id", "subject", "position"]),
    ):
        op.create_index(name, "deliveries", columns, sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_deliveries_done_at", "deliveries", ["done_at"])
    op.create_table(
        "delivery_attempts",
        sa.Column("id", NUMBER, nullable=False, autoincrement=True),
        sa.Column("delivery_id", NUMBER, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_attempts_deliveries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempts")),
    )
    op.create_index("ix_delivery_attempts_delivery", "delivery_attempts", ["delivery_id", "id"])
    op.create_table(
        "relays",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relays")),
    )
