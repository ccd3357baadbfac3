"""What all tests share: the hooks of `tests.servers`, and one Pub/Sub emulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator import pubsub_emulator

pytest_plugins = ["tests.servers"]


@pytest.fixture(scope="session")
def emulator_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give host:port of one Pub/Sub emulator for all tests."""
    with pubsub_emulator(tmp_path_factory.mktemp("pubsub") / "emulator.log") as host:
        yield host
