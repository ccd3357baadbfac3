"""Fail when a test was skipped, or when no test that needs a server passed: the report then proves less than it seems.

Usage: servers_were_used.py REPORT (pytest's JUnit XML, in which tests/servers.py names each test's servers).
"""

from __future__ import annotations

import sys
from collections import Counter
from xml.etree import ElementTree

SERVERS = ("postgres", "emulator", "browser")


def faults(report: str) -> list[str]:
    """Return what is wrong with a report, one sentence a fault; empty if it proves what it should."""
    found = []
    passed: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        skipped = case.find("skipped")
        if skipped is not None and skipped.get("type") != "pytest.xfail":
            found.append(f"{name} was skipped: {skipped.get('message')}")
        elif case.find("failure") is None and case.find("error") is None:
            passed.update(entry.get("value", "") for entry in case.iter("property") if entry.get("name") == "server")
    found += [f"no test that needs {server} passed" for server in SERVERS if not passed[server]]
    if not found:
        print(", ".join(f"{server}: {passed[server]} tests passed" for server in SERVERS))
    return found


if __name__ == "__main__":
    wrong = faults(sys.argv[1])
    print("\n".join(wrong), file=sys.stderr)
    sys.exit(bool(wrong))
