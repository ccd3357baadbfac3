"""Meetings described in a TOML file: one file a meeting, checked against the `meeting` schema."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from floorlog import contract
from floorlog.clock import rfc3339
from floorlog.errors import InvalidDocument
from floorlog.themes import lexicon_names, load_lexicon

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
"""Folder of the bundled meeting: meeting.toml, meeting.opus, truth.json. It is synthetic; no State said any of it."""

EXAMPLES = Path(__file__).parents[1] / "data" / "meetings"
"""Folder of meeting files to begin from, one TOML file an example."""

DEFAULTS: dict[str, Any] = {
    "schema": "meeting/1",
    "symbol": None,
    "format": "formal",
    "scheduled_start": None,
    "scheduled_end": None,
    "actual_start": None,
    "actual_end": None,
    "source": {"page": None, "asset_id": None, "entry_id": None, "stream_url": None},
    "channels": [{"name": "floor"}],
    "audience": "published",
    "synthetic": False,
    "licence": "All rights reserved",
    "chair": {"title": None, "name": None, "entity": None},
    "programme": [],
    "roster": [],
    "themes": [],
    "cutting": {"min_ms": 4000, "aim_ms": 10000, "max_ms": 25000},
    "hold_s": 120,
    "recogniser": None,
}


def read_file(path: Path) -> dict[str, Any]:
    """Return the meeting document that a TOML file describes; what it leaves out has the default of `DEFAULTS`.

    Raises:
        InvalidDocument: the file is no TOML, or the document breaks the schema; the path says where.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise InvalidDocument("meeting/1", "$", f"{path.name}: {fault}") from fault
    return from_toml(content)


def from_toml(content: dict[str, Any]) -> dict[str, Any]:
    """Return the meeting document of parsed TOML.

    Raises:
        InvalidDocument: the document breaks the schema, or names a lexicon of themes that does not exist.
    """
    document = {**DEFAULTS, **_plain(content)}
    for part in ("source", "chair", "cutting"):
        if isinstance(document[part], dict):
            document[part] = {**DEFAULTS[part], **document[part]}
    for phase in document["programme"] if isinstance(document["programme"], list) else ():
        if isinstance(phase, dict):
            phase.setdefault("holder", None)
    for channel in document["channels"] if isinstance(document["channels"], list) else ():
        if isinstance(channel, dict):
            channel.setdefault("interpretation", channel.get("name") != "floor")
            channel.setdefault("language", _language(channel))
            channel.setdefault("required", channel.get("name") == "floor")
    related = document.get("related_documents", ())
    for item in related if isinstance(related, list) else ():
        if isinstance(item, dict):
            item.setdefault("url", None)
            item.setdefault("symbol", None)
    contract.validate("meeting", document)
    for index, name in enumerate(document["themes"]):
        if load_lexicon(name) is None:
            known = ", ".join(lexicon_names())
            raise InvalidDocument("meeting/1", f"$.themes[{index}]", f"a lexicon of themes ({known}), found {name!r}")
    return document


def example(name: str) -> Path:
    """Return the file of a bundled example.

    Raises:
        InvalidDocument: there is none of that name.
    """
    known = {path.stem: path for path in sorted(EXAMPLES.glob("*.toml"))}
    if name not in known:
        raise InvalidDocument("meeting/1", "$", f"an example ({', '.join(known)}), found {name!r}")
    return known[name]


def _language(channel: dict[str, Any]) -> str | None:
    """Return the language of a channel that names none: an interpretation is called by its language's code."""
    name = channel.get("name")
    return name if channel["interpretation"] is True and isinstance(name, str) and len(name) in (2, 3) else None


def _plain(value: Any) -> Any:
    """Return TOML's value with its times as RFC 3339 text."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case datetime():
            return rfc3339(value) if value.tzinfo else value.isoformat()
        case date():
            return value.isoformat()
        case _:
            return value
