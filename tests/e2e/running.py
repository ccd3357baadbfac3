"""Run `floorlog up --sample --once` as an operator would, and kill what runs beneath it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from workers.everything import free_port

MEETING = "synthetic-briefing"
LIMIT_S = 1200.0
"""Seconds after which a run is given up: many times what it takes on a slow machine."""


@dataclass(frozen=True)
class CalmRun:
    """A run that nothing disturbed: its environment, its summary, and the canonical export."""

    env: dict[str, str]
    summary: dict[str, Any]
    export: str


def environment(data: Path, **more: str) -> dict[str, str]:
    """The environment of a run whose data lies in a folder of its own, on a port of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLOORLOG_", "DATABASE_URL"))}
    cache = {name: value for name, value in os.environ.items() if name == "FLOORLOG_MODEL_CACHE"}
    return {**kept, **cache, "FLOORLOG_DATA": str(data), "FLOORLOG_PORT": str(free_port()), "LOG_LEVEL": "info", **more}


def start(env: dict[str, str], log: Path, pace: float = 8.0) -> subprocess.Popen[str]:
    """Start playing the sample once."""
    return subprocess.Popen(
        [sys.executable, "-m", "floorlog", "up", "--sample", "--once", f"--pace={pace}"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=log.open("a"),
        text=True,
    )


def finish(process: subprocess.Popen[str], log: Path) -> dict[str, Any]:
    """Wait until a run has ended well, and return the last line of its stdout."""
    out, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0, log.read_text()[-4000:]
    summary: dict[str, Any] = json.loads(out.splitlines()[-1])
    return summary


def export(env: dict[str, str]) -> str:
    """The meeting's canonical export."""
    command = [sys.executable, "-m", "floorlog", "export", "--canonical", MEETING]
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout


def part(supervisor: subprocess.Popen[str], name: str) -> psutil.Process | None:
    """The process of one part of a supervisor, found by its command."""
    verbs = {"capture": "capture", "pipeline": "run", "origin": "origin", "review": "review"}
    for child in _children(supervisor):
        try:
            command = child.cmdline()
        except psutil.Error:
            continue
        if command[1:4] == ["-m", "floorlog", verbs[name]]:
            return child
    return None


def _children(supervisor: subprocess.Popen[str]) -> list[psutil.Process]:
    try:
        children: list[psutil.Process] = psutil.Process(supervisor.pid).children()
    except psutil.NoSuchProcess:
        return []
    return children


DECK = ("capture",) * 7 + ("pipeline",) * 8 + ("supervisor",) * 5
"""What is killed: twenty times in all, the capture while the stream lasts."""


def kill_at_random(env: dict[str, str], log: Path, *, seed: int) -> tuple[dict[str, Any], list[str]]:
    """Play the sample, killing parts or the supervisor with SIGKILL at random moments, and starting it again.

    Returns:
        The summary of the run that ended well, and what was killed, in order.
    """
    chance, killed = random.Random(seed), list[str]()
    pause = threading.Event()
    supervisor = start(env, log, pace=4.0)
    for target in chance.sample(DECK, len(DECK)):
        while supervisor.poll() is None:
            found = supervisor.pid if target == "supervisor" else _await_part(supervisor, target, log)
            if found is None:
                break
            pause.wait(chance.uniform(0.0, 5.0))
            try:
                os.kill(found, signal.SIGKILL)
            except ProcessLookupError:
                continue  # it was the one that was killed before, seen before it was gone
            killed.append(target)
            break
        if target == "supervisor" and supervisor.wait() == -signal.SIGKILL:
            supervisor = start(env, log, pace=4.0)
    return finish(supervisor, log), killed


def _await_part(supervisor: subprocess.Popen[str], name: str, log: Path) -> int | None:
    """Wait until a part runs and return its process id; None where the run ended before."""
    pause, deadline = threading.Event(), time.monotonic() + LIMIT_S
    while (process := part(supervisor, name)) is None:
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        if supervisor.poll() is not None or (name == "capture" and '"part-finished"' in log.read_text()):
            return None
        pause.wait(0.1)
    return int(process.pid)
