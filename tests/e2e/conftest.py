"""One calm run of the sample, which several tests look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import running
from tests.e2e.running import CalmRun


@pytest.fixture(scope="session")
def calm_run(tmp_path_factory: pytest.TempPathFactory) -> CalmRun:
    """Play the sample once, live, through every process."""
    data: Path = tmp_path_factory.mktemp("calm")
    env, log = running.environment(data), data / "log"
    summary = running.finish(running.start(env, log), log)
    return CalmRun(env, summary, running.export(env))
