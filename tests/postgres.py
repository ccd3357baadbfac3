"""A PostgreSQL server of the tests' own, and a fresh database for each test that asks.

TEST_POSTGRES_URL names a running server instead, whose user may create databases. Without both the tests are skipped;
FLOORLOG_REQUIRE_SERVERS=1 turns the skip into a failure (tests/servers.py).
"""

from __future__ import annotations

import atexit
import functools
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from floorlog.adapters.store import open_store

HOW_TO_GET_IT = (
    "PostgreSQL's initdb and pg_ctl were found neither on PATH nor in /usr/lib/postgresql/*/bin. "
    "Debian: apt-get install postgresql. Or name a running server: TEST_POSTGRES_URL=postgresql://user:password@host/db"
)

_numbers = itertools.count()


@functools.cache
def server() -> sa.URL:
    """The server's URL; it is started once per run, and the test is skipped where there is none."""
    running = os.environ.get("TEST_POSTGRES_URL")
    if running:
        return sa.make_url(running).set(drivername="postgresql+psycopg")
    found = shutil.which("initdb") or next(map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))), None)
    if found is None:
        pytest.skip(HOW_TO_GET_IT)
    return _start(Path(found).resolve().parent)


def _start(programs: Path) -> sa.URL:
    folder = Path(tempfile.mkdtemp(prefix="floorlog-postgres-"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        names = {entry.pw_name for entry in pwd.getpwall()}
        account = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
        os.chown(folder, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, **as_user)

    data, control = str(folder / "data"), str(programs / "pg_ctl")
    run(str(programs / "initdb"), "-D", data, "-U", "floorlog", "-A", "trust", "-E", "UTF8", "--no-sync")
    # A socket in the folder and no port: nothing to collide with. Nothing here has to survive a power cut.
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
    run(control, "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "start")

    def stop() -> None:
        run(control, "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return sa.URL.create("postgresql+psycopg", username="floorlog", database="postgres", query={"host": str(folder)})


@functools.cache
def _template() -> str:
    name = f"floorlog_template_{uuid.uuid4().hex[:8]}"
    _administrate(f"CREATE DATABASE {name}")
    store = open_store(_url(name))
    store.migrate()
    store.close()
    atexit.register(_administrate, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    return name


def _administrate(statement: str) -> None:
    engine = sa.create_engine(server(), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


def _url(name: str) -> str:
    return server().set(database=name).render_as_string(hide_password=False)


@contextmanager
def database(migrated: bool = True) -> Iterator[str]:
    """The URL of a database that nothing else uses; dropped at the end."""
    server()
    template = f" TEMPLATE {_template()}" if migrated else ""
    name = f"floorlog_{os.getpid()}_{next(_numbers)}_{uuid.uuid4().hex[:6]}"
    _administrate(f"CREATE DATABASE {name}{template}")
    try:
        yield _url(name)
    finally:
        _administrate(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
