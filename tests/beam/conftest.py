"""What the tests of the graph stand on: the sample as it was announced, and a store of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from floorlog.adapters.store import Store
from floorlog.services import engines
from pipelines.elements import Plan
from tests.announced import Announced, announce_sample


@pytest.fixture(scope="session")
def announced(tmp_path_factory: pytest.TempPathFactory) -> Announced:
    """The sample, captured once."""
    return announce_sample(tmp_path_factory.mktemp("announced"))


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, announced: Announced) -> Plan:
    """A plan that names a fresh SQLite store which knows the sample meeting."""
    monkeypatch.setenv("TEST_STORE", f"sqlite:///{tmp_path / 'floorlog.db'}")
    store = engines.store("TEST_STORE")
    store.migrate()
    store.add_meeting(announced.meeting)
    return Plan(store="TEST_STORE")


@pytest.fixture
def store(plan: Plan) -> Store:
    """The store that the plan names."""
    return engines.store(plan.store)
