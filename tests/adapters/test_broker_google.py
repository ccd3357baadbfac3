"""How the Google broker says that Google cannot be reached."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from floorlog.adapters.broker.google import GoogleBroker
from floorlog.errors import BrokerUnavailable, InvalidSetting


def test_a_service_that_does_not_answer_may_answer_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that is down must not turn announcements into dead letters."""
    with socket.socket() as nobody:  # bound and not listening: connections are refused
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PUBSUB_EMULATOR_HOST", f"127.0.0.1:{nobody.getsockname()[1]}")
        broker = GoogleBroker("floorlog-test", answer_s=0.2)
        with pytest.raises(BrokerUnavailable):
            broker.publish("audio-segments", b"x")
        with pytest.raises(BrokerUnavailable):
            broker.pull("pipeline", 1, 1.0)
        with pytest.raises(BrokerUnavailable):
            broker.acknowledge("pipeline", ["lease"])
        broker.close()


def test_missing_credentials_are_named_with_their_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An operator must read which variable to set, not a stack of Google's."""
    for variable in ("PUBSUB_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")  # do not look for a metadata server
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    with pytest.raises(InvalidSetting, match="GOOGLE_APPLICATION_CREDENTIALS"):
        GoogleBroker("floorlog-test")
