"""Make the full-text search: a table of what is shown of each record, and each database's own index of it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply it."""
    op.create_table(
        "record_texts",
        sa.Column("number", NUMBER, autoincrement=True, nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_record_texts_records")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_record_texts")),
        sa.UniqueConstraint("record_id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX ix_record_texts_search ON record_texts USING gin (to_tsvector('simple', text))")
        return
    op.execute(
        "CREATE VIRTUAL TABLE record_search USING fts5(text, content='record_texts', content_rowid='number',"
        " tokenize='unicode61 remove_diacritics 2')"
    )
    add = "INSERT INTO record_search(rowid, text) VALUES (new.number, new.text);"
    remove = "INSERT INTO record_search(record_search, rowid, text) VALUES ('delete', old.number, old.text);"
    for event, statements in (("INSERT", add), ("DELETE", remove), ("UPDATE", remove + add)):
        op.execute(f"CREATE TRIGGER record_texts_{event.lower()} AFTER {event} ON record_texts BEGIN {statements} END")
