"""Answers that are kept for a while in a folder, so that the commands of one machine ask a service once."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

LONGEST = timedelta(days=2)
"""Older files are removed; no answer is kept longer than a day (floorlog.adapters.webtv.facts)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered: the address after redirects, the status, headers by lower-case name, the body."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text; what is no UTF-8 becomes replacement characters."""
        return self.body.decode("utf-8", "replace")


class KeptAnswers:
    """Answers in files, named by what was asked. A file that cannot be read or written counts as not there."""

    def __init__(self, folder: Path, utc_now: Callable[[], datetime]) -> None:
        self._folder, self._utc_now = folder, utc_now
        oldest = (utc_now() - LONGEST).timestamp()
        for path in folder.glob("*.json"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def find(self, asked: str) -> Answer | None:
        """Return a kept answer that is still good."""
        try:
            kept = json.loads(self._path(asked).read_text(encoding="utf-8"))
            if not self._utc_now() < datetime.fromisoformat(kept["until"]):
                return None
            return Answer(kept["url"], kept["status"], kept["headers"], base64.b64decode(kept["body"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, asked: str, answer: Answer, ttl_s: float) -> None:
        """Keep an answer for some seconds."""
        kept = {
            "until": (self._utc_now() + timedelta(seconds=ttl_s)).isoformat(),
            "url": answer.url,
            "status": answer.status,
            "headers": answer.headers,
            "body": base64.b64encode(answer.body).decode(),
        }
        path = self._path(asked)
        aside = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            aside.write_text(json.dumps(kept), encoding="utf-8")
            aside.replace(path)
        except OSError:
            aside.unlink(missing_ok=True)

    def _path(self, asked: str) -> Path:
        return self._folder / f"{hashlib.sha256(asked.encode()).hexdigest()}.json"
