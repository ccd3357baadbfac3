"""CI counts nothing that did not run: a skip is a failure there, and every server must have been used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SUITE = """
import pytest

@pytest.mark.parametrize("broker", ["embedded", "emulator"])
def test_both(broker): pass

@pytest.fixture
def postgres_url(): {postgres}

def test_store(postgres_url): pass

@pytest.mark.browser
def test_page(): pass
"""


def ran(folder: Path, postgres: str, required: str) -> subprocess.CompletedProcess[str]:
    """Run a suite of its own under the project's hooks, and return what pytest said."""
    shutil.copy(ROOT / "tests/servers.py", folder / "conftest.py")
    (folder / "test_suite.py").write_text(SUITE.format(postgres=postgres), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  postgres\n  emulator\n  browser\n", encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=report.xml"],
        cwd=folder,
        env={**environ, "FLOORLOG_REQUIRE_SERVERS": required},
        capture_output=True,
        text=True,
        check=False,
    )


def judged(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run CI's look at the report."""
    command = [sys.executable, str(ROOT / ".ci/servers_were_used.py"), "report.xml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_skip_is_a_failure_where_servers_are_required(tmp_path: Path) -> None:
    """A suite that skips itself must not pass for a suite that held."""
    skip = "pytest.skip('initdb was not found')"
    assert ran(tmp_path, skip, required="").returncode == 0
    strict = ran(tmp_path, skip, required="1")
    assert strict.returncode == 1
    assert "allows no skip: Skipped: initdb was not found" in strict.stdout


def test_the_report_names_the_servers_that_were_used(tmp_path: Path) -> None:
    """CI tells a run against every server from a run against none by this."""
    assert ran(tmp_path, "return 'url'", required="1").returncode == 0
    verdict = judged(tmp_path)
    assert verdict.returncode == 0
    assert verdict.stdout.split(", ") == [
        "postgres: 1 tests passed",
        "emulator: 1 tests passed",
        "browser: 1 tests passed\n",
    ]


@pytest.mark.parametrize("fault", ["skipped", "no test that needs postgres passed"])
def test_a_report_with_a_skip_or_an_unused_server_is_refused(tmp_path: Path, fault: str) -> None:
    """Where the hook is lost, the second look still sees what is missing."""
    ran(tmp_path, "pytest.skip('initdb was not found')", required="")
    verdict = judged(tmp_path)
    assert verdict.returncode == 1
    assert fault in verdict.stderr
