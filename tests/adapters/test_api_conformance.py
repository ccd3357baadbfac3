"""Requests made up from the API's own description, good and bad ones: each is answered as the description says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from floorlog.services import keys
from floorlog.services.people import Actor
from tests import library
from tests.library import CLOSED, LIVE, PUBLISHED, rec
from tests.published_api import described, operations
from tests.small_floor import a_store
from workers.web.app import create_app
from workers.web.shelf import Shelf
from workers.web.v1 import create_api

ENDLESS = "GET /stream"
"""Goes on until the reader leaves: tests of its own read it."""

LABELS = [label for label, _ in operations(described()) if label != ENDLESS]

GOOD = [200, 308, 404, 410]
"""How what may be asked is answered: with it, with where it went, or with why it is not there."""

EXAMPLES = 15
"""Requests of each route, good ones and bad ones each."""

MEETINGS = (LIVE, PUBLISHED, CLOSED, "no-such-one")
RECORDS = (*(rec(PUBLISHED, at_s) for at_s in (0, 20, 40, 60, 80, 120, 160)), rec(LIVE, 20), rec(LIVE, 999))
CODES = ("CMR", "NOR", "EU", "G77", "CHAIR", "NORDIC")


@dataclass(frozen=True)
class Served:
    """A library that is served, and a key that opens all of it."""

    schema: Any
    secret: str

    def operation(self, label: str) -> Any:
        """A route as requests are made up for it."""
        method, path = label.split(" ")
        return self.schema[path][method]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_store("sqlite", tmp_path_factory.mktemp("library")) as store:
        library.fill(store)
        _, secret = keys.add(store, "All", ["unpublished", "closed"], Actor(None, "the clerk"), datetime.now(UTC))
        app = create_app(Shelf(store), api=create_api(store, today=lambda: date(2021, 2, 24)))
        config = schemathesis.Config.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": GOOD}}})
        yield Served(schemathesis.openapi.from_asgi("/v1/openapi.json", app, config=config), secret)


often = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("label", LABELS)
def test_what_may_be_asked_is_answered_as_described(served: Served, label: str) -> None:
    """Whoever asks by the book gets what the book says, and never a fault."""
    operation = served.operation(label)

    @often
    @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), st.data())
    def ask(case: Any, data: st.DataObject) -> None:
        _known(case, data)
        case.headers = {"authorization": f"Bearer {served.secret}"} if data.draw(st.booleans()) else {}
        answer = case.call()
        assert answer.status_code in GOOD, answer.text
        case.validate_response(answer)

    ask()


@pytest.mark.parametrize("label", LABELS)
def test_what_may_not_be_asked_is_refused_as_described(served: Served, label: str) -> None:
    """Nothing that is sent is a fault of the server, and nothing wrong is taken for right."""
    operation = served.operation(label)

    @often
    @given(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def ask(case: Any) -> None:
        answer = case.call()
        assert 400 <= answer.status_code < 500 or answer.status_code == 200, answer.text
        case.validate_response(answer)

    ask()


def _known(case: Any, data: st.DataObject) -> None:
    """Ask for what there is, as a rule, and never for codes and cursors that nobody gave out."""
    for name, known in (("meeting_id", MEETINGS), ("record_id", RECORDS), ("code", CODES)):
        if case.path_parameters and name in case.path_parameters:
            case.path_parameters[name] = data.draw(st.sampled_from(known))
    query = case.query or {}
    for name in ("entity", "group", "on_behalf_of"):
        if name in query:
            query[name] = data.draw(st.lists(st.sampled_from(CODES), max_size=3))
    if "meeting" in query:
        query["meeting"] = data.draw(st.sampled_from(MEETINGS))
    query.pop("cursor", None)
    if "after" in query:
        query["after"] = data.draw(st.sampled_from(("0", "3", "now")))
    if str(case.path_parameters.get("form") if case.path_parameters else "") in ("vtt", "srt"):
        query["meeting"] = LIVE if "meeting_id" not in case.path_parameters else query.pop("meeting", None)
        query = {name: value for name, value in query.items() if value is not None}
    case.query = query
