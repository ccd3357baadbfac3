"""The table of the keys of readers: what programs show to see more than everybody does; `tables` has the others."""

from __future__ import annotations

import sqlalchemy as sa

from floorlog.adapters.store.columns import Moment
from floorlog.adapters.store.tables import metadata

reader_keys = sa.Table(
    "reader_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),  # whose it is; several may share one
    sa.Column("secret_hash", sa.Text, nullable=False, unique=True),  # the key itself is kept nowhere
    sa.Column("scopes", sa.Text, nullable=False),  # separated by commas; empty: what everybody sees
    sa.Column("rate", sa.Integer),  # requests a minute; null: as set for everybody
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("ends_at", Moment),
    sa.Column("revoked_at", Moment),
)
