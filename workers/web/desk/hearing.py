"""The routes of what is heard: audio of meetings that the public may not hear, waveforms, and voices."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from floorlog.announcements import Segment
from floorlog.audio_timeline import heard_until_ms
from floorlog.services.voices import Voices
from workers.web.audio import AudioReader
from workers.web.desk.peaks import PER_S, Waveforms
from workers.web.desk.problems import ProblemRoute, invalid, not_found
from workers.web.desk.wire import NAME, Desk, MeetingId, RecordId, Viewer, answer
from workers.web.listening import wav_of
from workers.web.reading import Reader


def routes(desk: Desk, reader: Reader, audio: AudioReader, waveforms: Waveforms) -> APIRouter:
    """Return the routes.

    Args:
        desk: What is worked on.
        reader: Knows the audio of channels.
        audio: Reads samples.
        waveforms: Knows how loud they are.
    """
    router = APIRouter(route_class=ProblemRoute)
    voices = Voices(desk.bench)

    @router.api_route("/meetings/{meeting_id}/audio/{channel}/{end_ms}.wav", methods=["GET", "HEAD"])
    def wav(request: Request, meeting_id: MeetingId, channel: MeetingId, end_ms: int, person: Viewer) -> Response:
        return wav_of(request, reader, audio, meeting_id, channel, end_ms)

    @router.get("/meetings/{meeting_id}/peaks")
    def peaks(
        meeting_id: MeetingId,
        person: Viewer,
        channel: Annotated[str, Query(pattern=NAME)] = "floor",
        per_s: int = 10,
    ) -> JSONResponse:
        if per_s not in PER_S:
            raise invalid("$.per_s", f"It is one of {', '.join(map(str, PER_S))}.")
        meeting = desk.store.meeting(meeting_id)
        if channel not in {item["name"] for item in meeting.document["channels"]}:
            raise not_found("channel")
        announced = reader.announcements(meeting_id, channel)
        segments = [item for item in announced if isinstance(item, Segment)]
        found, complete = waveforms.of(segments, heard_until_ms(item.span for item in announced), per_s)
        return answer({"channel": channel, "per_s": per_s, "peaks": found, "complete": complete})

    @router.get("/records/{record_id}/voice")
    def voice(record_id: RecordId, person: Viewer) -> JSONResponse:
        row = desk.store.record_row(record_id)
        if row is None or row.retired:
            raise not_found("record")
        found = voices.alike(row.meeting_id, record_id)
        return answer({"records": [{"record_id": each.record_id, "similarity": each.similarity} for each in found]})

    return router
