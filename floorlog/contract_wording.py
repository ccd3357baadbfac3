"""Say what was expected of a document: the wording of the errors of JSON Schema."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

from jsonschema.exceptions import ValidationError

from floorlog.contract_rules import Fault

_JSON_TYPES = {
    "object": "an object",
    "array": "an array",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def explain(error: ValidationError) -> Fault:
    """Return the path of a schema error and what was expected, without quoting more than a few characters of it."""
    path, wanted, found = tuple(error.absolute_path), error.validator_value, error.instance
    match error.validator:
        case "required":
            missing = next(key for key in wanted if key not in found)
            return Fault((*path, missing), "required, but missing")
        case "additionalProperties":
            known, patterns = error.schema.get("properties", {}), error.schema.get("patternProperties", {})
            unknown = next(k for k in found if k not in known and not any(re.search(p, k) for p in patterns))
            return Fault((*path, unknown), f"no such property; known are {', '.join(known)}")
        case "type":
            names = [wanted] if isinstance(wanted, str) else wanted
            return Fault(path, f"{' or '.join(_JSON_TYPES[each] for each in names)}, found {_kind_of(found)}")
        case "oneOf":  # the contracts use it for one thing: exactly one of some properties
            return Fault(path, f"exactly one of {', '.join(each['required'][0] for each in wanted)}")
    phrase = _PHRASES.get(str(error.validator), lambda value: f"{error.validator} {value}")(wanted)
    return Fault(path, phrase if error.validator in _WITHOUT_VALUE else f"{phrase}, found {shown(found)}")


_PHRASES: Final[dict[str, Callable[[Any], str]]] = {
    "const": lambda value: json.dumps(value),
    "enum": lambda values: "one of " + ", ".join(str(json.dumps(each)) for each in values),
    "pattern": lambda value: f"text like {value}",
    "format": lambda value: f"a valid {value}",
    "minimum": lambda value: f"at least {value}",
    "maximum": lambda value: f"at most {value}",
    "minLength": lambda value: f"at least {value} characters",
    "maxLength": lambda value: f"at most {value} characters",
    "minItems": lambda value: f"at least {value} items",
    "maxItems": lambda value: f"at most {value} items",
    "minProperties": lambda value: f"at least {value} properties",
    "maxProperties": lambda value: f"at most {value} properties",
    "uniqueItems": lambda _: "each item once",
}
_WITHOUT_VALUE: Final = frozenset(
    ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "uniqueItems")
)


def _kind_of(value: Any) -> str:
    kinds = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    return _JSON_TYPES[kinds.get(type(value), "object")]


def shown(value: Any) -> str:
    """Return a value as an error may quote it: as JSON, at most 60 characters, and nothing of what it contains."""
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, dict | list) else _kind_of(value)
    return text if len(text) <= 60 else text[:59] + "…"
