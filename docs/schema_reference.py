"""Write docs/schemas.md from the schemas: `python docs/schema_reference.py`; `--check` only says if it is stale."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from floorlog import contract

PAGE = Path(__file__).resolve().parent / "schemas.md"

PREFACE = """# The documents and their schemas

Every document that crosses a process boundary is JSON with a schema: JSON Schema, Draft 2020-12, in `schemas/`. This
page is written from the schemas by `python docs/schema_reference.py`; a test fails when it is stale.

Dashboards need [record](#record), [event](#event) and [meeting](#meeting). The others travel inside Floorlog.

## Rules for readers and producers

- **Read tolerantly.** Ignore properties that you do not know: a version only gains optional ones. What would break a
  reader gets a new version, a new file and a new `$id`. The schemas say `additionalProperties: false`, which is the
  rule for producers; to check what you receive, take that keyword out (`floorlog.contract.parse` does).
- **`schema`** names document and version (`record/1`). An event is a CloudEvent instead: `type` and `dataschema` say
  what it carries.
- **Meeting time** is whole milliseconds since capture began, in names that end in `_ms`. A span is half-open: it holds
  `start_ms` and ends before `end_ms`.
- **Wall-clock time** is RFC 3339 with an offset; Floorlog writes UTC with milliseconds. Leap seconds are refused.
- **Languages** are BCP 47 tags. **Confidence** is a probability from 0 to 1. **Absent** is `null`, and the property is
  there all the same; only properties marked *optional* may be left out.
- **Entities** have a `scheme` and a `code`: ISO 3166-1 alpha-3 for states and the two observer States, codes of our own
  for organizations, groups and officials (`floorlog/data/entities_groups.json`). Names are those of the meeting's day.
- **Text** has no NUL and no lone surrogates. Numbers are finite; a whole number is written without a fraction (`1`, not
  `1.0`). A document nests at most 32 deep.
- **Words are data, not proof.** Show the disclaimer and, where `synthetic` is true, that the audio was made.

Beyond JSON Schema, the following holds, and `floorlog.contract` checks it: a span ends after it starts; the spans of a
record, the pieces and the speech of a transcript are in order and do not overlap; words are in the order of their
starts and lie in their segment, or start in one of their record's spans; ids of announcements follow from meeting,
channel and start; no end lies before its start; a meeting's channels are named once and one is required; `cutting` has
`min_ms` ≤ `aim_ms` ≤ `max_ms`; a record has a speaker exactly if its attribution says `attributed`; an event's record
is the one that the event names.

Examples for tests in any language lie in `schemas/suite/<document>/`: every file of `valid/` is a document; every file
of `invalid/` has a `document`, the `path` (JSONPath) where it breaks the contract, and `why` that matters.

An error looks like this; `path` and reason also stand in the dead letter of a message that was refused:

    not a valid segment/1: at $.span.end_ms: after start_ms (12340), found 12340
"""

TYPES = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false", "null": "null"}


def resolved(node: dict[str, Any], home: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a node without its reference, and the document in which its own references stand."""
    if "$ref" not in node:
        return node, home
    address, _, pointer = node["$ref"].partition("#")
    target = contract.schema(address.split(":")[3]) if address else home
    found = target
    for step in pointer.strip("/").split("/") if pointer else ():
        found = found[step]
    inner, inner_home = resolved(found, target)
    return {**inner, **{key: value for key, value in node.items() if key != "$ref"}}, inner_home


def fields(node: dict[str, Any], home: dict[str, Any], path: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield path, type and description of every property below a node, in the order of the schema."""
    for name, child in node.get("properties", {}).items():
        at = f"{path}.{name}" if path else name
        missing = name not in node.get("required", ())
        yield from one(child, home, at, missing)


def one(child: dict[str, Any], home: dict[str, Any], at: str, missing: bool) -> Iterator[tuple[str, str, str]]:
    """Yield a property and what lies below it."""
    if child.get("$ref", "").endswith(":record:1"):
        yield at, "[record](#record)" + ", optional" * missing, child["description"]
        return
    node, inner_home = resolved(child, home)
    kind, items = kind_of(node), node.get("items")
    if items:
        item, item_home = resolved(items, inner_home)
        plain = "properties" not in item
        kind = (
            f"list of {kind_of(item)}" + bounds(node, "Items", "items")
            if plain
            else "list" + bounds(node, "Items", "items")
        )
        yield at, kind + ", optional" * missing, node["description"]
        yield from fields(item, item_home, at + "[]")
        return
    yield at, kind + ", optional" * missing, node["description"]
    yield from fields(node, inner_home, at)


def bounds(node: dict[str, Any], suffix: str, unit: str) -> str:
    """Return the bounds on a length, or nothing."""
    low, high = node.get(f"min{suffix}", 0), node.get(f"max{suffix}")
    if high is None:
        return ""
    return f", {low:,} to {high:,} {unit}" if low else f", at most {high:,} {unit}"


def kind_of(node: dict[str, Any]) -> str:
    """Return the type of a node with its bounds, in words."""
    if "const" in node:
        return f"`{json.dumps(node['const'])}`"
    if "enum" in node:
        return " · ".join(f"`{value}`" for value in node["enum"])
    names = [node["type"]] if isinstance(node["type"], str) else node["type"]
    text = " or ".join(TYPES.get(name, name) for name in names)
    if "format" in node:
        text = text.replace("text", node["format"])
    elif "pattern" in node and "title" in node:
        text = f"[{node['title'].removesuffix(' or null')}](#forms-of-text)" + " or null" * ("null" in names)
    elif "pattern" in node:
        text += f" like {escaped(node['pattern'])}"
    elif "string" in names:
        text += bounds(node, "Length", "characters")
    if "minimum" in node:
        text += f", {node['minimum']:,} to {node['maximum']:,}"
    return text


def escaped(pattern: str) -> str:
    """Return a pattern as code inside a Markdown table."""
    return "`" + pattern.replace("|", "\\|") + "`"


def forms() -> str:
    """Return a table of the patterns that many properties share."""
    lines = ["| form | pattern | characters |", "|---|---|---|"]
    for definition in contract.schema("definitions")["$defs"].values():
        if "pattern" in definition and definition["type"] == "string":
            limits = f"{definition.get('minLength', 1)} to {definition['maxLength']:,}"
            lines.append(f"| {definition['title']} | {escaped(definition['pattern'])} | {limits} |")
    return "\n".join(lines) + "\n"


def table(rows: Iterator[tuple[str, str, str]]) -> str:
    """Return a Markdown table of properties."""
    lines = ["| property | type | meaning |", "|---|---|---|"]
    lines += [f"| `{path}` | {kind} | {meaning} |" for path, kind, meaning in rows]
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return the whole page."""
    parts = [PREFACE]
    for name in contract.NAMES:
        schema = contract.schema(name)
        parts.append(f"## {name}\n\n{schema['description']}\n")
        parts.append(f"`schemas/{name}.v1.schema.json`, `{schema['$id']}`\n")
        if name != "segment":  # its kinds repeat what all have in common
            parts.append(table(fields(schema, schema)))
        for key, definition in schema.get("$defs", {}).items():
            parts.append(
                f"### {name}: {key.removesuffix('_data')}\n\n{definition['title']}. {definition['description']}\n"
            )
            parts.append(table(fields(definition, schema)))
    parts.append(f"## Forms of text\n\nPatterns are ECMA-262 and cover the whole text.\n\n{forms()}")
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Write the page, or compare it."""
    written = page()
    if "--check" in arguments:
        stale = not PAGE.is_file() or PAGE.read_text("utf-8") != written
        print("docs/schemas.md is stale: run python docs/schema_reference.py" if stale else "docs/schemas.md is fresh")
        return int(stale)
    PAGE.write_text(written, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
