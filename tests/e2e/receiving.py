"""A receiver of webhooks as somebody would write it: it checks, keeps on disk, and only then says that it has it.

python -m tests.e2e.receiving PORT FILE SECRET
"""

from __future__ import annotations

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import standardwebhooks


def main(port: int, kept: Path, secret: str) -> None:
    """Serve until killed."""
    lock, webhook = threading.Lock(), standardwebhooks.Webhook(secret)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            try:
                event = webhook.verify(body, dict(self.headers))
            except standardwebhooks.WebhookVerificationError:
                self.answer(400)
                return
            with lock, kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps([event["subject"], event["id"]]) + "\n")
                file.flush()
                os.fsync(file.fileno())
            self.answer(204)

        def answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
