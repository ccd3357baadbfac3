"""Several processes advance one meeting, and some of them die: the log is that of one that lived."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from floorlog.adapters.store import Store, tables
from floorlog.services.advance import advance
from tests.small_floor import DATABASES, SMALL_MACHINE, Item, a_meeting, a_store, arrive, end, events, said

ROOT = Path(__file__).parents[2]

ADVANCE = """
import sys
from floorlog.adapters.store import open_store
from floorlog.services.advance import advance
from tests.small_floor import SMALL_MACHINE
store = open_store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
while store.meeting("small").state != "ended":
    advance(store, "small", SMALL_MACHINE, batch=3)
"""

DIE = """
import os, signal, sys
from dataclasses import replace
from floorlog.adapters.store import open_store
from floorlog.services.advance import advance
from tests.small_floor import SMALL_MACHINE

composed = []

def compose(*args):
    composed.append(1)
    if len(composed) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return SMALL_MACHINE.compose(*args)

advance(open_store(sys.argv[1]), "small", replace(SMALL_MACHINE, compose=compose), batch=5)
"""


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store with one meeting that waits long for what is missing."""
    with a_store(request.param, tmp_path) as opened:
        opened.add_meeting(a_meeting(hold_s=3600))
        yield opened


def start(script: str, *args: str) -> subprocess.Popen[str]:
    """Start a process with a script of Python."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script, *args]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def url_of(store: Store) -> str:
    """The store's URL with its password."""
    return store.engine.url.render_as_string(hide_password=False)


def a_small_meeting() -> list[Item]:
    """A minute and a half of speech in which somebody takes the floor every ten seconds."""
    return [*(said(10 * at, 10 * at + 10, f"open-{at}", "thanks") for at in range(40)), end(400)]


def in_order(folder: Path) -> list[str]:
    """The canonical export of the small meeting, run by one process in order."""
    folder.mkdir()
    with a_store("sqlite", folder) as store:
        store.add_meeting(a_meeting(hold_s=3600))
        arrive(store, *a_small_meeting())
        advance(store, "small", SMALL_MACHINE)
        return list(store.canonical_export("small"))


def test_two_processes_never_interleave_a_meeting(store: Store, tmp_path: Path) -> None:
    """Whoever has the lock reads, decides and commits before anybody else reads."""
    processes = [start(ADVANCE, url_of(store)) for _ in range(2)]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        items = a_small_meeting()
        random.Random(7).shuffle(items)
        for item in items:
            arrive(store, item)
        assert [process.wait(timeout=120) for process in processes] == [0, 0]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert list(store.canonical_export("small")) == in_order(tmp_path / "alone")
    fed = events(store)
    assert len(fed) == len(set(fed))
    with store.read() as connection:
        settled = connection.scalar(sa.select(sa.func.count()).select_from(tables.settlements))
        floor = connection.execute(sa.select(tables.floor_states)).one()
    assert settled == 40 + 38  # each once, and each but the last two is thanked once
    assert floor.events == 41
    assert all(revision.revision <= 2 for number in range(40) for revision in store.revisions(fed_id(fed, number)))


def fed_id(fed: list[tuple[str, str, int | None]], number: int) -> str:
    """The id of the record that was created as the given one."""
    return [subject for kind, subject, revision in fed if kind == "record.created" and revision == 1][number]


@pytest.mark.parametrize("after", [1, 4, 9])
def test_a_process_that_is_killed_leaves_whole_transactions(store: Store, tmp_path: Path, after: int) -> None:
    """A power cut may come between any two statements."""
    arrive(store, *a_small_meeting())
    victim = start(DIE, url_of(store), str(after))
    assert victim.wait(timeout=120) == -signal.SIGKILL
    victim.communicate()
    advance(store, "small", SMALL_MACHINE)
    assert list(store.canonical_export("small")) == in_order(tmp_path / "alone")
    fed = events(store)
    assert len(fed) == len(set(fed))
