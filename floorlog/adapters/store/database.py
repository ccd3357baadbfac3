"""The store's engine: how transactions begin, its clock, its migrations, and its one boundary of errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from floorlog.errors import StoreUnavailable

BUSY_TIMEOUT_MS = 30_000
"""How long a writer waits for SQLite's one write lock. A derivation again holds it longest: some seconds."""

MIGRATION_LOCK = 7_305_108_241
"""PostgreSQL advisory lock held while the tables change; any number that nothing else uses."""


@contextmanager
def reachable() -> Iterator[None]:
    """Turn every way in which a database fails to answer into one error.

    Raises:
        StoreUnavailable: it is locked, gone, overloaded, or its tables are not there yet.
    """
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as fault:
        raise StoreUnavailable(str(fault).splitlines()[0]) from fault
    except sa.exc.DBAPIError as fault:
        if not fault.connection_invalidated:
            raise
        raise StoreUnavailable(str(fault).splitlines()[0]) from fault


class Database:
    """One engine: a pool of connections to SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(sa.make_url(url))

    @property
    def on_sqlite(self) -> bool:
        """Return whether this is SQLite."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one moment of the store and writes nothing.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        with reachable(), self.engine.connect() as connection:
            if not self.on_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that writes; it commits when the block ends, and not at all when the block raises.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        with reachable(), self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    def migrate(self) -> None:
        """Make or change the tables until they are what this version needs. Safe to run at once from many processes.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        from alembic import command  # half a second that no other use of the store needs
        from alembic.config import Config

        from floorlog.adapters.store import shown

        with self.write() as connection:
            if not self.on_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            shown.make_all_again(connection)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def database_now(connection: Connection) -> datetime:
    """Return what the database's clock says now, not when the transaction began."""
    if connection.dialect.name == "sqlite":
        text: str = connection.exec_driver_sql("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')").scalar_one()
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    moment: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


def _engine(url: sa.URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    return sa.create_engine(
        url, pool_pre_ping=True, isolation_level="READ COMMITTED", connect_args={"connect_timeout": 10}
    )


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: _begin_sqlite does
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    # A deferred transaction that reads and then writes fails at once where another wrote between, whatever the timeout.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
