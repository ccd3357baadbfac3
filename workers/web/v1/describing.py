"""The description of the API (OpenAPI 3.1): what the routes say, with the record's own schema in its place."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from floorlog import contract
from workers.web.v1.answers import Problem

VERSION = "1.0.0"
"""Of the contract: the second number grows with every addition."""

ABOUT = """
What was said in meetings of the United Nations: who had the floor, for whom, when, and in which words.

Everything is read-only. Text is an automatic transcript and not an official record; `review.state` says whether a
person looked at it. Times are ms on the meeting's clock (`…_ms`) or UTC (RFC 3339). Without a key you see what each
meeting's audience allows. Members that you do not know may appear: ignore them.
"""

RECORD = ("Intervention", "Hit", "Revision")
"""Answers that are a record with something beside it."""

KEY = "A key that whoever runs this server gave out (`flk_…`). It opens more than everybody sees; nothing needs one."

_DEFINITIONS = "urn:floorlog:schema:definitions:1#/$defs/"


def description(app: FastAPI) -> dict[str, Any]:
    """Return the description of an application's routes."""
    if app.openapi_schema is None:
        document = get_openapi(
            title="Floorlog",
            version=VERSION,
            summary="The log of the floor of meetings of the United Nations.",
            description=ABOUT.strip(),
            routes=app.routes,
            servers=[{"url": "/v1", "description": "This server."}],
        )
        schemas = document["components"]["schemas"]
        schemas["Problem"] = Problem.model_json_schema()
        _with_records(schemas)
        for operation in _operations(document):
            operation["responses"].pop("422", None)  # such requests get 400
            for parameter in operation.get("parameters", ()):
                _without_null(parameter)
        document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": KEY}}
        document["security"] = [{}, {"key": []}]
        document["components"]["schemas"] = _used(document)
        app.openapi_schema = document
    return app.openapi_schema


def operation_id(route: APIRoute) -> str:
    """Return the name of a route in generated clients: `meetings_one` is one of `meetings`."""
    steps = route.path_format.strip("/").split("/")
    named = [step.partition(".")[0].replace("-", "_") for step in steps if not step.startswith("{")]
    return "_".join([*named, "one"] if steps[-1].startswith("{") else named)


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _without_null(parameter: dict[str, Any]) -> None:
    """Describe what may be left out as such: nobody can send null in an address."""
    schema = parameter["schema"]
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if kinds:
        del schema["anyOf"]
        schema |= kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    schema.pop("description", None)  # the parameter says it


def _used(document: dict[str, Any]) -> dict[str, Any]:
    """Return the shared schemas that something refers to."""
    schemas, used = document["components"]["schemas"], dict[str, Any]()
    waiting = [document["paths"]]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in used:
                used[name] = schemas[name]
                waiting.append(schemas[name])
    return {name: schemas[name] for name in sorted(used)}


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].rpartition("/")[2]
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value)


def _with_records(schemas: dict[str, Any]) -> None:
    record = _local(copy.deepcopy(contract.schema("record")))
    for name, shared in contract.schema("definitions")["$defs"].items():
        schemas[f"record.{name}"] = _local(copy.deepcopy(shared))
    interpretation = record["properties"]["interpretations"]["items"]
    interpretation["required"] = [name for name in interpretation["required"] if name != "words"]
    for name in RECORD:
        if name in schemas:
            beside = schemas[name]
            beside["properties"] = {**record["properties"], **beside["properties"]}
            beside["required"] = [*(each for each in record["required"] if each != "words"), *beside["required"]]


def _local(schema: Any) -> Any:
    """Return a schema whose references lead to where the description holds what is shared."""
    if isinstance(schema, list):
        return [_local(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    local = {key: _local(value) for key, value in schema.items()}
    if str(local.get("$ref", "")).startswith(_DEFINITIONS):
        local["$ref"] = "#/components/schemas/record." + local["$ref"].removeprefix(_DEFINITIONS)
    return local


def to_read(document: dict[str, Any]) -> dict[str, Any]:
    """Return what the page for people shows of the description: the routes by tag, and what each takes."""
    tags: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        operation = operations["get"]
        tags.setdefault(operation["tags"][0], []).append(
            {
                "path": f"/v1{path}",
                "about": operation["description"],
                "parameters": [_parameter(item) for item in operation.get("parameters", ())],
                "statuses": sorted(operation["responses"]),
            }
        )
    return {
        "about": document["info"]["description"].split("\n\n"),
        "version": document["info"]["version"],
        "tags": tags,
    }


def _parameter(item: dict[str, Any]) -> dict[str, Any]:
    schema = item["schema"]
    inner = schema.get("items", schema)
    return {
        "name": item["name"],
        "where": item["in"],
        "needed": item.get("required", False),
        "about": item.get("description", ""),
        "values": inner.get("enum", []),
        "default": schema.get("default"),
    }
