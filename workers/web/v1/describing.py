"""The description of the API (OpenAPI 3.1): what the routes say, with the record's own schema in its place."""

from __future__ import annotations

import copy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

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

RECORD = ("Intervention", "Hit")
"""Answers that are a record with something beside it."""

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
            servers=[{"url": "/v1"}],
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = Problem.model_json_schema()
        _with_records(schemas)
        for path in document["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = document
    return app.openapi_schema


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
