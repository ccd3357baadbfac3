"""Exports from a store: what readers may see of it, piece by piece; one suite for both databases, and the command."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import duckdb
import pytest
from typer.testing import CliRunner, Result

from floorlog.adapters.store import Store
from floorlog.adapters.store.published_rows import Filter
from floorlog.cli import app
from floorlog.errors import StoreUnavailable
from floorlog.exports.formats import FORMATS
from floorlog.services import engines
from floorlog.services.export import PIECE_BYTES, Wanted, file
from floorlog.visibility import SCOPES
from tests import library
from tests.exported import hostile, meeting, record
from tests.library import CLOSED, LIVE, PUBLISHED, rec
from tests.small_floor import DATABASES, a_store

HIDDEN = ("withdrawn", "hidden because", "closed doors", "Jane Doe", "off the record")
"""Words that nobody may read without a key, if at all."""


def fill(store: Store) -> None:
    """The meetings of the library, with a name that nobody confirmed and words off the record besides."""
    library.fill(store)
    text = "We thank you and this is off the record now"
    unsaid = library.said(LIVE, 80, "NOR", text)
    unsaid["speaker"] |= {"person": "Jane Doe", "name_as_said": "Jane Doe"}
    hidden = [{"start_ms": word["start_ms"], "end_ms": word["end_ms"]} for word in unsaid["words"][3:]]
    unsaid["review"] = {"state": "machine", "off_record": hidden, "note": "Jane Doe"}
    library.put(store, unsaid)


@pytest.fixture(scope="module", params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The meetings, read only."""
    with a_store(request.param, tmp_path_factory.mktemp("exported")) as opened:
        fill(opened)
        yield opened


def ids(store: Store, chosen: Filter, **more: Any) -> list[str]:
    """The ids of the records in a file."""
    lines = b"".join(file(store, "jsonl", Wanted(chosen, **more)).body).decode().splitlines()
    return [json.loads(line)["id"] for line in lines]


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_hidden_is_in_no_file(store: Store, name: str, tmp_path: Path) -> None:
    """A file is copied: what was in it once cannot be taken back."""
    content = b""
    for meeting_id in (LIVE, PUBLISHED, CLOSED):
        made = b"".join(file(store, name, Wanted(Filter(meeting_id))).body)
        if name == "parquet":  # compressed: read it to see what is in it
            (tmp_path / "file").write_bytes(made)
            found = duckdb.sql(f"select * from read_parquet('{tmp_path / 'file'}')")
            made = str(found.fetchall() if found else None).encode()
        content += made
    assert b"We thank you" in content.replace(b"'text': ", b"") or name == "parquet"
    assert [words for words in HIDDEN if words.encode() in content] == []


def test_a_file_holds_what_scopes_open(store: Store) -> None:
    """An operator, a key and everybody see different things of the same meeting."""
    everybody = ids(store, Filter(PUBLISHED))
    with_all = ids(store, Filter(PUBLISHED, scopes=SCOPES))
    assert rec(PUBLISHED, 0) not in everybody
    assert {*everybody} < {*with_all}
    assert rec(PUBLISHED, 40) not in with_all  # withdrawn
    assert rec(PUBLISHED, 60) not in with_all  # hidden on request
    assert ids(store, Filter(CLOSED)) == []
    assert ids(store, Filter(CLOSED, scopes=SCOPES)) == [rec(CLOSED, 0)]


def test_records_come_by_meeting_and_start(store: Store) -> None:
    """Whoever reads a file as it comes must not meet a meeting again later."""
    found = ids(store, Filter())
    meetings = [PUBLISHED if key in ids(store, Filter(PUBLISHED)) else LIVE for key in found]
    assert meetings == sorted(meetings)
    assert [key for key in found if key in ids(store, Filter(LIVE))] == [
        rec(LIVE, at_s) for at_s in (0, 20, 40, 60, 80)
    ]


def test_a_range_of_the_meeting_clock_holds_what_began_in_it(store: Store) -> None:
    """Half-open, so that two ranges side by side hold each record once."""
    assert ids(store, Filter(LIVE), from_ms=20_000, to_ms=60_000) == [rec(LIVE, 20), rec(LIVE, 40)]
    assert ids(store, Filter(LIVE), to_ms=20_000) == [rec(LIVE, 0)]
    assert ids(store, Filter(LIVE), from_ms=80_000) == [rec(LIVE, 80)]


class Endless:
    """A store whose records never end: only what is asked for can be read."""

    def __init__(self) -> None:
        self.given = 0

    def meeting(self, meeting_id: str) -> Any:
        """The row of a meeting."""
        return type("Row", (), {"document": meeting(meeting_id)})()

    def shown_stream(self, _chosen: Filter) -> Iterator[dict[str, Any]]:
        """Records without end."""
        words = "some words that somebody said. " * 20
        while True:
            self.given += 1
            yield record(words, 300_000 * self.given)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_given_out_while_it_is_made(name: str) -> None:
    """A file of a year of meetings must not be held whole before its first byte is sent."""
    endless = Endless()
    body = file(cast(Store, endless), name, Wanted(Filter("small"))).body
    first = next(body)
    assert PIECE_BYTES <= len(first) < 4 * PIECE_BYTES
    for _ in range(3):
        next(body)
    assert endless.given < 4000


class Away:
    """A store that does not answer."""

    def meeting(self, meeting_id: str) -> Any:
        """The row of a meeting."""
        return type("Row", (), {"document": meeting(meeting_id)})()

    def shown_stream(self, _chosen: Filter) -> Iterator[dict[str, Any]]:
        """Nothing."""
        raise StoreUnavailable("away")
        yield {}


def test_a_store_that_is_away_is_noticed_before_the_first_byte() -> None:
    """Afterwards nobody can be told: the status was sent already."""
    with pytest.raises(StoreUnavailable):
        file(cast(Store, Away()), "jsonl", Wanted(Filter("small")))


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `floorlog export` on a store of its own; what it puts into the environment is taken out again."""
    for setting in ("DATABASE_URL", "FLOORLOG_BROKER_URL", "FLOORLOG_OBJECTS_URL", "FLOORLOG_PUBLIC_URL"):
        monkeypatch.setenv(setting, "")
    monkeypatch.setenv("FLOORLOG_DATA", str(tmp_path))
    first = CliRunner().invoke(app, ["meeting", "list"])
    assert first.exit_code in (0, 1), first.output
    own = engines.store()
    own.migrate()
    fill(own)

    def command(*words: str) -> Result:
        for setting in ("DATABASE_URL", "FLOORLOG_BROKER_URL", "FLOORLOG_OBJECTS_URL"):
            monkeypatch.setenv(setting, "")
        return CliRunner().invoke(app, ["export", *words])

    return command


def printed(result: Result) -> list[str]:
    """The ids of the records that were printed."""
    assert result.exit_code == 0, result.output
    return [json.loads(line)["id"] for line in result.stdout.splitlines()]


def test_the_command_writes_what_stands_and_with_public_what_anybody_sees(run: Run) -> None:
    """The operator's file is not the public's, and both must be had."""
    assert printed(run(LIVE)) == [rec(LIVE, at_s) for at_s in (0, 20, 40, 60, 80)]
    assert printed(run(CLOSED)) == [rec(CLOSED, 0)]
    assert printed(run(CLOSED, "--public")) == []
    assert rec(PUBLISHED, 0) in printed(run(PUBLISHED))
    assert rec(PUBLISHED, 0) not in printed(run(PUBLISHED, "--public"))


def test_the_command_chooses(run: Run) -> None:
    """Each option leaves what it says."""
    assert printed(run(LIVE, "--from", "0:00:20", "--to", "0:01:00")) == [rec(LIVE, 20), rec(LIVE, 40)]
    assert printed(run(LIVE, "--entity", "CMR", "--entity", "NOR", "--kind", "statement", "--to", "0:01:00")) == [
        rec(LIVE, 20),
        rec(LIVE, 40),
    ]
    assert printed(run("--on-behalf-of", "G77")) == [rec(LIVE, 20)]
    assert printed(run("--from", "2099-01-01")) == []
    assert printed(run(PUBLISHED, "--language", "fr", "--state", "published")) == [rec(PUBLISHED, 120)]


def test_the_command_writes_a_file_by_its_name(run: Run, tmp_path: Path) -> None:
    """What a file is called says what it is; half a file is none."""
    for name in FORMATS:
        out = tmp_path / f"meeting.{name}"
        result = run(LIVE, "--out", str(out))
        assert result.exit_code == 0, result.output
        assert result.stdout == ""
        assert out.stat().st_size > 0
    assert (tmp_path / "meeting.vtt").read_text("utf-8").startswith("WEBVTT\n")
    assert (tmp_path / "meeting.parquet").read_bytes()[:4] == b"PAR1"
    assert list(tmp_path.glob(".*.part")) == []


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "pdf"),
        ("--format", "vtt"),
        (LIVE, "--from", "tomorrow"),
        ("--from", "1:00:00"),
        ("--entity", "XXX"),
        ("--canonical",),
    ],
)
def test_the_command_says_what_it_cannot_do(run: Run, words: tuple[str, ...]) -> None:
    """An empty file for a misspelt word would look like an answer."""
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "floorlog:" in result.stderr


def test_the_command_knows_no_meeting_that_was_never_added(run: Run) -> None:
    """A misspelt meeting is not an empty one."""
    assert run("no-such-meeting").exit_code == 1


def test_hostile_texts_survive_the_store(tmp_path: Path) -> None:
    """What is read back from a file is what was put into the store."""
    with a_store("sqlite", tmp_path) as own:
        own.add_meeting(meeting())
        given = [{name: value for name, value in item.items() if name != "revision"} for item in hostile()]
        library.put(own, *given)
        lines = b"".join(file(own, "jsonl", Wanted(Filter("small", scopes=SCOPES))).body).decode().split("\n")
        assert [json.loads(line)["text"] for line in lines[:-1]] == [item["text"] for item in given]
