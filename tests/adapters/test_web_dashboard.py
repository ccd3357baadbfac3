"""The dashboard's empty pages: what they say without their script, and that they trust no address."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from workers.web import dashboard
from workers.web.dashboard.catalogue import sentences


def served(script: Path) -> TestClient:
    """The pages alone."""
    app = FastAPI()
    app.include_router(dashboard.routes(script))
    return TestClient(app)


def test_a_page_without_its_script_says_what_is_missing(tmp_path: Path) -> None:
    """Where Node was missing an empty page would look like an empty store."""
    for path in ("/dashboard", "/dashboard/small"):
        page = served(tmp_path / "nothing.js").get(path).text
        assert sentences()["page.not-built"] in page
        assert "<script" not in page


def test_a_page_names_its_meeting_and_its_labels(tmp_path: Path) -> None:
    """Whatever the script does, the reader is told what this is."""
    (tmp_path / "built.js").touch()
    page = served(tmp_path / "built.js").get("/dashboard/small").text
    assert 'data-meeting="small"' in page
    assert page.count(sentences()["page.labels"]) >= 2
    assert sentences()["page.not-built"] not in page


def test_an_address_that_is_no_meeting_is_refused() -> None:
    """What a stranger writes into an address must not come into the page."""
    client = served(dashboard.SCRIPT)
    for path in ("/dashboard/A", "/dashboard/%3Cscript%3E", "/dashboard/a%22b"):
        assert client.get(path).status_code == 422
