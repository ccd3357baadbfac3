"""How a route of the API takes its parameters: each known by name, each once unless it is a list."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from typing import Any, get_origin

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from workers.web.v1.problems import bad_parameter

LONGEST_QUERY = 8000
"""Characters of a query: what servers and proxies take of an address anyway."""


class ApiRoute(APIRoute):
    """A route that refuses, by name, what it does not know: a misspelt filter must not look like an empty answer."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        handle = super().get_route_handler()
        known = dict(_parameters(self.dependant))

        async def checked(request: Request) -> Response:
            if len(request.url.query) > LONGEST_QUERY:
                raise bad_parameter("query", f"at most {LONGEST_QUERY} characters are read.")
            seen: set[str] = set()
            for name, value in request.query_params.multi_items():
                if name not in known:
                    raise bad_parameter(name[:100], f"there is no such parameter here. {_offer(known)}")
                if name in seen and not known[name]:
                    raise bad_parameter(name, "it can be given once only.")
                if "\x00" in value:
                    raise bad_parameter(name, "it holds a character that cannot stand in text.")
                seen.add(name)
            return await handle(request)

        return checked


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Yield the names of the query's parameters, and whether each may be repeated."""
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for name, inner in kind.model_fields.items():
                yield inner.alias or name, get_origin(inner.annotation) is list
        else:
            yield field.alias, get_origin(kind) is list
    for inner_dependant in dependant.dependencies:
        yield from _parameters(inner_dependant)


def _offer(known: dict[str, bool]) -> str:
    return f"Known are: {', '.join(sorted(known))}." if known else "None is taken."
