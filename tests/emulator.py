"""Google's Pub/Sub emulator for tests: found, started on a free port, stopped by its process id."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

JAR = "cloud-pubsub-emulator-*-all.jar"
_SDKS = ("/usr/lib/google-cloud-sdk", "/opt/google-cloud-sdk", "/usr/local/google-cloud-sdk", "~/google-cloud-sdk")
_START_S = 60.0


@contextmanager
def pubsub_emulator(log: Path) -> Iterator[str]:
    """Give the host:port of an emulator: the one that runs (PUBSUB_EMULATOR_HOST), or one that is started for this.

    Without one, the test is skipped, or fails where FLOORLOG_REQUIRE_SERVERS is 1.
    """
    running = os.environ.get("PUBSUB_EMULATOR_HOST")
    if running:
        yield running
        return
    java, jar = shutil.which("java"), find_jar()
    if java is None or jar is None:
        _missing("java" if java is None else JAR)
    host = f"127.0.0.1:{_free_port()}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(java), "-jar", str(jar), *(f"--{name}={value}" for name, value in _where(host))],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_start(process, host, log)
        yield host
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def find_jar() -> Path | None:
    """Return the emulator's jar: FLOORLOG_PUBSUB_EMULATOR_JAR, else the newest below a Google Cloud SDK."""
    named = os.environ.get("FLOORLOG_PUBSUB_EMULATOR_JAR")
    if named:
        return Path(named) if Path(named).is_file() else None
    gcloud = shutil.which("gcloud")
    places = [Path(gcloud).resolve().parent.parent] if gcloud else []
    places += [Path(sdk).expanduser() for sdk in _SDKS]
    found = [jar for place in places for jar in place.glob(f"platform/pubsub-emulator/lib/{JAR}")]
    return max(found, default=None)


def _missing(what: str) -> None:
    remedy = (
        f"{what} is missing, so the Google broker is not tested. Install Java 11+ and the emulator "
        "(apt: google-cloud-cli-pubsub-emulator; else: gcloud components install pubsub-emulator), or name the jar in "
        "FLOORLOG_PUBSUB_EMULATOR_JAR, or a running emulator in PUBSUB_EMULATOR_HOST."
    )
    if os.environ.get("FLOORLOG_REQUIRE_SERVERS") == "1":
        pytest.fail(f"FLOORLOG_REQUIRE_SERVERS=1, and {remedy}")
    pytest.skip(remedy)


def _where(host: str) -> list[tuple[str, str]]:
    address, _, port = host.partition(":")
    return [("host", address), ("port", port)]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await_start(process: subprocess.Popen[bytes], host: str, log: Path) -> None:
    """Wait until it answers: the emulator speaks HTTP too, `Ok` on its root."""
    address, _, port = host.partition(":")
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with socket.create_connection((address, int(port)), timeout=1) as connection:
                connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
                if connection.recv(64):
                    return
        except OSError:
            pass
        threading.Event().wait(0.1)
    pytest.fail(f"the Pub/Sub emulator did not start within {_START_S:.0f} s:\n{log.read_text()[-2000:]}")
