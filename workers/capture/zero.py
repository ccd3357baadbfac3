"""The moment at which a meeting's clock started: the first channel to be captured sets it, the others keep to it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from floorlog.clock import parse_rfc3339


def shared_zero(path: Path) -> Callable[[datetime], datetime]:
    """Return how the channels of one meeting agree on the zero of its clock: through a file, whoever comes first."""

    def agree(utc: datetime) -> datetime:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        with aside.open("w", encoding="utf-8") as file:
            file.write(utc.isoformat())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)  # fails if it is there: written once, whole
        except FileExistsError:
            pass
        finally:
            aside.unlink()
        return parse_rfc3339(path.read_text(encoding="utf-8"))

    return agree
