"""Alembic's way in: the connection and its transaction come from `Database.migrate`."""

from alembic import context

from floorlog.adapters.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
