"""Where a phrase was said: each hit leads to the second at which it was said."""

import os
from itertools import islice

from floorlog.client import Client

with Client(os.environ.get("FLOORLOG_URL", "http://127.0.0.1:8000")) as log:
    for hit in islice(log.search("human rights"), 5):
        passage = "".join(f"[{part['text']}]" if part["hit"] else part["text"] for part in hit["highlight"]["parts"])
        who = hit["speaker"]["entity"]["name"] if hit["speaker"] else "not attributed"
        print(f"{who}: {passage}\n    {hit['highlight']['url']}")
