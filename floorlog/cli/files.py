"""The command that writes files of records: export."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from floorlog.cli.edge import fail, progress, ready, say

if TYPE_CHECKING:
    from floorlog.services.export import File

Many = list[str] | None


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(export)


def export(
    meeting_id: Annotated[str | None, typer.Argument(help="The meeting; all of them by default.")] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", help="jsonl, csv, parquet, vtt, srt, txt or html; by default as --out ends, or jsonl."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write it here, whole or not at all.", dir_okay=False, writable=True)
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Only what anybody may see.")] = False,
    start: Annotated[
        str | None, typer.Option("--from", help="Only what began at or after 1:23:45, or 2021-02-24T15:00:00Z.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Only what began before; of the same kind.")] = None,
    text_language: Annotated[
        str | None, typer.Option(help="Language of the words, where it was interpreted; as delivered by default.")
    ] = None,
    channel: Annotated[str | None, typer.Option(help="Only of this channel.")] = None,
    entity: Annotated[Many, typer.Option(help="Only of who has this code; repeatable.")] = None,
    group: Annotated[Many, typer.Option(help="Only of this group or its members; repeatable.")] = None,
    on_behalf_of: Annotated[Many, typer.Option(help="Only for whom has this code; repeatable.")] = None,
    kind: Annotated[Many, typer.Option(help="Only of this kind; repeatable.")] = None,
    theme: Annotated[Many, typer.Option(help="Only what touches this theme; repeatable.")] = None,
    language: Annotated[Many, typer.Option(help="Only what was spoken in this language; repeatable.")] = None,
    state: Annotated[Many, typer.Option(help="Only in this state of review; repeatable.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data folder.")] = None,
    canonical: Annotated[
        bool, typer.Option("--canonical", help="Only what a second run must repeat byte for byte.")
    ] = False,
) -> None:
    """Write records as a file: of a meeting, or of what the options choose.

    Without `--public` that is all that stands, each record with its state of review. Never in it are what is off the
    record, what was withdrawn or removed, and names of persons that nobody confirmed.
    """
    from floorlog.exports.formats import FORMATS
    from floorlog.services import engines

    settings = ready(data_dir=data)
    store = engines.store()
    if canonical:
        if meeting_id is None:
            raise fail("--canonical needs a meeting", 2)
        store.meeting(meeting_id)
        for line in store.canonical_export(meeting_id):
            print(line)
        return
    from floorlog.adapters.store.published_rows import Filter
    from floorlog.services.export import Wanted, file
    from floorlog.visibility import SCOPES

    name = form or (out.suffix[1:] if out else "") or "jsonl"
    if name not in FORMATS:
        raise fail(f"there is no format {name!r}: {', '.join(FORMATS)}", 2)
    if FORMATS[name].one_meeting and meeting_id is None:
        raise fail(f"{name} runs on one meeting's clock: name the meeting", 2)
    if FORMATS[name].text is None and out is None and sys.stdout.isatty():
        raise fail(f"{name} is not for a terminal: use --out, or a pipe", 2)
    begins, ends = _moment("--from", start, meeting_id), _moment("--to", end, meeting_id)
    chosen = Filter(
        meeting_id,
        entities=_codes(entity),
        groups=_codes(group),
        on_behalf_of=_codes(on_behalf_of),
        kinds=tuple(kind or ()),
        themes=tuple(theme or ()),
        languages=tuple(language or ()),
        states=tuple(state or ()),
        channel=channel,
        from_ms=begins.utc_ms,
        to_ms=ends.utc_ms,
        scopes=() if public else SCOPES,
    )
    given = {
        "from": [start],
        "to": [end],
        "channel": [channel],
        "entity": entity,
        "group": group,
        "on behalf of": on_behalf_of,
        "kind": kind,
        "theme": theme,
        "language": language,
        "state": state,
    }
    only = [(name, [value for value in values or () if value]) for name, values in given.items()]
    wanted = Wanted(
        chosen,
        from_ms=begins.clock_ms or 0,
        to_ms=ends.clock_ms,
        only=tuple(f"{name} {', '.join(values)}" for name, values in only if values),
        text_language=text_language,
        base_url=settings.public_url.rstrip("/") or None,
    )
    made = file(store, name, wanted)
    if out is None:
        sys.stdout.flush()
        for piece in made.body:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    else:
        _write(made, out)


@dataclass(frozen=True, slots=True)
class _Moment:
    """A moment that was given: on the meeting clock, or in UTC since 1970, in ms."""

    clock_ms: int | None = None
    utc_ms: int | None = None


def _moment(option: str, text: str | None, meeting_id: str | None) -> _Moment:
    from floorlog.clock import parse_rfc3339

    if text is None:
        return _Moment()
    if found := re.fullmatch(r"(\d{1,2}):([0-5]\d):([0-5]\d)", text):
        if meeting_id is None:
            raise fail(f"{option}: a place on the meeting clock needs a meeting", 2)
        hours, minutes, seconds = map(int, found.groups())
        return _Moment(clock_ms=1000 * (3600 * hours + 60 * minutes + seconds))
    try:
        day = re.fullmatch(r"\d{4}-\d\d-\d\d", text)
        moment = parse_rfc3339(f"{text}T00:00:00Z" if day else text)
    except ValueError:
        raise fail(f"{option}: 1:23:45, 2021-02-24 or 2021-02-24T15:00:00Z is expected, found {text!r}", 2) from None
    return _Moment(utc_ms=round(moment.timestamp() * 1000))


def _codes(given: Many) -> tuple[str, ...]:
    from floorlog.entities import EntityTable

    table = EntityTable.load()
    for code in given or ():
        if code not in table:
            raise fail(f"there is no entity {code!r}; codes look like FRA, EU, G77", 2)
    return tuple(given or ())


def _write(made: File, out: Path) -> None:
    """Write a file beside its place, and put it there when it is whole."""
    part = out.with_name(f".{out.name}.part")
    written = 0
    try:
        with part.open("wb") as target, progress(f"writing {out.name}") as show:
            for piece in made.body:
                written += target.write(piece)
                show(written / 1_000_000, None)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    say(f"{out}: {written:,} bytes")
