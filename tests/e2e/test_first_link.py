"""What `floorlog up` prints when it runs first: a link with which the first administrator signs in, once."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e import running

WITHIN_S = 180.0
LINK = re.compile(
    r"Sign in as administrator, once and within 30 minutes: (http://127\.0\.0\.1:\d+/sign-in\?link=\S+)\n"
)
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@contextmanager
def up(env: dict[str, str], log: Path, *options: str) -> Iterator[str]:
    """What a run says until its pages answer; then it goes on until the end of the block."""
    with log.open("w") as written:
        process = subprocess.Popen([sys.executable, "-m", "floorlog", "up", *options], env=env, stderr=written)
    deadline, waiting = time.monotonic() + WITHIN_S, threading.Event()
    try:
        while not _ready(f"http://127.0.0.1:{env['FLOORLOG_PORT']}/ready"):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            waiting.wait(0.2)
        yield log.read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(WITHIN_S)


def _ready(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).is_success
    except httpx.TransportError:
        return False


def sign_in(link: str) -> httpx.Response:
    """Open a link in a new browser, and press the button of its page."""
    with httpx.Client(timeout=30) as browser:
        page = browser.get(link)
        assert page.is_success
        (token,) = TOKEN.findall(page.text)
        address, _, secret = link.partition("?link=")
        return browser.post(address, data={"csrf": token, "link": secret}, headers={"origin": address[:-8]})


@pytest.mark.parametrize("options", [(), ("--sample",)], ids=["up", "make run"])
def test_the_first_run_prints_a_link_that_signs_in_once(tmp_path: Path, options: tuple[str, ...]) -> None:
    """Nobody can be locked out of a new installation, and nobody can come in later by what it once printed."""
    env, log = running.environment(tmp_path), tmp_path / "log"
    with up(env, log, *options) as said:
        (link,) = LINK.findall(said)
        came_in = sign_in(link)
        assert came_in.status_code == 303
        assert came_in.headers["location"].startswith("/account")
        again = sign_in(link)
        assert again.status_code == 422
        assert "set-cookie" not in again.headers or "floorlog-session" not in again.headers["set-cookie"]
    with up(env, log, *options) as said:
        assert "sign-in?link=" not in said
    kept = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*.log"))
    assert link.partition("?link=")[2] not in kept
