"""What the routes of the workbench share: the desk itself, names in addresses, and how JSON is answered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends
from fastapi import Path as InPath
from fastapi.responses import JSONResponse

from floorlog.adapters.store import Store
from floorlog.adapters.store.claims import Claim
from floorlog.clock import rfc3339
from floorlog.services import people
from floorlog.services.bench import Bench
from workers.web.desk.problems import NO_STORE
from workers.web.people import Person, require

NAME = r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,199}$"
"""Ids as they stand in addresses; anything else names nothing."""

MeetingId = Annotated[str, InPath(pattern=NAME)]
RecordId = Annotated[str, InPath(pattern=NAME)]

Viewer = Annotated[Person, Depends(require("view"))]
Reviewer = Annotated[Person, Depends(require("review"))]
Approver = Annotated[Person, Depends(require("approve"))]
Publisher = Annotated[Person, Depends(require("publish"))]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the workbench works on. `peaks`: the folder in which waveforms are kept."""

    bench: Bench
    peaks: Path

    @property
    def store(self) -> Store:
        """Return the store."""
        return self.bench.store


def answer(content: dict[str, Any], status: int = 200, **headers: str) -> JSONResponse:
    """Return JSON that nobody keeps."""
    return JSONResponse(content, status, headers={**NO_STORE, **headers})


def holder(claim: Claim | None) -> dict[str, str] | None:
    """Return who holds a claim, and until when; None where nobody does."""
    if claim is None:
        return None
    return {"id": claim.person_id, "name": claim.person_name, "until": rfc3339(claim.until)}


def etag(revision: int | None) -> str:
    """Return the entity tag of a record's revision; that of what is still open never matches."""
    return f'"{revision or 0}"'


def names_of_people(desk: Desk) -> dict[str, str]:
    """Return the names of all accounts, by id."""
    return {account.id: account.name for account in people.everybody(desk.store)}
