"""Keys as an operator makes, lists and revokes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from floorlog.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on a data folder of its own; what it puts into the environment is taken out again."""
    monkeypatch.setenv("FLOORLOG_DATA", str(tmp_path))

    def command(*words: str) -> Result:
        for setting in ("DATABASE_URL", "FLOORLOG_BROKER_URL", "FLOORLOG_OBJECTS_URL"):
            monkeypatch.setenv(setting, "")
        return CliRunner().invoke(app, words)

    return command


def test_a_key_is_printed_once_listed_without_its_secret_and_revoked(run: Run) -> None:
    """The terminal's history and the list must not be places to steal a key from."""
    made = run("key", "add", "A dashboard", "--scope", "unpublished", "--scope", "closed", "--days", "30")
    secret = made.stdout.strip()
    assert secret.startswith("flk_")
    assert len(secret.splitlines()) == 1, "so that a script can take it"
    (row,) = json.loads(run("key", "list", "--json").stdout)
    assert (row["name"], row["scopes"], row["holds"]) == ("A dashboard", ["closed", "unpublished"], True)
    assert row["ends_at"]
    assert secret not in run("key", "list").stdout
    assert run("key", "revoke", row["id"]).exit_code == 0
    assert json.loads(run("key", "list", "--json").stdout)[0]["holds"] is False


def test_a_key_that_cannot_be_is_refused(run: Run) -> None:
    """A scope with a spelling mistake would open nothing."""
    assert run("key", "add", "A dashboard", "--scope", "everything").exit_code == 1
    assert run("key", "revoke", "key-none").exit_code == 1
    assert json.loads(run("key", "list", "--json").stdout) == []
