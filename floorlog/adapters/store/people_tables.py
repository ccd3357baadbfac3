"""The tables of people: accounts, sessions, sign-in links, throttling, and the audit trail; `tables` has the others."""

from __future__ import annotations

import sqlalchemy as sa

from floorlog.adapters.store.columns import Moment, Number
from floorlog.adapters.store.tables import metadata

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", sa.Text, nullable=False, unique=True),  # the name without case: two people never look alike
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text),  # null: signs in by links only
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("means", sa.Text, nullable=False),  # password | link
    sa.Column("began_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Index("ix_sessions_person_id", "person_id"),
)

sign_in_links = sa.Table(
    "sign_in_links",
    metadata,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, sa.ForeignKey("people.id"), nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Index("ix_sign_in_links_person_id", "person_id"),
)

sign_in_throttles = sa.Table(
    "sign_in_throttles",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),  # hash of an account's name or of an address
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", Moment, nullable=False),
    sa.Column("free_at", Moment, nullable=False),
    sa.Index("ix_sign_in_throttles_last_at", "last_at"),
)

audit_trail = sa.Table(
    "audit_trail",  # triggers refuse to change or remove a row
    metadata,
    sa.Column("id", Number, primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("person_id", sa.Text),
    sa.Column("person_name", sa.Text, nullable=False),  # as it was then
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text),
    sa.Column("detail", sa.Text),
    sa.Column("address", sa.Text),
)
