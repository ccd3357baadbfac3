"""What live capture missed is taken from the recording: at the right place, once, and whatever is killed on the way."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from floorlog.adapters import flac, objects
from floorlog.adapters.store import Store
from floorlog.adapters.store.recording import read_revision
from floorlog.announcements import Announcement, End, Segment, Tick, decode, encode
from floorlog.cli.bench.align import CODINGS, encoded
from floorlog.clock import SAMPLES_PER_MS, Span
from floorlog.config import Settings
from floorlog.errors import InvalidSetting
from floorlog.identity import canonical_json
from floorlog.services import engines, intake, ledger, meetings
from floorlog.services.advance import advance
from pipelines.drive import plan_of, run_once
from tests.sample_audio import sample_audio
from tests.small_floor import SMALL_MACHINE, Said
from workers import capture
from workers.backfill import Recorded, Summary, fill
from workers.backfill import backfill as run_backfill
from workers.capture.sending import Sheet
from workers.origin import serve_live
from workers.origin_playlist import Faults, SegmentFault
from workers.sources import PlainSource

LENGTH_MS, SEGMENT_S = 96_000, 4
LOST = range(9, 13)
HOLE = (36_011, 52_010)
"""Four media segments of whole frames of AAC, on the meeting clock, in ms."""
SHIFT_MS, TRIM_MS = 83_211, 2000
START = datetime(2021, 2, 24, 15, tzinfo=UTC)


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Kept:
    """A broker that remembers what was published, and whose publisher is killed when told to."""

    payloads: list[bytes] = field(default_factory=list)
    crash_after: int | None = None

    def publish(
        self, topic: str, data: bytes, attributes: Mapping[str, str] | None = None, ordering_key: str = ""
    ) -> str:
        if self.crash_after is not None and len(self.payloads) >= self.crash_after:
            raise Crash
        self.payloads.append(data)
        return ""


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first minute and a half of the sample, as it is streamed."""
    path = tmp_path_factory.mktemp("backfill") / "meeting.wav"
    soundfile.write(path, sample_audio(LENGTH_MS), 16_000)
    return path


@pytest.fixture(scope="module")
def recording(media: Path) -> Path:
    """The same as it was recorded: encoded again, something before it, its start and end trimmed."""
    lead = (np.random.default_rng(1).normal(size=SHIFT_MS * SAMPLES_PER_MS) * 200).astype(np.int16)
    kept = sample_audio(LENGTH_MS - 1000, TRIM_MS)
    path = media.parent / "recording.ogg"
    path.write_bytes(encoded(np.concatenate((lead, kept)), CODINGS[0]))
    return path


def follow(media: Path, folder: Path, meeting: dict[str, Any], lost: range = LOST) -> list[bytes]:
    """Capture the stream, of which some media segments are never served; return what was announced."""
    sheet = Sheet()
    faults = Faults(segments={number: SegmentFault("missing") for number in lost})
    origin = serve_live(
        media,
        start_at=START,
        cache=media.parent / "media",
        pace=40.0,
        segment_s=SEGMENT_S,
        keep_all=True,
        started_at_unix=0.0,
        faults=faults,
    )
    try:
        capture.follow(
            PlainSource(origin.url),
            meeting,
            "floor",
            objects_base=(folder / "objects").as_uri(),
            broker=sheet,
            topic="audio-segments",
            journal_path=folder / "journal.db",
            pace=40.0,
            patience_s=30.0,
        )
    finally:
        origin.stop()
    return sheet.payloads


def a_meeting(name: str) -> dict[str, Any]:
    content = {"id": name, "title": "A meeting", "body": "None", "date": "2021-02-24", "synthetic": True}
    cutting = {"min_ms": 2000, "aim_ms": 4000, "max_ms": 12_000}
    return meetings.from_toml({**content, "audience": "live", "hold_s": 0, "cutting": cutting})


@pytest.fixture(scope="module")
def missed(media: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[bytes]]:
    """A folder with the audio of a capture that missed sixteen seconds, and what it announced."""
    folder = tmp_path_factory.mktemp("missed")
    return folder, follow(media, folder, a_meeting("missed"))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    found = Settings.load({"data_dir": tmp_path, "beam_size": 1}, environ={})
    for name, value in found.environment().items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def store(settings: Settings, missed: tuple[Path, list[bytes]]) -> Store:
    """A store that knows what was announced; nothing is transcribed."""
    opened = engines.store()
    opened.migrate()
    opened.add_meeting(a_meeting("missed"))
    register(opened, missed[1])
    return opened


def register(store: Store, payloads: list[bytes]) -> None:
    for payload in payloads:
        announcement = decode(intake.parse(payload))
        if not isinstance(announcement, Tick):
            store.register(announcement)


def filled(store: Store, recording: Path, folder: Path, kept: Kept, *, tail: bool = True) -> Summary:
    return fill(
        store,
        "missed",
        Recorded("floor", recording),
        objects_base=(folder / "objects").as_uri(),
        broker=kept,
        topic="replay",
        work=folder,
        tail=tail,
    )


def segments(payloads: list[bytes]) -> list[Segment]:
    found = [decode(json.loads(payload)) for payload in payloads]
    return [item for item in found if isinstance(item, Segment)]


def test_a_hole_is_filled_with_the_sound_that_belongs_there(
    store: Store, recording: Path, missed: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    """To the millisecond on the clock, with audio that says where it comes from, and nothing beside the hole."""
    kept = Kept()
    summary = filled(store, recording, tmp_path, kept)
    assert [(each.span.start_ms, each.span.end_ms, each.outcome) for each in summary.holes] == [(*HOLE, "filled")]
    assert abs(summary.before_ms - (SHIFT_MS - TRIM_MS)) <= 30  # 21 of them are AAC's, which the clock counts
    made = segments(kept.payloads)
    assert len(kept.payloads) == len(made) == summary.segments
    assert (made[0].span.start_ms, made[-1].span.end_ms) == HOLE
    assert all(one.span.end_ms == other.span.start_ms for one, other in itertools.pairwise(made))
    assert {(each.origin, each.utc_source) for each in made} == {("recording", "recording")}
    assert {each.sequence for each in made} < {each.sequence for each in segments(missed[1])}
    assert (made[0].utc_start - START).total_seconds() == pytest.approx(36.011, abs=0.03)
    audio = np.concatenate([flac.decode(objects.get(each.audio.uri), "") for each in made]).astype(float)
    true = sample_audio(HOLE[1], HOLE[0]).astype(float)
    fits = {by: np.corrcoef(true[800:-800], np.roll(audio, by)[800:-800])[0, 1] for by in range(-400, 401, 4)}
    assert abs(max(fits.items(), key=lambda item: item[1])[0]) <= 50 * SAMPLES_PER_MS / 2
    assert max(fits.values()) > 0.8


def test_a_second_run_changes_nothing(store: Store, recording: Path, tmp_path: Path) -> None:
    """Whoever is not sure whether it was done does it again."""
    kept, again = Kept(), Kept()
    filled(store, recording, tmp_path, kept)
    register(store, kept.payloads)
    summary = filled(store, recording, tmp_path, again)
    assert [each.outcome for each in summary.holes] == ["known"]
    assert again.payloads == []


@pytest.mark.parametrize("told", [0, 1, 2])
def test_a_run_that_was_killed_gives_the_same_bytes(store: Store, recording: Path, tmp_path: Path, told: int) -> None:
    """Also where the pipeline has heard some of it in between."""
    whole, killed, after = Kept(), Kept(crash_after=told), Kept()
    filled(store, recording, tmp_path / "whole", whole)
    with pytest.raises(Crash):
        filled(store, recording, tmp_path / "killed", killed)
    register(store, killed.payloads)
    filled(store, recording, tmp_path / "killed", after)
    told_twice = [data.replace(b"/killed/", b"/whole/") for data in (*killed.payloads, *after.payloads)]
    assert list(dict.fromkeys(told_twice)) == whole.payloads
    for each in segments(whole.payloads):
        assert objects.get(each.audio.uri) == objects.get(each.audio.uri.replace("/whole/", "/killed/"))


def test_a_recording_of_something_else_fills_nothing(store: Store, tmp_path: Path) -> None:
    """Words that were never said would be worse than a gap."""
    other = tmp_path / "other.ogg"
    other.write_bytes(encoded(sample_audio(400_000, 250_000), CODINGS[0]))
    kept = Kept()
    summary = filled(store, other, tmp_path, kept)
    assert (summary.aligned, [each.outcome for each in summary.holes]) == (0, ["not-certain"])
    assert kept.payloads == []


def test_a_recording_that_was_cut_inside_the_hole_fills_nothing(store: Store, tmp_path: Path) -> None:
    """Part of what is missing is there, and nobody knows which part."""
    shorter = np.concatenate((sample_audio(40_000), sample_audio(LENGTH_MS, 46_000)))
    cut = tmp_path / "cut.ogg"
    cut.write_bytes(encoded(shorter, CODINGS[0]))
    kept = Kept()
    assert [each.outcome for each in filled(store, cut, tmp_path, kept).holes] == ["not-certain"]
    assert kept.payloads == []


def test_a_capture_that_was_killed_for_good_is_ended_by_the_recording(
    settings: Settings, recording: Path, missed: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    """Its window has passed; the recording has the rest of the meeting, and says when it ended."""
    store, kept = engines.store(), Kept()
    store.migrate()
    store.add_meeting(a_meeting("missed"))
    early = [payload for payload in missed[1] if json.loads(payload).get("span", {}).get("end_ms", 10**9) <= HOLE[0]]
    register(store, early)
    until_ms = segments(early)[-1].span.end_ms
    summary = filled(store, recording, tmp_path, kept, tail=False)
    assert (summary.holes, kept.payloads) == ((), [])
    summary = filled(store, recording, tmp_path, kept)
    ((start_ms, end_ms),) = [(each.span.start_ms, each.span.end_ms) for each in summary.holes]
    assert start_ms == until_ms
    recorded_ms = -(-(SHIFT_MS + LENGTH_MS - 1000 - TRIM_MS) // 1000) * 1000  # encoders are handed whole seconds
    assert end_ms == pytest.approx(recorded_ms - SHIFT_MS + TRIM_MS, abs=60)
    end = decode(json.loads(kept.payloads[-1]))
    assert isinstance(end, End)
    assert (end.at_ms, end.origin) == (end_ms, "recording")
    register(store, kept.payloads)
    again = Kept()
    assert [each.outcome for each in filled(store, recording, tmp_path, again).holes] == ["known"]
    assert again.payloads == kept.payloads[-1:]  # the same end


def test_a_channel_of_which_nothing_was_captured_has_nothing_to_go_by(
    settings: Settings, recording: Path, tmp_path: Path
) -> None:
    """Its sound is known from nowhere: that recording is logged as a meeting of its own."""
    store = engines.store()
    store.migrate()
    store.add_meeting(a_meeting("missed"))
    with pytest.raises(InvalidSetting, match="ingest"):
        filled(store, recording, tmp_path, Kept())


def hear(store: Store, payloads: list[bytes]) -> None:
    """Transcribe what was announced, one word a second, and let the floor hear it: segment by segment a statement."""
    register(store, payloads)
    for segment in segments(payloads):
        seconds = segment.span.length_ms // 1000
        texts = tuple(f"{'open' if not place else 'word'}-{segment.span.start_ms}" for place in range(seconds))
        store.put_transcript(Said(segment, texts).transcript())
    advance(store, "missed", SMALL_MACHINE)


def test_what_a_person_wrote_or_published_is_never_written_over(
    settings: Settings, recording: Path, missed: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    """The machine's new words wait beside it; records that nobody touched take them at once."""
    store, kept = engines.store(), Kept()
    store.migrate()
    store.add_meeting({**a_meeting("missed"), "audience": "published"})
    # The floor goes on through the hole, so that both neighbours change when it is filled.
    hear(store, missed[1])
    before = {record.id: shown for record, shown in store.current_revisions("missed")}
    near = [record for record, _ in store.current_revisions("missed") if record.start_ms < HOLE[0]][-1]
    after = next(record for record, _ in store.current_revisions("missed") if record.start_ms >= HOLE[1])
    said = {**before[near.id].content, "text": "What a person heard."}
    with store.locked("missed") as tx:
        tx.append_person_revision(near, said, "somebody", "heard again", "published")
        tx.update_record(after.id, touched=True, state="published")
    filled(store, recording, tmp_path, kept)
    with store.locked("missed") as tx:
        assert tx.meeting.state == "ended"
    hear_into_the_open_statement(store, kept.payloads)
    row, shown = store.record_row(near.id), dict(pairs(store))[near.id]
    assert row is not None
    assert (shown["text"], row.state, row.touched) == ("What a person heard.", "published", True)
    assert row.machine_waits
    assert row.machine_revision is not None
    assert dict(pairs(store))[after.id] == before[after.id].content
    with store.reading("missed") as reader:
        first = read_revision(reader.connection, near.id, 1)
        waits = read_revision(reader.connection, near.id, row.machine_revision)
    assert first is not None
    assert first.content == before[near.id].content  # what was shown earlier stays addressable
    assert waits is not None
    assert "found" in waits.content["text"]


def hear_into_the_open_statement(store: Store, payloads: list[bytes]) -> None:
    """Transcribe audio of a recording as words that go on what was being said."""
    register(store, payloads)
    for segment in segments(payloads):
        store.put_transcript(Said(segment, ("found",) * (segment.span.length_ms // 1000)).transcript())
    advance(store, "missed", SMALL_MACHINE)


def pairs(store: Store) -> list[tuple[str, dict[str, Any]]]:
    return [(record.id, shown.content) for record, shown in store.current_revisions("missed")]


def flagged_by(store: Store) -> list[tuple[str, dict[str, Any]]]:
    """Return the records that say that they have words from the recording."""
    return [(key, content) for key, content in pairs(store) if "from-recording" in content["quality"]["flags"]]


def items_of(store: Store, reason: str) -> list[tuple[str, str | None]]:
    return [(item.state, item.closed_reason) for item in ledger.items(store, "missed") if item.reason == reason]


def test_an_omission_is_shown_until_it_is_filled(
    settings: Settings, recording: Path, missed: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    """Sixteen seconds that nobody heard are looked at by a person, unless the recording has them."""
    store, kept = engines.store(), Kept()
    store.migrate()
    store.add_meeting(a_meeting("missed"))
    hear(store, missed[1])
    assert items_of(store, "gap") == [("open", None)]
    assert ledger.of_meeting(store, "missed")[0].ledger.total_ms("gap") == HOLE[1] - HOLE[0]
    filled(store, recording, tmp_path, kept)
    hear(store, kept.payloads)
    assert items_of(store, "gap") == [("closed", "filled")]
    flagged = [HOLE[0] <= content["spans"][0]["start_ms"] < HOLE[1] for _, content in flagged_by(store)]
    assert flagged
    assert all(flagged)
    assert ledger.of_meeting(store, "missed")[0].ledger.total_ms("gap") == 0


def test_a_channel_that_ended_early_is_shown_until_the_recording_has_the_rest(
    settings: Settings, missed: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    """The other channels go on, so the meeting does; what one of them lacks is no silence."""
    store, kept = engines.store(), Kept()
    store.migrate()
    channels = [{"name": "floor"}, {"name": "en", "required": True}]
    store.add_meeting(meetings.from_toml({**a_meeting("missed"), "channels": channels}))
    whole = [item for payload in missed[1] if not isinstance(item := decode(json.loads(payload)), Tick)]
    early = [item for item in whole if isinstance(item, Segment) and item.span.end_ms <= HOLE[0]]
    end = End("missed", "floor", len(early), early[-1].span.end_ms, len(early) - 1)
    ended: list[Announcement] = [*early, end]
    of_floor = [canonical_json(encode(item)).encode() for item in ended]
    of_en = [canonical_json(encode(replace(item, channel="en"))).encode() for item in whole]
    recording = tmp_path / "whole.ogg"
    recording.write_bytes(encoded(sample_audio(LENGTH_MS), CODINGS[0]))
    hear(store, [*of_floor, *of_en])
    assert items_of(store, "channel-ended-early") == [("open", None)]
    filled(store, recording, tmp_path, kept)
    hear(store, kept.payloads)
    assert items_of(store, "channel-ended-early") == [("closed", "filled")]
    floor, _ = ledger.of_meeting(store, "missed")
    assert floor.ledger.total_ms("gap") <= 60  # the encoders' silence at both ends


@pytest.mark.model
def test_the_log_with_a_filled_hole_is_that_of_a_calm_run(
    settings: Settings, store: Store, media: Path, recording: Path, missed: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    """What was missed is heard, the ledger says so, and away from the seams nothing differs."""
    plan = plan_of(settings)
    calm = a_meeting("calm")
    store.add_meeting(calm)
    run_once(follow(media, tmp_path / "calm", calm, range(0)), plan)
    run_once(missed[1], plan)
    assert [gap.span for gap in store.gaps("missed", "floor")] == [Span(*HOLE)]
    assert words(store, "missed", HOLE) == []
    broker = engines.broker()
    intake.prepare(broker, settings)
    summary = run_backfill(settings, store, "missed", Recorded("floor", recording), progress=lambda text: None)
    run_once([message.data for message in broker.pull(settings.replay_subscription, 100, 1.0)], plan)
    assert summary.segments > 0
    assert store.gaps("missed", "floor") == []
    transcripts = list(store.transcript_documents("missed", "floor"))
    assert sum(each["span"]["end_ms"] - each["span"]["start_ms"] for each in transcripts) >= LENGTH_MS - 100
    seams = 3000
    assert words(store, "missed", (0, HOLE[0] - 8 * seams)) == words(store, "calm", (0, HOLE[0] - 8 * seams))
    # Behind a hole capture cuts anew, hole or not: the same sound, in other segments.
    behind = (HOLE[1] + seams, LENGTH_MS)
    alike = SequenceMatcher(None, words(store, "missed", behind), words(store, "calm", behind)).ratio()
    assert alike > 0.9
    inside = (HOLE[0] + seams, HOLE[1] - seams)
    heard, said = words(store, "missed", inside), words(store, "calm", inside)
    assert said
    assert len(set(heard) & set(said)) >= 0.7 * len(set(said))
    assert speakers(store, "missed") == speakers(store, "calm")
    before = list(store.canonical_export("missed"))
    run_backfill(settings, store, "missed", Recorded("floor", recording), progress=lambda text: None)
    run_once([message.data for message in broker.pull(settings.replay_subscription, 100, 0.1)], plan)
    assert list(store.canonical_export("missed")) == before


def words(store: Store, meeting_id: str, stretch: tuple[int, int]) -> list[str]:
    return [
        word["text"].casefold()
        for line in store.canonical_export(meeting_id)
        for word in json.loads(line)["words"]
        if stretch[0] <= word["start_ms"] and word["end_ms"] <= stretch[1]
    ]


def speakers(store: Store, meeting_id: str) -> list[Any]:
    records = [json.loads(line) for line in store.canonical_export(meeting_id)]
    return [(each["kind"], each["speaker"] and each["speaker"]["entity"]) for each in records]
