"""Any process may be killed at any moment."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.e2e import running
from tests.e2e.running import CalmRun

pytestmark = pytest.mark.model


def test_twenty_kills_change_nothing(calm_run: CalmRun, tmp_path: Path) -> None:
    """What was said is logged once, whatever dies: the same bytes as in a run that nothing disturbed."""
    env, log = running.environment(tmp_path), tmp_path / "log"
    summary, killed = running.kill_at_random(env, log, seed=20210224)
    assert Counter(killed) == Counter(running.DECK)
    assert summary["dead_letters"] == 0
    assert running.export(env) == calm_run.export
