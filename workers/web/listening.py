"""The route of the audio: one file per channel and end, which can be read from any byte on."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import StreamingResponse

from floorlog.announcements import Segment
from floorlog.audio_timeline import LONGEST_MS, entity_tag, heard_until_ms, lay_out
from workers.web import ranges
from workers.web.audio import AudioReader
from workers.web.board import Boards
from workers.web.people import may_view
from workers.web.reading import Reader


def routes(reader: Reader, boards: Boards, audio: AudioReader) -> APIRouter:
    """Return the route of the audio.

    Args:
        reader: Knows the segments.
        boards: Knows whether a meeting may be listened to.
        audio: Reads the samples.
    """
    router = APIRouter()

    def may_listen(request: Request, meeting_id: str, channel: str, end_ms: int) -> bool:
        # Those inside listen to what they review, long before anything of it is published.
        if may_view(request):
            sitting = reader.sitting(meeting_id)
            return sitting is not None and channel in sitting.channels
        board = boards.board(meeting_id)
        return board is not None and end_ms <= board.audio_ends_ms.get(channel, 0)

    @router.api_route("/meetings/{meeting_id}/audio/{channel}/{end_ms}.wav", methods=["GET", "HEAD"])
    def wav(request: Request, meeting_id: str, channel: str, end_ms: int) -> Response:
        if not 0 < end_ms <= LONGEST_MS or not may_listen(request, meeting_id, channel, end_ms):
            raise HTTPException(404)
        return wav_of(request, reader, audio, meeting_id, channel, end_ms)

    return router


def wav_of(
    request: Request, reader: Reader, audio: AudioReader, meeting_id: str, channel: str, end_ms: int
) -> Response:
    """Return the answer to a request for a channel's audio from 0 to a moment, or for a range of its bytes.

    Args:
        request: The request, of somebody who may listen.
        reader: Knows the segments.
        audio: Reads the samples.
        meeting_id: The meeting.
        channel: One of its channels.
        end_ms: Where the file ends on the meeting clock.

    Raises:
        HTTPException: 404, so much was not announced.
    """
    announced = reader.announcements(meeting_id, channel)
    if not 0 < end_ms <= min(heard_until_ms(item.span for item in announced), LONGEST_MS):
        raise HTTPException(404)
    timeline = lay_out((item for item in announced if isinstance(item, Segment)), end_ms)
    tag = entity_tag(timeline)
    answer = ranges.answer(request.method, request.headers, timeline.size_bytes, tag)
    # The name holds for good, but whoever may listen today may not tomorrow: ask each time.
    headers = {"accept-ranges": "bytes", "etag": tag, "cache-control": "private, no-cache"}
    if answer.status == 304:
        return Response(status_code=304, headers=headers)
    if answer.status == 416:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{timeline.size_bytes}"})
    if answer.status == 206:
        last = answer.first_byte + answer.length_bytes - 1
        headers["content-range"] = f"bytes {answer.first_byte}-{last}/{timeline.size_bytes}"
    headers["content-length"] = str(answer.length_bytes)
    if request.method == "HEAD":
        return Response(status_code=answer.status, headers=headers, media_type="audio/wav")
    body = audio.stream(timeline, answer.first_byte, answer.length_bytes)
    return StreamingResponse(body, answer.status, headers, media_type="audio/wav")
