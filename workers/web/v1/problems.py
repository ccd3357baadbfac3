"""The one shape in which the API says no: problem details (RFC 9457), naming the parameter where one is at fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from floorlog.errors import RetryableError, UnknownMeeting
from workers.web.desk.problems import NO_STORE, Problem

MEDIA_TYPE = "application/problem+json"

PLAIN: Mapping[int, tuple[str, str, str]] = {
    404: ("not-found", "Not found", "There is nothing at this address, or it is not shown to you."),
    405: ("read-only", "Not possible", "These addresses can only be read: GET or HEAD."),
}
"""Slug, title and detail of what the framework refuses by itself."""

RETRY_AFTER_S = 5
"""What is asked of those who come while the store does not answer."""

log = structlog.get_logger()


def plain(status: int, detail: str = "The request could not be answered.") -> Problem:
    """Return the problem of what the framework refuses by itself."""
    return Problem(status, *PLAIN.get(status, ("refused", "Not possible", detail)))


def not_found(what: str) -> Problem:
    """Return the problem that something is not there, or not shown to who asks: both look alike."""
    return Problem(404, "not-found", "Not found", f"There is no such {what}, or it is not shown to you.")


def bad_parameter(name: str, detail: str) -> Problem:
    """Return the problem that a parameter cannot be used; `name` says which."""
    return Problem(400, "bad-parameter", "Bad parameter", f"{name}: {detail}", parameter=name)


def gone(slug: str, reason: str, **facts: Any) -> Problem:
    """Return the problem that something was shown once and is no more: withdrawn, removed or retired; and why."""
    return Problem(410, slug, slug.capitalize(), reason, reason=reason, **facts)


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the answer that states a problem."""
    members = {
        "type": f"urn:floorlog:problem:{problem.slug}",
        "title": problem.title,
        "status": problem.status_code,
        "detail": problem.detail,
        **problem.facts,
    }
    return JSONResponse(members, problem.status_code, headers={**NO_STORE, **(headers or {})}, media_type=MEDIA_TYPE)


def unavailable(fault: RetryableError) -> JSONResponse:
    """Return the answer while the store does not answer."""
    log.warning("api-unavailable", reason=fault.reason, fault=str(fault))
    problem = Problem(503, "unavailable", "Not available now", "The store does not answer. Please try again soon.")
    return answer(problem, {"retry-after": str(RETRY_AFTER_S)})


def misunderstood(fault: RequestValidationError) -> Problem:
    """Return the problem of a request whose parameters are not as they should be."""
    error = fault.errors()[0]
    where, *place = error["loc"]
    name = str(next((step for step in place if isinstance(step, str)), where))
    if where == "path":
        return not_found(name.removesuffix("_id").replace("_", " "))
    return bad_parameter(name, _said(error))


def handlers(app: FastAPI) -> None:
    """Let an application answer every fault as a problem."""

    @app.exception_handler(HTTPException)
    def refused(request: Request, fault: HTTPException) -> JSONResponse:
        if isinstance(fault, Problem):
            return answer(fault, fault.headers)
        if fault.status_code == 405:
            fault.headers = {"allow": "GET, HEAD, OPTIONS"}
        return answer(plain(fault.status_code, str(fault.detail)), fault.headers)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, fault: RequestValidationError) -> JSONResponse:
        return answer(misunderstood(fault))

    @app.exception_handler(UnknownMeeting)
    def unknown(request: Request, fault: UnknownMeeting) -> JSONResponse:
        return answer(not_found("meeting"))

    @app.exception_handler(RetryableError)
    def not_now(request: Request, fault: RetryableError) -> JSONResponse:
        return unavailable(fault)

    @app.exception_handler(Exception)
    def broken(request: Request, fault: Exception) -> JSONResponse:
        log.error("api-failed", route=getattr(request.scope.get("route"), "path", "none"), exc_info=fault)
        detail = "The fault is on this side, and it was logged."
        return answer(Problem(500, "failed", "Something went wrong", detail))


def _said(error: Mapping[str, Any]) -> str:
    """Return what is wrong with a value, in words for whoever wrote it."""
    context = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "it is needed."
        case "string_pattern_mismatch" | "string_too_short" | "string_too_long":
            return f"the value has not the form that is expected. {error['msg']}."
        case "literal_error" | "enum":
            return f"expected is one of {context['expected']}."
        case "value_error":
            return f"{context['error']}."
        case "too_long":
            return f"at most {context['max_length']} values are taken."
    return f"{error['msg']}."
