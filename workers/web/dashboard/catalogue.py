"""Every sentence of the dashboard: one file, which its templates and its scripts read."""

from __future__ import annotations

import functools
import importlib.resources
import json


@functools.cache
def sentences() -> dict[str, str]:
    """Return the sentences by key; read once for each process."""
    file = importlib.resources.files("workers.web.dashboard") / "en.json"
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found
