"""The main job on what production uses: PostgreSQL, and Google's Pub/Sub through its emulator."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tests import postgres
from tests.e2e import running
from tests.e2e.running import CalmRun


@pytest.mark.model
@pytest.mark.postgres
def test_other_servers_give_the_same_log(calm_run: CalmRun, emulator_host: str, tmp_path: Path) -> None:
    """Where the store and the broker are must not show in a single byte of what was said."""
    with postgres.database(migrated=False) as url:
        env = running.environment(
            tmp_path,
            DATABASE_URL=url,
            FLOORLOG_BROKER_URL="pubsub://floorlog-test",
            PUBSUB_EMULATOR_HOST=emulator_host,
            FLOORLOG_TOPIC=f"audio-{uuid.uuid4().hex[:8]}",
            FLOORLOG_SUBSCRIPTION=f"pipeline-{uuid.uuid4().hex[:8]}",
            FLOORLOG_REPLAY_TOPIC=f"replay-{uuid.uuid4().hex[:8]}",
            FLOORLOG_REPLAY_SUBSCRIPTION=f"pipeline-replay-{uuid.uuid4().hex[:8]}",
        )
        log = tmp_path / "log"
        summary = running.finish(running.start(env, log), log)
        assert summary["dead_letters"] == 0
        assert running.export(env) == calm_run.export
