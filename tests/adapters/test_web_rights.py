"""Each role can do what its row says and nothing else: every route, every role, and nobody at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from floorlog.roles import ROLES, may
from floorlog.services.bench import Bench
from floorlog.services.signing_in import Lifetimes
from tests.route_rights import RIGHTS
from tests.small_floor import a_store
from workers.web import create_app
from workers.web.desk import Desk
from workers.web.people import Person, Session
from workers.web.shelf import Shelf
from workers.web.staff import Staff
from workers.web.v1 import create_api

TOKEN = "token-of-tests"


class Pretended(Staff):
    """Staff whose role is what a header says."""

    def of(self, request: Request) -> Session | None:
        role = request.headers.get("x-role")
        return Session(Person("person-1", "Ann", role), TOKEN) if role else None


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    folder = tmp_path_factory.mktemp("rights")
    with a_store("sqlite", folder) as store:
        staff = Pretended(store, Lifetimes(timedelta(hours=1), timedelta(hours=2)), "http://testserver")
        yield create_app(Shelf(store), people=staff, desk=Desk(Bench(store), Path(folder)), api=create_api(store))


def routes(app: FastAPI, below: str = "") -> Iterator[tuple[str, str]]:
    for route in iter_route_contexts(app.routes):
        for method in sorted(route.methods or ()):
            yield method, f"{below}{route.path}"
        inner = getattr(route.original_route, "app", None)
        if isinstance(inner, FastAPI):
            yield from routes(inner, f"{below}{route.path}")


def test_every_route_has_a_row_and_every_row_a_route(app: FastAPI) -> None:
    """Whoever adds a route must decide who may use it."""
    assert sorted(routes(app)) == sorted(RIGHTS)


def test_only_files_and_the_api_are_mounted(app: FastAPI) -> None:
    """What is mounted is behind no table, but for the API, whose routes are in it: it may hold files of ours only."""
    mounted = [route.path for route in iter_route_contexts(app.routes) if not route.methods]
    assert mounted == ["/static", "/v1"]


def test_the_api_is_only_read(app: FastAPI) -> None:
    """It takes no session and no token: nothing in it may change anything."""
    assert {method for method, path in RIGHTS if path.startswith("/v1")} == {"GET"}


@pytest.mark.parametrize("role", [None, *ROLES, "a role of another version"])
@pytest.mark.parametrize(("method", "path"), sorted(RIGHTS))
def test_each_role_can_do_what_its_row_says_and_nothing_else(
    app: FastAPI, method: str, path: str, role: str | None
) -> None:
    """One route that forgets to ask is enough to publish what nobody approved."""
    right = RIGHTS[method, path]
    address = re.sub(r"\{\w+\}", "unknown", path.replace("{end_ms}", "1000"))
    address = address.replace("/v1/stream", "/v1/stream?meeting=unknown")  # without one it goes on for ever
    headers = {"x-role": role, "x-csrf-token": TOKEN} if role else {}
    body: dict[str, Any] = {} if method in ("GET", "HEAD") else {"json": {}}
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    answer = client.request(method, address, headers=headers, **body)
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in?next=")
    if role is None and (right or path == "/sign-in"):
        by_page = method in ("GET", "HEAD") and not path.startswith("/desk/api/")
        expected = not to_sign_in if path == "/sign-in" else (to_sign_in if by_page else answer.status_code == 401)
        assert expected, answer.status_code
    elif right and not may(str(role), right):
        assert answer.status_code == 403
    else:
        assert answer.status_code not in (401, 403, 500)
        assert not to_sign_in


@pytest.mark.parametrize(("method", "path"), sorted(key for key in RIGHTS if key[0] not in ("GET", "HEAD")))
@pytest.mark.parametrize("token", [None, "", "another session's", "ünïcode"])
def test_every_change_must_carry_the_sessions_token(app: FastAPI, method: str, path: str, token: str | None) -> None:
    """Another site can make a browser send a request, but cannot know the token."""
    address = re.sub(r"\{\w+\}", "unknown", path)
    headers: dict[str, str | bytes] = {"x-role": "administrator"}
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    if token is not None:
        headers["x-csrf-token"] = token.encode()
        assert client.request(method, address, headers=headers, json={}).status_code == 403
    else:
        assert client.request(method, address, headers=headers, json={}).status_code == 403
        assert client.request(method, address, headers=headers, data={"csrf": "another"}).status_code == 403
