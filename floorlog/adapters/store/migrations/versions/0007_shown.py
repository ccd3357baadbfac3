"""Make the tables of what readers see of each record; `Database.migrate` then fills them from the revisions."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PUBLIC = ("published", "corrected")
BATCH = 500


def upgrade() -> None:
    """Apply it."""
    op.add_column("meetings", sa.Column("audience", sa.Text(), nullable=False, server_default="closed"))
    op.add_column("meetings", sa.Column("title", sa.Text(), nullable=False, server_default=""))
    op.add_column("meetings", sa.Column("started_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_meetings_started_at", "meetings", ["started_at", "id"])
    op.add_column("record_revisions", sa.Column("shown_at", sa.DateTime(timezone=True)))
    op.add_column("record_revisions", sa.Column("published_at", sa.DateTime(timezone=True)))
    op.add_column("outbox", sa.Column("public", sa.Boolean(), nullable=False, server_default=sa.false()))
    _tables()
    _search()
    _say_when_revisions_were_shown(op.get_bind())
    op.execute(
        "UPDATE outbox SET public = true WHERE type NOT LIKE 'record.%'"
        " OR type IN ('record.published', 'record.corrected', 'record.withdrawn')"
        " OR (type = 'record.retired' AND revision IS NOT NULL AND EXISTS (SELECT 1 FROM record_revisions r"
        " WHERE r.record_id = outbox.subject AND r.published_at IS NOT NULL))"
    )


def _tables() -> None:
    op.create_table(
        "shown_records",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Text(), nullable=False),
        sa.Column("needs", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("interpretation", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=False),
        sa.Column("length_ms", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("starts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_shown_records_records")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_shown_records_meetings")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shown_records")),
        sa.UniqueConstraint("record_id"),
    )
    op.create_index("ix_shown_records_meeting", "shown_records", ["meeting_id", "start_ms", "record_id"])
    public = sa.text("needs = 0")
    op.create_index(
        "ix_shown_records_totals",
        "shown_records",
        ["entity", "role", "kind", "length_ms"],
        sqlite_where=public,
        postgresql_where=public,
    )
    op.create_index(
        "ix_shown_records_public", "shown_records", ["number"], sqlite_where=public, postgresql_where=public
    )
    op.create_table(
        "shown_facets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("needs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "value", "number", name=op.f("pk_shown_facets")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_shown_facets_number", "shown_facets", ["number"])
    op.create_index(
        "ix_shown_facets_public",
        "shown_facets",
        ["name", "value", "number"],
        sqlite_where=public,
        postgresql_where=public,
    )
    op.create_table(
        "shown_texts",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facets", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_shown_texts")),
    )
    op.create_table(
        "derived",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_derived")),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stretches", sa.Text(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_suppressions_records")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meetings.id"], name=op.f("fk_suppressions_meetings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
    )
    op.create_index("ix_suppressions_record", "suppressions", ["record_id"])
    op.create_index("ix_suppressions_meeting", "suppressions", ["meeting_id"])


def _search() -> None:
    """Put the search over what is shown in the place of the one over what was said."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_table("record_texts")
        op.execute(
            "ALTER TABLE shown_texts ADD COLUMN search tsvector GENERATED ALWAYS AS"
            " (to_tsvector('simple', text) || to_tsvector('simple', facets)) STORED"
        )
        op.execute("CREATE INDEX ix_shown_texts_search ON shown_texts USING gin (search)")
        return
    op.execute("DROP TABLE record_search")
    op.drop_table("record_texts")
    op.execute(
        "CREATE VIRTUAL TABLE shown_search USING fts5(text, facets, content='shown_texts', content_rowid='number',"
        " tokenize='unicode61 remove_diacritics 0')"
    )
    add = "INSERT INTO shown_search(rowid, text, facets) VALUES (new.number, new.text, new.facets);"
    remove = (
        "INSERT INTO shown_search(shown_search, rowid, text, facets)"
        " VALUES ('delete', old.number, old.text, old.facets);"
    )
    for event, statements in (("INSERT", add), ("DELETE", remove), ("UPDATE", remove + add)):
        op.execute(f"CREATE TRIGGER shown_texts_{event.lower()} AFTER {event} ON shown_texts BEGIN {statements} END")


def _say_when_revisions_were_shown(connection: sa.Connection) -> None:
    """Fill in when each revision became what is shown: the machine's wait, once a person has worked on a record."""
    records = sa.table("records", sa.column("id"), sa.column("current_revision"))
    columns = ("record_id", "revision", "made_by", "reason", "content", "created_at", "shown_at", "published_at")
    rows = sa.table("record_revisions", *(sa.column(name) for name in columns))
    moment = sa.DateTime(timezone=True)
    update = (
        sa.update(rows)
        .where(rows.c.record_id == sa.bindparam("of_record"), rows.c.revision == sa.bindparam("of_revision"))
        .values(shown_at=rows.c.created_at, published_at=sa.case((sa.bindparam("public"), rows.c.created_at)))
    )
    touched: set[str] = set()
    values: list[dict[str, Any]] = []
    found = connection.execute(
        sa.select(
            rows.c.record_id,
            rows.c.revision,
            rows.c.made_by,
            rows.c.reason,
            records.c.current_revision,
            sa.case((rows.c.made_by == "person", rows.c.content)).label("content"),
            sa.type_coerce(rows.c.created_at, moment),
        )
        .select_from(rows.join(records, records.c.id == rows.c.record_id))
        .order_by(rows.c.record_id, rows.c.revision)
    ).all()
    for row in found:
        by_person = row.made_by == "person"
        if by_person:
            touched.add(row.record_id)
        waits = row.record_id in touched and not by_person and row.reason != "reapplied"
        if not waits or row.revision == row.current_revision:
            public = by_person and json.loads(row.content)["review"]["state"] in PUBLIC
            values.append({"of_record": row.record_id, "of_revision": row.revision, "public": public})
    for at in range(0, len(values), BATCH):
        connection.execute(update, values[at : at + BATCH])
