"""Producers are strict, readers are tolerant, and an error names the place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floorlog import announcements, contract, words
from floorlog.announcements import AudioObject, End, Gap, Segment, Tick
from floorlog.clock import Span
from floorlog.errors import InvalidDocument

TICK = {"schema": "segment/1", "kind": "tick"}


def example(name: str, file: str) -> Any:
    """Return a valid example of the suite."""
    return json.loads((contract.folder() / "suite" / name / "valid" / f"{file}.json").read_text("utf-8"))


def refusal(name: str, document: Any) -> InvalidDocument:
    """Return the error for a document that must be refused."""
    check = contract.parse if isinstance(document, bytes) else contract.validate
    with pytest.raises(InvalidDocument) as refused:
        check(name, document)
    return refused.value


@pytest.mark.parametrize(
    "announcement",
    [
        Segment(
            "ga75-x", "floor", 0, Span(0, 9000), datetime(2021, 2, 24, 15, tzinfo=UTC), "arrival", 0,
            AudioObject("file:///a.flac", "0" * 64, 1), "pause", 0.5,
        ),
        Gap("ga75-x", "floor", 1, Span(9000, 9100), "fell-behind"),
        End("ga75-x", "floor", 2, 9100, 1),
        Tick(),
    ],
)  # fmt: skip
def test_what_capture_encodes_keeps_its_contract(announcement: announcements.Announcement) -> None:
    """The code and the schema describe one form, or every message becomes a dead letter."""
    document = announcements.encode(announcement)
    contract.validate("segment", document)
    assert announcements.decode(contract.parse("segment", json.dumps(document).encode())) == announcement


def test_what_the_recogniser_encodes_keeps_its_contract() -> None:
    """The code and the schema describe one form, or every transcript becomes a dead letter."""
    vector = np.zeros(192, np.float32)
    vector[0] = 1
    transcript = words.Transcript(
        "ga75-x", "floor", "ga75-x.floor.0000000000", Span(0, 9000),
        words.Recogniser("fake-1", "fake", "0" * 64, {"beam_size": 1}, "1"),
        (words.Piece(Span(0, 9000), "en", 1.0, -0.1, (words.Word("Hello.", Span(0, 400), 0.5),)),),
        (Span(0, 8000),), (words.VoiceWindow(Span(0, 1500), vector),),
        (words.Dropped(Span(8000, 9000), "loop", "", None),),
    )  # fmt: skip
    document = words.encode(transcript)
    contract.validate("transcript", document)
    assert words.encode(words.decode(document)) == document


def test_a_reader_ignores_what_it_does_not_know() -> None:
    """A producer that is one version ahead must not stop its readers."""
    document = example("record", "statement")
    document["mood"] = {"word": "new"}
    document["words"][0]["pitch_hz"] = 120
    assert contract.parse("record", json.dumps(document).encode()) == document
    assert refusal("record", document).path == "$.mood"


def test_a_reader_is_still_strict_about_what_it_knows() -> None:
    """Tolerance is for what is new, not for what is wrong."""
    document = example("record", "statement") | {"mood": "new", "kind": "speech"}
    assert refusal("record", json.dumps(document).encode()).path == "$.kind"


def test_a_reader_keeps_the_rules_for_named_settings() -> None:
    """Settings of the cutter are an open list of numbers, not an open door."""
    document = example("meeting", "informal")
    document["cutting"]["pause_ms"] = "long"
    assert refusal("meeting", json.dumps(document).encode()).path == "$.cutting.pause_ms"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "byte offset 0"),
        (b"{", "byte offset 1"),
        (b'{"title":"\xc3\xa9",}', "byte offset 14"),
        (b'{"a":"\xff"}', "offset 6"),
        (b"\xef\xbb\xbf{}", "byte offset 0"),
        (b'{"a":NaN}', "NaN"),
        (b'{"a":-Infinity}', "-Infinity"),
        (b'{"kind":"tick","kind":"end"}', '"kind" is repeated'),
        (b"[" * 100_000, "levels of nesting"),
        (b'{"a":' + b"9" * 5000 + b"}", "4300 digits"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(data: bytes, expected: str) -> None:
    """Bytes from outside are anything at all; none of it may crash a step."""
    error = refusal("segment", data)
    assert error.path == "$"
    assert expected in error.expected


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("a\0b", "$.new"),
        ("\ud800", "$.new"),
        ({"a\0": 1}, "$.new"),
        ([1, [float("inf")]], "$.new[1][0]"),
        ({"deep": {"er": float("nan")}}, "$.new.deep.er"),
        ((1, 2), "$.new"),
        ({1: 2}, "$.new"),
        (datetime(2021, 1, 1, tzinfo=UTC), "$.new"),
    ],
)
def test_what_not_every_reader_takes_is_refused_wherever_it_stands(value: Any, path: str) -> None:
    """PostgreSQL takes no NUL, JavaScript no lone surrogate, JSON no NaN: even in what a reader would ignore."""
    assert refusal("segment", {**TICK, "new": value}).path == path


def test_nesting_is_bounded() -> None:
    """A document that nests without end exhausts the stack of whoever reads it next."""
    deep: Any = 0
    for _ in range(40):
        deep = [deep]
    assert "levels of nesting" in refusal("segment", {**TICK, "new": deep}).expected
    assert "levels of nesting" in refusal("segment", json.dumps({**TICK, "new": deep}).encode()).expected


def test_an_error_does_not_quote_what_was_said() -> None:
    """Errors go to logs; words of a closed meeting must not."""
    document = example("record", "statement")
    document["text"] = "secret " * 400_000
    document["words"][0]["text"] = ["secret"]
    assert "secret" not in str(refusal("record", document))
    document = example("record", "statement")
    document["text"] = "secret " * 400_000
    assert "secret" not in str(refusal("record", document))


def test_an_error_is_short() -> None:
    """One hostile value must not fill the log."""
    document = example("segment", "segment")
    document["channel"] = "x" * 1_000_000
    document["id"] = "y" * 1_000_000
    assert len(str(refusal("segment", document))) < 400


def test_an_unknown_name_is_a_bug_not_a_bad_document() -> None:
    """A misspelt name in the code must not turn messages into dead letters."""
    with pytest.raises(KeyError):
        contract.validate("segments", TICK)
    with pytest.raises(KeyError):
        contract.parse("definitions/1", b"{}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)  # a busy machine is no fault
@given(st.sampled_from(contract.NAMES), st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_raise_anything_else(name: str, data: bytes) -> None:
    """A step treats any other exception as a bug and crashes; what comes from outside must never do that."""
    assert refusal(name, data).schema == f"{name}/1"


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, Any]:
    """Return a valid example of which one value was replaced by another."""
    name, file = draw(
        st.sampled_from(
            [("segment", "segment"), ("record", "statement"), ("event", "published"), ("meeting", "informal"),
             ("correction", "text"), ("dead-letter", "document"), ("transcript", "two-languages")]
        )
    )  # fmt: skip
    document = example(name, file)
    at: Any = document
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = draw(st.sampled_from(keys))
        if isinstance(at[key], dict | list) and at[key] and draw(st.booleans()):
            at = at[key]
            continue
        at[key] = draw(JSON)
        return name, document


@settings(deadline=None)  # a busy machine is no fault
@given(spoilt())
def test_a_spoilt_document_is_accepted_or_refused_never_a_crash(case: tuple[str, Any]) -> None:
    """The rules beyond the schema run on documents that nobody foresaw."""
    name, document = case
    try:
        contract.validate(name, document)
    except InvalidDocument:
        assert refusal(name, document).path.startswith("$")
    else:
        assert contract.parse(name, json.dumps(document).encode()) == document
