"""Who has the floor of a live meeting, and the last words that were said, each time that it changes."""

import os

from floorlog.client import Client

with Client(os.environ.get("FLOORLOG_URL", "http://127.0.0.1:8000")) as log:
    for now in log.follow(os.environ.get("MEETING", "synthetic-briefing")):
        floor, speaker = now["floor"], now["floor"] and now["floor"]["speaker"]
        who = speaker["entity"]["name"] if speaker else "somebody" if floor else "nobody"
        print(f"{now['state']}: {who} has the floor", flush=True)
        for record in now["open"]:
            print("   …", record["text"][-80:], flush=True)
