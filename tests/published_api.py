"""The description of the API as it is made now, and as it was published; and what of the latter the former breaks.

`python -m tests.published_api` writes the published description again; review the difference as you would code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from floorlog.adapters.store import open_store
from workers.web.v1 import create_api, describing

PUBLISHED = Path(__file__).parent / "api/openapi.v1.json"

TIGHTER = {"maxLength": -1, "maxItems": -1, "maximum": -1, "minLength": 1, "minItems": 1, "minimum": 1}
"""Limits of a parameter, and in which direction they refuse what was taken before."""


@cache
def described() -> dict[str, Any]:
    """Return the description as the code makes it; it needs no tables."""
    return describing.description(create_api(open_store("sqlite://")))


def published() -> dict[str, Any]:
    """Return the description that was published."""
    found: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the routes of a description."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def breaks(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return what a client that was written from one description could not do with another."""
    found: list[str] = []
    there = dict(operations(now))
    for label, operation in operations(before):
        if label not in there:
            found.append(f"{label}: the route is gone")
            continue
        found += [f"{label}: {each}" for each in _of_parameters(operation, there[label])]
        found += [f"{label}: {each}" for each in _of_answers(operation, there[label], before, now)]
    return found


def _of_parameters(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    known = {(item["in"], item["name"]): item for item in before.get("parameters", ())}
    given = {(item["in"], item["name"]): item for item in now.get("parameters", ())}
    for key, item in given.items():
        if item.get("required") and not known.get(key, {}).get("required"):
            yield f"{key[1]} is needed now"
    for key, item in known.items():
        if key not in given:
            yield f"{key[1]} is gone"
        else:
            yield from (f"{key[1]} {each}" for each in _narrowed(item["schema"], given[key]["schema"]))


def _narrowed(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """Yield why values of a parameter that were taken are not any more."""
    if before.get("type") != now.get("type") or before.get("pattern") != now.get("pattern"):
        yield "is of another form"
    if gone := set(map(str, before.get("enum", ()))) - set(map(str, now.get("enum", before.get("enum", ())))):
        yield f"takes no {', '.join(sorted(gone))}"
    if "enum" in now and "enum" not in before:
        yield "takes some values only"
    if before.get("default") != now.get("default"):
        yield "means something else where it is left out"
    for limit, sign in TIGHTER.items():
        if limit in now and (limit not in before or sign * (now[limit] - before[limit]) > 0):
            yield f"has a tighter {limit}"
    if "items" in before:
        yield from _narrowed(before["items"], now.get("items", {}))


def _of_answers(before: dict[str, Any], now: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for status, response in before["responses"].items():
        there = now["responses"].get(status)
        if there is None:
            yield f"no answer {status}"
            continue
        for media_type, content in response.get("content", {}).items():
            if media_type not in there.get("content", {}):
                yield f"{status} is not given as {media_type}"
                continue
            schemas = content.get("schema", {}), there["content"][media_type].get("schema", {})
            yield from (f"{status} {each}" for each in _changed(*schemas, old, new, "$", frozenset()))


def _changed(
    before: Any, now: Any, old: dict[str, Any], new: dict[str, Any], path: str, seen: frozenset[str]
) -> Iterator[str]:
    """Yield where an answer has less than it had, or something else."""
    if "$ref" in before:
        if before["$ref"] in seen:
            return
        seen |= {before["$ref"]}
    before, now = _resolved(before, old), _resolved(now, new)
    if (before.get("type"), before.get("const")) != (now.get("type"), now.get("const")):
        yield f"{path} is something else"
    if gone := set(map(str, before.get("enum", ()))) - set(map(str, now.get("enum", before.get("enum", ())))):
        yield f"{path} is never {', '.join(sorted(gone))}"
    for name, inner in before.get("properties", {}).items():
        if name not in now.get("properties", {}):
            yield f"{path}.{name} is gone"
            continue
        if name in before.get("required", ()) and name not in now.get("required", ()):
            yield f"{path}.{name} may be missing"
        yield from _changed(inner, now["properties"][name], old, new, f"{path}.{name}", seen)
    for key in ("items", "additionalProperties"):
        if isinstance(before.get(key), dict):
            yield from _changed(before[key], now.get(key) or {}, old, new, f"{path}[]", seen)
    for one, other in zip(before.get("anyOf", ()), now.get("anyOf", ()), strict=False):
        yield from _changed(one, other, old, new, path, seen)
    if len(before.get("anyOf", ())) > len(now.get("anyOf", ())):
        yield f"{path} has fewer forms"


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        rest = {name: value for name, value in schema.items() if name != "$ref"}
        schema = {**document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], **rest}
    return schema


if __name__ == "__main__":
    PUBLISHED.write_text(json.dumps(described(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
