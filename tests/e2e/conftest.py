"""What several tests look at: one calm run of the sample, a running Chromium, and an office with a small sitting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.e2e import running
from tests.e2e.running import CalmRun
from tests.office import FIRST, SECOND, THIRD, Office, an_office


@pytest.fixture(scope="session")
def calm_run(tmp_path_factory: pytest.TempPathFactory) -> CalmRun:
    """Play the sample once, live, through every process."""
    data: Path = tmp_path_factory.mktemp("calm")
    env, log = running.environment(data), data / "log"
    summary = running.finish(running.start(env, log), log)
    return CalmRun(env, summary, running.export(env))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, once for the tests of a file."""
    with chromium() as running_one:
        yield running_one


@pytest.fixture
def office(browser: Browser, tmp_path: Path) -> Iterator[Office]:
    """A closed meeting of three interventions with their sound, that Ann, Bob and Vic may work on."""
    with an_office(browser, tmp_path) as opened:
        opened.put(FIRST, SECOND, THIRD)
        opened.hear(20_000)
        yield opened
