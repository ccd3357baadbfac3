"""Meetings with sound and truth, run through the stages of the real pipeline: capture, transcribe, store, advance."""

from __future__ import annotations

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from floorlog import announcements, coverage, words
from floorlog.adapters.store import Store, open_store
from floorlog.announcements import End, Gap
from floorlog.cli.evaluate import alone
from floorlog.cli.evaluate.evaluated import Evaluated
from floorlog.config import Settings
from floorlog.errors import InvalidSetting
from floorlog.identity import canonical_json
from floorlog.interventions import Event
from floorlog.scoring import latency, logged, meeting, truth
from floorlog.services import advance, intake, meetings, recognisers, recognition
from floorlog.services.recognisers import RecogniserSettings
from workers import capture
from workers.capture.sending import Sheet

CHANNEL = "floor"


def evaluate(
    folder: Path,
    audio: str | None,
    settings: Settings,
    chosen: RecogniserSettings,
    kept: Path,
    *,
    turns_alone: bool = False,
) -> Evaluated:
    """Log a meeting from its sound, and score it.

    Args:
        folder: Holds truth.json, the sound, and meeting.toml if more is known of the meeting.
        audio: Name of the sound's file; None: what the truth names, else meeting.opus or meeting.flac.
        settings: Where audio objects and the store go: a data folder of its own.
        chosen: What to hear with.
        kept: Folder that keeps announcements and transcripts. What is there already is not recognised again.
        turns_alone: Whether the recogniser is also tried alone on each true turn.

    Raises:
        InvalidSetting: there is no such file.
        FloorlogError: capture, recogniser or store failed.
    """
    document: dict[str, Any] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    media = _media(folder, audio or document.get("audio"))
    sha256 = hashlib.sha256(media.read_bytes()).hexdigest()
    described = _meeting(folder, media, document, sha256)
    store = open_store(f"sqlite:///{settings.data_dir / (described['id'] + '.db')}")
    try:
        store.migrate()
        store.add_meeting(described)
        file = kept / f"{described['id']}-{recognisers.fingerprint(chosen)}.jsonl"
        if not file.is_file():
            _recognise(store, described, media, settings, chosen, file)
        events = _replay(store, described["id"], file)
        advance.advance(store, described["id"])
        records = [json.loads(line) for line in store.canonical_export(described["id"])]
    finally:
        store.close()
    log = logged.of_records(records)
    heard = [event for event in events if isinstance(event, words.Transcript)]
    gaps = [event for event in events if isinstance(event, Gap)]
    until_ms = max(event.at_ms for event in events if isinstance(event, End))
    ledger = coverage.account(heard, gaps, until_ms)
    true = truth.of_audio(document)
    told = latency.listen(described, events)
    name = folder.resolve().name
    heard_alone = alone.words(media, true, chosen) if turns_alone else []
    scored = meeting.score(name, name, true, log, told.shown, ledger, heard_alone)
    said = [word for transcript in heard for word in transcript.words]
    return Evaluated(f"{name}/{media.stem}", scored, true, log, said, media)


def _media(folder: Path, name: str | None) -> Path:
    wanted = (name,) if name else ("meeting.opus", "meeting.flac")
    for each in wanted:
        if (folder / each).is_file():
            return folder / each
    raise InvalidSetting("--audio", str(folder / wanted[0]), "there is no such file")


def _meeting(folder: Path, media: Path, document: dict[str, Any], sha256: str) -> dict[str, Any]:
    """Return the meeting's document; its id tells the sound, so that what was kept of another one is not taken."""
    file = folder / "meeting.toml"
    if file.is_file():
        described = meetings.read_file(file)
    else:
        title, date = document.get("title", folder.name), document.get("date", "2021-02-24")
        described = meetings.from_toml({"id": "evaluated", "title": title, "body": "Not known", "date": date})
    name = re.sub(r"[^a-z0-9]+", "-", f"{folder.resolve().name}-{media.stem}".lower()).strip("-")
    return {**described, "id": f"{name[:40]}-{sha256[:12]}"}


def _recognise(
    store: Store, described: dict[str, Any], media: Path, settings: Settings, chosen: RecogniserSettings, file: Path
) -> None:
    """Capture and transcribe a meeting into a file: a line for each announcement, followed by its transcript."""
    sheet = Sheet()
    capture.read_file(
        media,
        described,
        CHANNEL,
        objects_base=Path(settings.objects_url).as_uri(),
        broker=sheet,
        topic=settings.replay_topic,
        journal_path=settings.data_dir / f"{described['id']}.journal",
    )
    announced = [intake.parse(payload) for payload in sheet.payloads]
    recognisers.recogniser(chosen)  # loaded before several calls want it

    def hear(document: dict[str, Any]) -> dict[str, Any] | None:
        return recognition.hear(store, document, chosen)

    with ThreadPoolExecutor(settings.concurrent_calls) as pool:
        transcripts = list(pool.map(hear, announced))
    lines = [each for pair in zip(announced, transcripts, strict=True) for each in pair if each is not None]
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = file.with_suffix(".part")
    whole.write_text("".join(canonical_json(line) + "\n" for line in lines), encoding="utf-8")
    whole.rename(file)


def _replay(store: Store, meeting_id: str, file: Path) -> list[Event]:
    """Store what a file keeps of a meeting, as the pipeline does; return the events that its floor hears."""
    events: list[Event] = []
    for line in file.read_bytes().splitlines():
        document = json.loads(line)
        if document["schema"] == words.SCHEMA:
            intake.keep(store, document)
            events.append(words.decode(document))
        else:
            intake.receive(store, line)
            announcement = announcements.decode(document)
            if isinstance(announcement, Gap | End):
                events.append(announcement)
    return events
