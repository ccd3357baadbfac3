"""The routes of the coverage ledger as data: where every second of each channel went, and what is to be looked at."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse

from floorlog.services.ledger import encode_channel
from workers.web.board import Board, Boards
from workers.web.people import may_view
from workers.web.reading import Reader

NO_STORE = {"cache-control": "no-store"}


def routes(reader: Reader, boards: Boards) -> APIRouter:
    """Return the routes of the ledger.

    Args:
        reader: Where the ledger is from.
        boards: Knows whether a meeting may be seen, and listened to.
    """
    router = APIRouter()

    def may_see(request: Request, meeting_id: str) -> Board:
        board = boards.board(meeting_id, inside=may_view(request))
        if board is None:
            raise HTTPException(404)
        return board

    @router.get("/meetings/{meeting_id}/coverage.json")
    def coverage(request: Request, meeting_id: str) -> JSONResponse:
        board = may_see(request, meeting_id)
        channels = [encode_channel(item) for item in reader.coverage(meeting_id)] if board.audio_ends_ms else []
        content: dict[str, Any] = {
            "meeting_id": meeting_id,
            "clock_ms": max((item["until_ms"] for item in channels), default=0),
            "channels": channels,
        }
        return JSONResponse(content, headers=NO_STORE)

    @router.get("/meetings/{meeting_id}/review-items.json")
    def review_items(request: Request, meeting_id: str) -> JSONResponse:
        board = may_see(request, meeting_id)
        items = reader.review_items(meeting_id) if board.audio_ends_ms else []
        return JSONResponse({"meeting_id": meeting_id, "items": items}, headers=NO_STORE)

    return router
