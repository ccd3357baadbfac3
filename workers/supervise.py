"""One supervisor for everything on one machine: it starts processes, restarts what dies, and stops them all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import structlog

log = structlog.get_logger()

SUPERVISED = "FLOORLOG_SUPERVISED"
"""Set in children: their standard input is a pipe from the supervisor, and its end means that it is gone."""

STOP_S = 20.0
"""Seconds that a child has to end after SIGTERM before it is killed; a run of the driver is finished within them."""

BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds before a restart, by how often in a row the child died within a minute; the last one from then on."""


@dataclass(frozen=True, slots=True)
class Part:
    """One process that is kept alive.

    Args:
        name: for logs and `status`.
        command: arguments of `floorlog`.
        finishes: whether ending with 0 means that its work is done, so that it is not started again.
    """

    name: str
    command: tuple[str, ...]
    finishes: bool = False


class Supervisor:
    """Keeps parts alive until told to stop. When it dies itself, the children notice and end (`end_with_parent`)."""

    def __init__(self, parts: Sequence[Part], environment: Mapping[str, str], logs: Path | None = None) -> None:
        """Take the parts.

        Args:
            parts: what is kept alive, in the order in which it is started.
            environment: what the parts have in their environment beyond the supervisor's own.
            logs: folder for a log file of each part; None: everything goes to the supervisor's standard error.
        """
        self.parts, self.logs = list(parts), logs
        self.environment = {**os.environ, **environment, SUPERVISED: "1"}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.finished: set[str] = set()
        self.restarts: dict[str, int] = {}
        self._started_at: dict[str, float] = {}
        self._due: dict[str, float] = {}
        self._in_a_row: dict[str, int] = {}

    def start(self, part: Part) -> None:
        """Start one part now."""
        with self._log_of(part) as output:
            self.running[part.name] = subprocess.Popen(
                [sys.executable, "-m", "floorlog", *part.command],
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then stops the parts in order
            )
        self._started_at[part.name] = time.monotonic()
        log.info("part-started", part=part.name, pid=self.running[part.name].pid)

    def _log_of(self, part: Part) -> AbstractContextManager[IO[Any] | int]:
        if self.logs is None:
            return nullcontext(sys.stderr.fileno())
        self.logs.mkdir(parents=True, exist_ok=True)
        return (self.logs / f"{part.name}.log").open("ab")

    def watch(self) -> None:
        """Look at every part once: start what is not running and due, note what ended."""
        for part in self.parts:
            if part.name in self.finished:
                continue
            process = self.running.get(part.name)
            if process is None:
                if time.monotonic() >= self._due.get(part.name, 0.0):
                    self.start(part)
            elif (code := process.poll()) is not None:
                self._ended(part, code)

    def _ended(self, part: Part, code: int) -> None:
        process = self.running.pop(part.name)
        if process.stdin is not None:
            process.stdin.close()
        if code == 0 and part.finishes:
            self.finished.add(part.name)
            log.info("part-finished", part=part.name)
            return
        lived_s = time.monotonic() - self._started_at[part.name]
        in_a_row = self._in_a_row.get(part.name, 0) + 1 if lived_s < 60 else 0
        self._in_a_row[part.name] = in_a_row
        self.restarts[part.name] = self.restarts.get(part.name, 0) + 1
        wait_s = BACKOFF_S[min(in_a_row, len(BACKOFF_S) - 1)]
        self._due[part.name] = time.monotonic() + wait_s
        log.warning("part-died", part=part.name, code=code, restart_in_s=wait_s)

    def leave(self, name: str) -> None:
        """Keep a part alive no longer: kill it where it runs, and forget it."""
        self.parts = [part for part in self.parts if part.name != name]
        process = self.running.pop(name, None)
        if process is not None:
            process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
        self.finished.discard(name)
        for memory in (self.restarts, self._started_at, self._due, self._in_a_row):
            memory.pop(name, None)

    def run(self, stop: threading.Event, interval_s: float = 0.2) -> None:
        """Watch until `stop` is set, then stop every part."""
        try:
            while not stop.is_set():
                self.watch()
                stop.wait(interval_s)
        finally:
            self.stop()

    def stop(self) -> None:
        """Ask every part to end, last started first, and kill what does not within `STOP_S`."""
        for process in reversed(list(self.running.values())):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for name, process in list(self.running.items()):
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("part-killed", part=name)
                process.kill()
                process.wait()
        self.running.clear()


def end_with_parent() -> None:
    """In a supervised child: send SIGTERM to itself when the supervisor is gone, and end for good a while later.

    A pipe is used because it works wherever Python does, and cannot mistake another process for the parent.
    """
    if os.environ.get(SUPERVISED) != "1":
        return

    def wait_for_the_end() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(STOP_S)
        os._exit(1)

    threading.Thread(target=wait_for_the_end, name="parent", daemon=True).start()


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set; the process then ends cleanly."""
    stop = threading.Event()

    def set_it(signum: int, frame: object) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, set_it)
    signal.signal(signal.SIGINT, set_it)
    end_with_parent()
    return stop
