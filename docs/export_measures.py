"""Print the table of docs/exports.md: the CPU seconds and the memory of each export, of one meeting and of many.

    python docs/export_measures.py [--meetings 100] [--interventions 12000]

Two stores are made in a temporary folder: one with a single meeting of 30,000 words, about three hours, and one with
many of them. Each export runs in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from floorlog.adapters.store import bulk, open_store
from floorlog.cli.bench.many_records import ManyRecords
from floorlog.exports.formats import FORMATS

ONE = (1, 120)
"""Meetings and interventions of the small store."""


def fill(folder: Path, meetings: int, interventions: int) -> None:
    """Make a store in a folder."""
    store = open_store(f"sqlite:///{folder / 'floorlog.db'}")
    store.migrate()
    for document, written in ManyRecords(meetings, interventions).held():
        store.add_meeting(document)
        bulk.add_records(store, document["id"], written, "nobody")
    bulk.settle(store)
    store.close()


CHILD = """
import re, sys, time
from pathlib import Path
from floorlog.cli import app
app(sys.argv[1:], standalone_mode=False)
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())
print("measured", time.process_time(), int(peak[1]) / 1024, file=sys.stderr)
"""
"""Runs a command, and says its CPU seconds and the peak of its resident set in MiB (Linux)."""


def run(folder: Path, *arguments: str) -> tuple[float, float, float]:
    """Return the CPU seconds of a command, its peak memory in MiB, and the size of its output in MB."""
    out = folder / "out"
    with out.open("wb") as target:
        done = subprocess.run(
            [sys.executable, "-c", CHILD, *arguments],
            env={**os.environ, "FLOORLOG_DATA": str(folder), "LOG_LEVEL": "WARNING"},
            stdout=target,
            stderr=subprocess.PIPE,
            text=True,
            check=True,
        )
    _, cpu_s, peak = done.stderr.splitlines()[-1].split()
    return float(cpu_s), float(peak), out.stat().st_size / 1e6


def main() -> None:
    """Make the stores, run the exports, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--meetings", type=int, default=100)
    parser.add_argument("--interventions", type=int, default=12_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        one, many = Path(made, "one"), Path(made, "many")
        for folder, size in ((one, ONE), (many, (asked.meetings, asked.interventions))):
            folder.mkdir()
            fill(folder, *size)
        print("| export | one meeting: CPU s | MiB | MB | many: CPU s | MiB | MB |")
        print("|---|---|---|---|---|---|---|")
        for name, form in FORMATS.items():
            cells = [f"{value:,.1f}" for value in run(one, "export", "bench-00001", "--format", name)]
            if not form.one_meeting:
                cells += [f"{value:,.1f}" for value in run(many, "export", "--format", name)]
            print(f"| `{name}` | " + " | ".join([*cells, *["–"] * (6 - len(cells))]) + " |", flush=True)


if __name__ == "__main__":
    main()
