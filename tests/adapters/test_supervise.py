"""The supervisor: what dies is started again, and nothing outlives it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from workers.everything import free_port, port_is_free
from workers.supervise import Part, Supervisor

LIMIT_S = 60.0


def until(told: Callable[[], bool]) -> None:
    """Wait until something holds; fail when it never does."""
    pause, deadline = threading.Event(), time.monotonic() + LIMIT_S
    while not told():
        assert time.monotonic() < deadline, "it never came to hold"
        pause.wait(0.05)


def test_what_dies_is_started_again(tmp_path: Path) -> None:
    """A killed process must not end the log of a meeting that is on air."""
    part = Part("origin", ("schemas", "list"))
    supervisor = Supervisor((part,), {"FLOORLOG_DATA": str(tmp_path)})
    stop = threading.Event()
    watcher = threading.Thread(target=supervisor.run, args=(stop, 0.02))
    watcher.start()
    until(lambda: supervisor.restarts.get("origin", 0) >= 2)
    stop.set()
    watcher.join(LIMIT_S)
    assert supervisor.running == {}


def test_what_has_finished_is_left_alone(tmp_path: Path) -> None:
    """A capture whose stream has ended has nothing more to do."""
    supervisor = Supervisor((Part("capture", ("schemas", "list"), finishes=True),), {"FLOORLOG_DATA": str(tmp_path)})
    stop = threading.Event()
    watcher = threading.Thread(target=supervisor.run, args=(stop, 0.02))
    watcher.start()
    until(lambda: supervisor.finished == {"capture"})
    stop.set()
    watcher.join(LIMIT_S)
    assert supervisor.restarts == {}


def test_children_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    """Otherwise the next start finds the port taken and two captures of one stream."""
    script = (
        "import sys, threading\n"
        "from workers.supervise import Part, Supervisor\n"
        "supervisor = Supervisor((Part('pipeline', ('run',)),), {})\n"
        "supervisor.watch()\n"
        "print('pid', supervisor.running['pipeline'].pid, flush=True)\n"
        "threading.Event().wait()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "FLOORLOG_DATA": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert parent.stdout is not None
    told = next(line for line in parent.stdout if line.startswith("pid "))
    child = psutil.Process(int(told.split()[1]))
    until(lambda: (tmp_path / "broker.db").exists())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    assert parent.returncode == -signal.SIGKILL


def test_a_taken_port_is_seen() -> None:
    """An operator should read that the port is taken, not wonder why the page shows something else."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert not port_is_free("127.0.0.1", other.getsockname()[1])
    assert port_is_free("127.0.0.1", free_port())
