"""Corrections as they are made: what a published record said, what it says now, and why. Runs until you stop it."""

import os

from floorlog.client import Client

with Client(os.environ.get("FLOORLOG_URL", "http://127.0.0.1:8000")) as log:
    for event in log.stream(type=["record.corrected", "record.withdrawn"], after=os.environ.get("AFTER")):
        data = event["data"]
        print(event["sequence"], event["type"], event["subject"], data.get("reason"), flush=True)
        for name, before in (data.get("before") or {}).items():
            print(f"    {name}: {before!r} -> {(data.get('after') or {}).get(name)!r}", flush=True)
