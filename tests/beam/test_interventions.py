"""The whole graph: what goes in twice comes out once, and what is bad leaves the rest alone."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from floorlog.adapters import flac, objects
from floorlog.adapters.broker import MAX_MESSAGE_BYTES, open_broker
from floorlog.adapters.store import Store
from floorlog.announcements import AudioObject, encode
from floorlog.clock import Span
from floorlog.identity import canonical_json
from floorlog.services import engines, recognisers, sending
from floorlog.services.recognisers import RecogniserSettings
from pipelines.drive import run_once
from pipelines.elements import AttemptLimits, Plan
from tests.announced import Announced

pytestmark = pytest.mark.model

HOSTILE = "<script>alert('chair')</script>"


def _end_after(announced: Announced, count: int) -> bytes:
    """The end of a stream that has only so many segments."""
    last = announced.segments()[count - 1]
    end = announced.documents()[-1] | {"sequence": count, "at_ms": last.span.end_ms, "last_sequence": count - 1}
    return payload(end | {"id": f"{last.meeting_id}.floor.{last.span.end_ms:010d}.end"})


def payload(document: dict[str, Any]) -> bytes:
    """A document as it is published."""
    return canonical_json(document).encode()


def test_order_and_repeats_do_not_matter(
    plan: Plan, store: Store, announced: Announced, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pub/Sub delivers in any order and more than once; the log must not show it."""
    payloads = [*announced.payloads[:5], _end_after(announced, 5)]
    run_once(payloads, plan)
    monkeypatch.setenv("OTHER_STORE", f"sqlite:///{tmp_path / 'other.db'}")
    other = engines.store("OTHER_STORE")
    other.migrate()
    other.add_meeting(announced.meeting)
    shuffled = random.Random(7).sample(payloads * 3, len(payloads) * 3)
    for start in range(0, len(shuffled), 6):
        run_once(shuffled[start : start + 6], replace(plan, store="OTHER_STORE"))
    calm = list(store.canonical_export(announced.meeting["id"]))
    assert len(calm) > 1
    assert list(other.canonical_export(announced.meeting["id"])) == calm
    assert other.summary(announced.meeting["id"]).meeting.state == "ended"


def test_ten_kinds_of_bad_input_are_ten_dead_letters(
    plan: Plan, store: Store, announced: Announced, tmp_path: Path
) -> None:
    """Each says what is wrong and where; the good segments beside them become records all the same."""
    plan = replace(plan, limits=AttemptLimits(count=1, age_s=0))
    good = announced.payloads[:2]
    bad = dict(_bad(announced, tmp_path))
    broker = open_broker(f"sqlite:///{tmp_path / 'broker.db'}")
    broker.create_topic("audio-segments")
    too_large = b'{"schema":"segment/1","kind":"tick"}' + b" " * MAX_MESSAGE_BYTES
    assert not sending.publish(store, broker, "audio-segments", too_large)
    run_once([*bad.values(), *good], plan)
    letters = {letter.payload: letter for letter in store.dead_letters()}
    assert len(letters) == 10
    told = {name: (letters[sent].reason, letters[sent].json_path) for name, sent in bad.items()}
    assert told == {
        "not JSON": ("invalid-document", "$"),
        "schema breach": ("invalid-document", "$.span"),
        "wrong sha256": ("corrupt-audio", None),
        "object missing": ("object-missing", None),
        "truncated FLAC": ("unreadable-audio", None),
        "impossible span": ("invalid-document", "$.span.end_ms"),
        "unknown meeting": ("unknown-meeting", "$.meeting_id"),
        "null bytes": ("invalid-document", "$.channel"),
        "hostile HTML": ("invalid-document", "$.channel"),
    }
    assert letters[too_large].reason == "message-too-large"
    assert all(letter.message for letter in letters.values())
    fingerprint = recognisers.fingerprint(plan.recogniser)
    for segment in announced.segments()[:2]:
        assert store.transcript_exists(segment.id, fingerprint)
    gaps = store.gaps(announced.meeting["id"], "floor")
    assert {gap.cause for gap in gaps} == {"dead-letter"}
    assert len(gaps) == 3


def _bad(announced: Announced, folder: Path) -> Iterable[tuple[str, bytes]]:
    """Nine messages that reach the pipeline and can never succeed; segments 2, 3 and 4 are spoilt in three of them."""
    documents = announced.documents()
    yield "not JSON", b"\xff\xfe this is no JSON"
    yield "schema breach", payload({name: value for name, value in documents[8].items() if name != "span"})
    audio = documents[2]["audio"]
    yield "wrong sha256", payload(documents[2] | {"audio": audio | {"sha256": "0" * 64}})
    audio = documents[3]["audio"]
    yield "object missing", payload(documents[3] | {"audio": audio | {"uri": audio["uri"] + ".gone"}})
    audio = documents[4]["audio"]
    cut = objects.get(audio["uri"])[: audio["size_bytes"] // 2]
    uri = (folder / "cut.flac").as_uri()
    objects.put(uri, cut)
    told = {"uri": uri, "sha256": hashlib.sha256(cut).hexdigest(), "size_bytes": len(cut)}
    yield "truncated FLAC", payload(documents[4] | {"audio": audio | told})
    span = documents[8]["span"]
    yield "impossible span", payload(documents[8] | {"span": span | {"end_ms": span["start_ms"] - 1}})
    elsewhere = json.dumps(documents[9]).replace("synthetic-briefing", "nobody-added-this")
    yield "unknown meeting", payload(json.loads(elsewhere))
    yield "null bytes", payload(documents[10] | {"channel": "flo\x00or"})
    yield "hostile HTML", payload(documents[10] | {"channel": HOSTILE})


def test_a_hundred_runs_load_the_model_once(plan: Plan, store: Store, announced: Announced, tmp_path: Path) -> None:
    """Each bounded run is a pipeline of its own; loading a model takes longer than transcribing a segment with it."""
    plan = replace(plan, recogniser=RecogniserSettings(beam=2))  # loaded by no other test
    silence = flac.encode(np.zeros(16_000, np.int16))
    uri = (tmp_path / "silence.flac").as_uri()
    objects.put(uri, silence)
    audio = AudioObject(uri, hashlib.sha256(silence).hexdigest(), len(silence))
    first, before = announced.segments()[0], recognisers.loads()
    for number in range(100):
        second = replace(
            first, sequence=number, span=Span(number * 1000, number * 1000 + 1000), audio=audio, speech_ratio=0.0
        )
        run_once([payload(encode(second))], plan)
    assert recognisers.loads() - before == 1
    assert store.lag(announced.meeting["id"])[0].heard_ms == 100_000
