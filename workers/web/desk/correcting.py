"""The routes that change records: corrections, states, approval, undo, find and replace; and their history."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from floorlog.clock import rfc3339
from floorlog.errors import StaleRevision, TransitionRefused, UndoBlocked, UnknownRecord
from floorlog.services import review
from workers.web.desk.problems import Problem, ProblemRoute, invalid, not_found, writable
from workers.web.desk.rights import RIGHT_OF_STATE, allow, may_correct
from workers.web.desk.wire import (
    NAME,
    Approver,
    Desk,
    MeetingId,
    Publisher,
    RecordId,
    Reviewer,
    Viewer,
    answer,
    etag,
    names_of_people,
)
from workers.web.people import Person

AT_ONCE = 100
"""Corrections in one step."""

IfMatch = Annotated[str | None, Header()]

_TAG = re.compile(r'"(0|[1-9][0-9]{0,8})"')


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


Name = Annotated[str, Field(pattern=NAME)]
Why = Annotated[str | None, Field(min_length=1, max_length=2000)]


class CorrectionsBody(_Body):
    """What is corrected in one step."""

    corrections: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=AT_ONCE)]


class StateBody(_Body):
    """Where a record is brought."""

    to: Annotated[str, Field(max_length=64)]
    reason: Why = None


class ReasonBody(_Body):
    """Why something is done."""

    reason: Why = None


class ManyBody(_Body):
    """What is approved or published: some records, or all that can be."""

    record_ids: Annotated[list[Name] | None, Field(max_length=5000)] = None


class ReplaceBody(_Body):
    """What is looked for, and what it becomes."""

    find: Annotated[str, Field(min_length=1, max_length=1000)]
    replace: Annotated[str, Field(max_length=1000)]
    match_case: bool = True
    whole_words: bool = False
    record_ids: Annotated[list[Name] | None, Field(max_length=5000)] = None
    reason: Why = None


def routes(desk: Desk) -> APIRouter:
    """Return the routes."""
    router = APIRouter(route_class=ReviewRoute)
    store = desk.store

    @router.post("/records/{record_id}/corrections")
    def correct(record_id: RecordId, body: CorrectionsBody, person: Reviewer, if_match: IfMatch = None) -> JSONResponse:
        seen = _seen(if_match)
        writable(body.corrections, "$.corrections")
        may_correct(desk, person, [record_id], body.corrections)
        try:
            return _changed(review.correct(store, record_id, seen, body.corrections, _author(person)))
        except StaleRevision as fault:
            raise _stale(desk, fault, body.corrections) from fault

    @router.post("/meetings/{meeting_id}/corrections")
    def insert(meeting_id: MeetingId, body: CorrectionsBody, person: Reviewer) -> JSONResponse:
        writable(body.corrections, "$.corrections")
        if body.corrections[0].get("operation") != "insert":
            raise invalid("$.corrections[0].operation", "Only what is inserted belongs to no record yet.")
        may_correct(desk, person, [], body.corrections)
        store.meeting(meeting_id)
        return _changed(
            review.correct(store, "new", 0, body.corrections, _author(person), meeting_id=meeting_id), status=201
        )

    @router.post("/records/{record_id}/state")
    def state(record_id: RecordId, body: StateBody, person: Reviewer, if_match: IfMatch = None) -> JSONResponse:
        seen = _seen(if_match)
        writable(body.reason, "$.reason")
        allow(person, RIGHT_OF_STATE.get(body.to, "review"))
        try:
            return _changed(review.change_state(store, record_id, seen, body.to, _author(person), body.reason))
        except StaleRevision as fault:
            raise _stale(desk, fault, {"to": body.to, "reason": body.reason}) from fault

    @router.post("/records/{record_id}/take-machine")
    def take_machine(record_id: RecordId, body: ReasonBody, person: Reviewer, if_match: IfMatch = None) -> JSONResponse:
        seen = _seen(if_match)
        writable(body.reason, "$.reason")
        may_correct(desk, person, [record_id], [])
        try:
            return _changed(review.take_machine(store, record_id, seen, _author(person), body.reason))
        except StaleRevision as fault:
            raise _stale(desk, fault, {"take_machine": True}) from fault

    @router.get("/records/{record_id}/history")
    def history(record_id: RecordId, person: Viewer) -> JSONResponse:
        found = review.history(store, record_id)
        names = names_of_people(desk)
        return answer({"record_id": record_id, "revisions": [_revision(item, names) for item in found]})

    @router.post("/meetings/{meeting_id}/approve")
    def approve(meeting_id: MeetingId, body: ManyBody, person: Approver) -> JSONResponse:
        return _changed(review.approve(store, meeting_id, body.record_ids, _author(person)), words=False)

    @router.post("/meetings/{meeting_id}/publish")
    def publish(meeting_id: MeetingId, body: ManyBody, person: Publisher) -> JSONResponse:
        return _changed(review.publish(store, meeting_id, body.record_ids, _author(person)), words=False)

    @router.post("/meetings/{meeting_id}/undo")
    def undo(meeting_id: MeetingId, person: Reviewer) -> JSONResponse:
        return _changed(review.undo(store, meeting_id, _author(person)))

    @router.post("/meetings/{meeting_id}/redo")
    def redo(meeting_id: MeetingId, person: Reviewer) -> JSONResponse:
        return _changed(review.redo(store, meeting_id, _author(person)))

    @router.post("/meetings/{meeting_id}/replace")
    def replace(meeting_id: MeetingId, body: ReplaceBody, person: Reviewer) -> JSONResponse:
        writable(body.model_dump())
        if body.reason is not None:  # with a reason, what is public is corrected, too
            allow(person, "publish")
        changed = review.replace_all(
            store,
            meeting_id,
            body.find,
            body.replace,
            _author(person),
            match_case=body.match_case,
            whole_words=body.whole_words,
            record_ids=body.record_ids,
            reason=body.reason,
        )
        return _changed(changed, words=False)

    return router


class ReviewRoute(ProblemRoute):
    """A route whose refusals by the rules of review are answered as problems, with their facts."""

    def refusal(self, request: Request, fault: Exception) -> Problem | None:
        """Return what a fault is answered with."""
        match fault:
            case UnknownRecord():
                return not_found("record")
            case TransitionRefused(record_id=record_id, state=state, to=to, why=why):
                facts = {"record_id": record_id, "state": state, "to": to, "why": why}
                return Problem(409, fault.reason, "Not possible in this state", str(fault), **facts)
            case UndoBlocked(record_id=record_id, fields=fields):
                return Problem(
                    409, fault.reason, "Others built on it", str(fault), record_id=record_id, fields=list(fields)
                )
        return super().refusal(request, fault)


def _seen(if_match: str | None) -> int:
    """Return the revision that a person saw.

    Raises:
        Problem: 428, none is named; 412, what is named can be no revision.
    """
    if if_match is None:
        detail = 'Send If-Match with the revision that you saw, as in If-Match: "3".'
        raise Problem(428, "revision-needed", "Which revision?", detail)
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise Problem(412, "no-such-revision", "No such revision", "If-Match names one revision, in quotes.")
    return int(found[1])


def _author(person: Person) -> review.Author:
    return review.Author(person.id, person.name, person.role)


def _stale(desk: Desk, fault: StaleRevision, yours: Any) -> Problem:
    base = desk.store.revision(fault.record_id, fault.seen)
    row = desk.store.record_row(fault.record_id)
    return Problem(
        409,
        fault.reason,
        "Somebody else was faster",
        str(fault),
        record_id=fault.record_id,
        seen=fault.seen,
        yours=yours,
        theirs=fault.current,
        base=None if base is None else {**base.content, "revision": base.revision},
        successors=list(row.successors) if row else [],
    )


def _changed(changed: review.Changed, status: int = 200, *, words: bool = True) -> JSONResponse:
    """Return what a step made; of steps over a whole meeting without the words: a page fetches what it shows."""
    documents = list(changed.records)
    if not words:
        heavy = ("words", "interpretations")
        documents = [{key: value for key, value in item.items() if key not in heavy} for item in documents]
    headers = {"etag": etag(documents[0]["revision"])} if len(documents) == 1 else {}
    return answer({"records": documents, "retired": list(changed.retired)}, status, **headers)


def _revision(item: review.Revision, names: dict[str, str]) -> dict[str, Any]:
    return {
        "revision": item.revision,
        "made_by": item.made_by,
        "author": item.author,
        "author_name": names.get(item.author or ""),
        "reason": item.reason,
        "at": rfc3339(item.at),
        "state": item.state,
        "fields": list(item.fields),
        "text": [asdict(piece) for piece in item.text],
    }
