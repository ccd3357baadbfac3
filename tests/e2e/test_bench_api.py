"""The measurement of the API, over a store so small that only its form matters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from floorlog.cli.bench import own_postgresql


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter: PostgreSQL runs as another one where the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="floorlog-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_each_figure_is_there(store: str, open_folder: Path) -> None:
    """A figure that is missing after an hour of measuring was measured for nothing."""
    command = (
        *("floorlog", "bench", "api", "--json", "--meetings", "3", "--interventions", "90", "--seconds", "2"),
        *("--rate", "20", "--subscribers", "4", "--store", store, "--folder", str(open_folder)),
    )
    env = {**os.environ, "FLOORLOG_DATA": str(open_folder / "data")}
    done = subprocess.run([sys.executable, "-m", *command], env=env, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["meetings"], found["interventions"]) == (3, 90)
    if store == "postgresql" and own_postgresql.programs() is None:
        assert found["postgresql"] is None
        return
    figures = found[store]
    assert figures["errors"] == figures["ranked"]["errors"] == figures["with_subscribers"]["errors"] == {}
    assert set(figures["operations"]) == {"list", "record", "search_common", "search_rare"}
    assert figures["p99_ms"] == max(each["p99_ms"] for each in figures["operations"].values())
    assert figures["stream_missing"] == 0
    assert figures["stream_events"] >= 1
    assert found["ranked_p99_ms"] == figures["ranked_p99_ms"]
    assert found["stream_slowest_ms"] == figures["stream_slowest_ms"] > 0
    assert [path.name for path in open_folder.iterdir() if path.name.startswith("floorlog-bench")] == []
