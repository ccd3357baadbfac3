"""The schemas' own examples: what must be valid is, and what must not be is refused at the place it names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from floorlog import contract
from floorlog.errors import InvalidDocument


def examples() -> Iterator[tuple[str, Path, bool]]:
    """Yield each example: the schema's name, the file, and whether it must be valid."""
    for folder in sorted((contract.folder() / "suite").iterdir()):
        for path in sorted(folder.glob("valid/*.json")):
            yield folder.name, path, True
        for path in sorted(folder.glob("invalid/*.json")):
            yield folder.name, path, False


def count() -> int:
    """Return how many examples there are."""
    return sum(1 for _ in examples())


def faults() -> list[str]:
    """Return what is wrong with the examples, one line each; none is what should be found."""
    found = []
    for name, path, good in examples():
        content = json.loads(path.read_text(encoding="utf-8"))
        try:
            contract.validate(name, content if good else content["document"])
        except InvalidDocument as error:
            if good:
                found.append(f"{path.name}: {error}")
            elif error.path != content["path"]:
                found.append(f"{path.name}: refused at {error.path}, not at {content['path']}")
        else:
            if not good:
                found.append(f"{path.name}: taken, although {content['why']}")
    return found
