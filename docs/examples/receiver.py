"""A receiver of webhooks: believes only what is signed, and counts what comes twice once."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from floorlog.client import WebhookRefused, verify_webhook

SECRET = os.environ["FLOORLOG_WEBHOOK_SECRET"]  # as `floorlog webhook add` printed it: whsec_…
seen: set[str] = set()  # in a real receiver: a table, in the transaction that stores what the event says


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 for what it has taken; anything else is delivered again later."""

    def do_POST(self) -> None:
        """Take a delivery."""
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            event = verify_webhook(dict(self.headers), body, SECRET)
        except WebhookRefused as fault:
            self.send_error(401, str(fault))
            return
        if event["id"] not in seen:
            seen.add(event["id"])
            print(event["id"], event["type"], event["subject"], flush=True)
        self.send_response(204)
        self.end_headers()


HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Receiver).serve_forever()
