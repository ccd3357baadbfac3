"""The latest statements of a delegation: when, in which state of review, and the first words."""

import os
from itertools import islice

from floorlog.client import Client

with Client(os.environ.get("FLOORLOG_URL", "http://127.0.0.1:8000")) as log:
    for record in islice(log.interventions(entity="NOR", kind="statement"), 5):
        print(record["started_at"], record["review"]["state"], record["url"])
        print("   ", record["text"][:120])
