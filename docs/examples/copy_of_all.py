"""A copy of all records that stays right: run it as often as you like, it goes on where it stopped.

What is stored is the record as it is now, not as it was at the event: so an event that comes twice does no harm, and
neither does one that was overtaken by a correction.
"""

import json
import os
import sqlite3

from floorlog.client import Client, Gone, NotFound

copy = sqlite3.connect("copy.db")
copy.execute("CREATE TABLE IF NOT EXISTS records (id TEXT PRIMARY KEY, document TEXT NOT NULL)")
copy.execute("CREATE TABLE IF NOT EXISTS place (cursor TEXT NOT NULL)")
kept = copy.execute("SELECT cursor FROM place").fetchone()

with Client(os.environ.get("FLOORLOG_URL", "http://127.0.0.1:8000"), os.environ.get("FLOORLOG_KEY")) as log:
    changes = log.changes(after=kept[0] if kept else None)
    for event in changes:
        if not event["type"].startswith("record."):
            continue
        record_id = event["data"]["record_id"]
        with copy:
            copy.execute("DELETE FROM records WHERE id = ?", (record_id,))
            try:
                record = log.intervention(record_id)
            except (Gone, NotFound):  # withdrawn, removed, or not shown any more: neither do you
                print(event["type"], record_id, "deleted")
                continue
            copy.execute("REPLACE INTO records VALUES (?, ?)", (record["id"], json.dumps(record)))
            print(event["type"], record_id, "revision", record.get("revision"))
    with copy:
        copy.execute("DELETE FROM place")
        copy.execute("INSERT INTO place VALUES (?)", (changes.cursor,))
