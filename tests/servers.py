"""Which servers each test needs, and that a missing one is a failure where CI says so: hooks of pytest."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

SERVERS = ("postgres", "emulator", "browser")
"""Markers of tests that need a server program; .ci/servers_were_used.py looks for each in the report."""

SERVERS_ARE_REQUIRED = os.environ.get("FLOORLOG_REQUIRE_SERVERS") == "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the servers it needs, and name them in the JUnit report.

    A test needs a server if it carries its marker, uses a fixture named for it, or has it among its parameters' ids.
    """
    for item in items:
        names = [*getattr(item, "fixturenames", ()), *getattr(getattr(item, "callspec", None), "id", "").split("-")]
        for server in SERVERS:
            if item.get_closest_marker(server) is None and any(server in name for name in names):
                item.add_marker(server)
            if item.get_closest_marker(server) is not None:
                item.user_properties.append(("server", server))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test into a failure where every server is required."""
    report = yield
    return _unskipped(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn the skip of a whole file into a failure where every server is required."""
    report = yield
    return _unskipped(report)


def _unskipped(report: Report) -> Report:
    if SERVERS_ARE_REQUIRED and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"FLOORLOG_REQUIRE_SERVERS=1 allows no skip: {reason}"
    return report
