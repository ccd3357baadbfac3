"""The contracts: every document that crosses a process boundary is checked here against its JSON Schema.

Producers call `validate` (strict: no unknown properties). Readers call `parse` (tolerant: what they do not know,
they ignore), so that a version can gain optional fields. What JSON Schema cannot say, such as that a span ends after
it starts, is in `floorlog.contract_rules` and holds for both.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import referencing
from jsonschema import Draft202012Validator, FormatChecker, validators
from jsonschema.exceptions import ValidationError, best_match

from floorlog.clock import parse_rfc3339
from floorlog.contract_rules import RULES, Fault, json_path
from floorlog.contract_wording import explain, shown
from floorlog.errors import InvalidDocument

NAMES: Final = ("meeting", "segment", "transcript", "record", "correction", "dead-letter", "event")
"""The documents that have a contract."""

MAX_DEPTH = 32
"""How deep a document may nest; the deepest contract nests 8 deep."""

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_HERE = Path(__file__).resolve().parent
_FOLDERS = (_HERE / "schemas", _HERE.parent / "schemas")  # installed from a wheel; in a checkout
_FORMATS = FormatChecker(formats=("date", "uri", "uri-reference"))


def _is_moment(value: object) -> bool:
    """Accept what RFC 3339 allows and this program can read: so no leap second, which `datetime` does not know."""
    if not isinstance(value, str):
        return True
    parse_rfc3339(value)
    return _RFC3339.fullmatch(value) is not None


_FORMATS.checks("date-time", raises=(ValueError, OverflowError))(_is_moment)


def _is_integer(_checker: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile an ECMA pattern; there `$` is the end of the text, in Python it also stands before a last newline."""
    anchored = pattern.endswith("$") and not pattern.endswith("\\$")
    return re.compile(pattern[:-1] + r"\Z" if anchored else pattern)


def _pattern(_validator: Any, pattern: str, instance: object, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and _compiled(pattern).search(instance) is None:
        yield ValidationError(f"does not match {pattern}")


def _ignore_unknown(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """Let a reader pass over properties that it does not know; keep every other use of `additionalProperties`."""
    if allowed is not False:
        yield from Draft202012Validator.VALIDATORS["additionalProperties"](validator, allowed, instance, schema)


_STRICT = validators.extend(
    Draft202012Validator,
    {"pattern": _pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)
_TOLERANT = validators.extend(_STRICT, {"additionalProperties": _ignore_unknown})


@functools.cache
def folder() -> Path:
    """Return the folder that holds the schemas, in a checkout as in an installed wheel."""
    for candidate in _FOLDERS:
        if (candidate / "definitions.v1.schema.json").is_file():
            return candidate
    raise FileNotFoundError(f"no schemas in {' or '.join(map(str, _FOLDERS))}")


@functools.cache
def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a document, or of the shared `definitions`. Do not change it.

    Raises:
        KeyError: no document has that name.
    """
    if name not in (*NAMES, "definitions"):
        raise KeyError(name)
    loaded: dict[str, Any] = json.loads((folder() / f"{name}.v1.schema.json").read_text("utf-8"))
    return loaded


@functools.cache
def _registry() -> referencing.Registry[Any]:
    contents = [schema(name) for name in (*NAMES, "definitions")]
    return referencing.Registry().with_contents((each["$id"], each) for each in contents).crawl()


def inlined(value: Any, resolver: Any = None) -> Any:
    """Return a schema with every reference replaced by what it refers to: twice as fast to check against."""
    resolver = resolver or _registry().resolver(value["$id"])
    if isinstance(value, list):
        return [inlined(each, resolver) for each in value]
    if not isinstance(value, dict):
        return value
    rest = {key: inlined(each, resolver) for key, each in value.items() if key not in ("$ref", "$defs", "$id")}
    if "$ref" not in value:
        return rest
    found = resolver.lookup(value["$ref"])
    return {**inlined(found.contents, found.resolver), **rest}


@functools.cache
def _validator(name: str, strict: bool) -> Any:
    return (_STRICT if strict else _TOLERANT)(inlined(schema(name)), format_checker=_FORMATS)


def validate(name: str, document: Any) -> None:
    """Check what is about to be sent: it keeps its contract and has no property that the contract does not name.

    Raises:
        InvalidDocument: it does not; names the JSON path and what was expected there.
        KeyError: no document has that name.
    """
    _check(name, document, strict=True)


def parse(name: str, data: bytes) -> dict[str, Any]:
    """Read what was received: UTF-8, JSON, and the contract; properties that the contract does not name may stay.

    Raises:
        InvalidDocument: it is not such a document; names the JSON path and what was expected there. Where it is no
            JSON, the path is `$` and the text names the offset in bytes.
        KeyError: no document has that name.
    """
    document: dict[str, Any] = _load(schema_of(name), data)
    _check(name, document, strict=False)  # refuses what is no object
    return document


def schema_of(name: str) -> str:
    """Return what a document of that name carries as `schema`, for example `segment/1`."""
    return f"{name}/{schema(name)['$id'].rsplit(':', 1)[1]}"


def _check(name: str, document: Any, *, strict: bool) -> None:
    label = schema_of(name)
    fault = next(_unportable(document), None)
    if fault is None:
        errors = list(_validator(name, strict).iter_errors(document))
        fault = explain(best_match(errors)) if errors else next(iter(RULES[name](document)), None)
    if fault is not None:
        raise InvalidDocument(label, json_path(fault.path), fault.expected)


def _load(label: str, data: bytes) -> Any:
    def fail(expected: str) -> InvalidDocument:
        return InvalidDocument(label, "$", expected)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [key for key, _ in pairs]
            twice = next(key for key in names if names.count(key) > 1)
            raise fail(f"each property once; {shown(twice)} is repeated")
        return found

    def no_constant(text: str) -> Any:
        raise fail(f"JSON; {text} is no JSON number")

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise fail(f"UTF-8; found another byte at offset {error.start}") from error
    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=no_constant)
    except json.JSONDecodeError as error:
        offset = len(text[: error.pos].encode("utf-8"))
        raise fail(f"JSON; found a fault at byte offset {offset} ({error.msg})") from error
    except RecursionError as error:
        raise fail(f"at most {MAX_DEPTH} levels of nesting") from error
    except ValueError as error:  # more digits than Python turns into an int
        raise fail("JSON numbers of at most 4300 digits") from error


def _unportable(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Fault]:
    """Yield what not every JSON reader and not every database takes."""
    if len(path) > MAX_DEPTH:
        yield Fault(path[:3], f"at most {MAX_DEPTH} levels of nesting")
        return
    match value:
        case str():
            if "\0" in value:
                yield Fault(path, "text without NUL")
            elif not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
                yield Fault(path, "text without lone surrogates")
        case float():
            if not math.isfinite(value):
                yield Fault(path, "a finite number")
        case dict():
            for key, each in value.items():
                if not isinstance(key, str) or next(_unportable(key), None):
                    yield Fault(path, "names of properties that are text without NUL and lone surrogates")
                else:
                    yield from _unportable(each, (*path, key))
        case list():
            for index, each in enumerate(value):
                yield from _unportable(each, (*path, index))
        case bool() | int() | None:
            pass
        case _:
            yield Fault(path, f"a JSON value, found a Python {type(value).__name__}")
