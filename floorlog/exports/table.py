"""The table of records: one row a record, in columns that CSV and Parquet share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from floorlog.exports.frame import Entry, Frame
from floorlog.exports.saying import Said, said


@dataclass(frozen=True, slots=True)
class Row:
    """What a row is made of: a meeting, one of its records, and the words that were asked for."""

    meeting: dict[str, Any]
    record: dict[str, Any]
    words: Said
    frame: Frame

    @property
    def entity(self) -> dict[str, Any]:
        """Return who had the floor; empty where nobody is named."""
        return self.record["speaker"]["entity"] if self.record["speaker"] else {}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its type (`text`, `integer`, `number`, `truth`, `date`, `moment`, `texts`), its meaning, its value."""

    name: str
    type: str
    meaning: str
    of: Callable[[Row], Any]


def rows(entries: Iterable[Entry], frame: Frame) -> Iterator[Row]:
    """Yield the rows of records. Words that are not there in the language that was asked for are those delivered."""
    for meeting, record in entries:
        words = said(record, frame.text_language) or said(record)
        if words is not None:
            yield Row(meeting, record, words, frame)


def _speaker(name: str) -> Callable[[Row], Any]:
    return lambda row: row.record["speaker"][name] if row.record["speaker"] else None


def _codes(name: str) -> Callable[[Row], list[str]]:
    return lambda row: [item["code"] for item in row.record[name]]


COLUMNS = (
    Column("record_id", "text", "Names the record for good.", lambda row: row.record["id"]),
    Column("revision", "integer", "Version of the record, from 1.", lambda row: row.record.get("revision")),
    Column("state", "text", "State of review.", lambda row: row.record["review"]["state"]),
    Column("url", "text", "Where the record can be read and cited; empty where no address is known.",
           lambda row: row.frame.link(row.record)),
    Column("meeting_id", "text", "Names the meeting.", lambda row: row.meeting["id"]),
    Column("meeting_title", "text", "Title of the meeting.", lambda row: row.meeting["title"]),
    Column("meeting_date", "date", "Day of the meeting, where it is held.", lambda row: row.meeting["date"]),
    Column("body", "text", "The body that sits.", lambda row: row.meeting["body"]),
    Column("symbol", "text", "Document symbol of the official record, if there is one.",
           lambda row: row.meeting["symbol"]),
    Column("kind", "text", "Kind of the intervention.", lambda row: row.record["kind"]),
    Column("entity", "text", "Code of who had the floor; empty where nobody is named.",
           lambda row: row.entity.get("code")),
    Column("entity_scheme", "text", "Which list the code is from.", lambda row: row.entity.get("scheme")),
    Column("entity_name", "text", "Its name in English on the day of the meeting.",
           lambda row: row.entity.get("name")),
    Column("role", "text", "In which role the floor was held.", _speaker("role")),
    Column("capacity", "text", "In what capacity the person spoke.", _speaker("capacity")),
    Column("person", "text", "The person's name, only once a reviewer confirmed it.", _speaker("person")),
    Column("on_behalf_of", "texts", "Codes of those for whom the speaker spoke, too.", _codes("on_behalf_of")),
    Column("aligned_with", "texts", "Codes of those with whose statement the speaker agreed.",
           _codes("aligned_with")),
    Column("attribution", "text", "`attributed` or `unattributed`.",
           lambda row: row.record["attribution"]["status"]),
    Column("confidence", "number", "Probability that the speaker is right.",
           lambda row: row.record["attribution"]["confidence"]),
    Column("start_ms", "integer", "Where it starts on the meeting clock, in ms.",
           lambda row: row.record["spans"][0]["start_ms"]),
    Column("end_ms", "integer", "Where it ends on the meeting clock, in ms.",
           lambda row: row.record["spans"][-1]["end_ms"]),
    Column("floor_ms", "integer", "How long the floor was held, less interruptions, in ms.",
           lambda row: sum(span["end_ms"] - span["start_ms"] for span in row.record["spans"])),
    Column("start_utc", "moment", "The start in UTC.", lambda row: row.record["spans"][0]["start_utc"]),
    Column("end_utc", "moment", "The end in UTC.", lambda row: row.record["spans"][-1]["end_utc"]),
    Column("channel", "text", "The channel that the text was heard on.", lambda row: row.words.channel),
    Column("language_spoken", "text", "The language that the speaker spoke.",
           lambda row: row.record["language_spoken"]),
    Column("language_text", "text", "The language of the text.", lambda row: row.words.language),
    Column("interpretation", "truth", "Whether the text is an interpreter's.",
           lambda row: row.words.interpretation),
    Column("interpretations", "texts", "Languages into which it was interpreted, by the channels that were heard.",
           lambda row: [item["language"] or "und" for item in row.record.get("interpretations", ())]),
    Column("themes", "texts", "Ids of the themes that it touches.",
           lambda row: list(dict.fromkeys(item["theme"] for item in row.record["themes"]))),
    Column("text", "text", "The words.", lambda row: row.words.text),
    Column("flags", "texts", "What a reviewer should look at.", lambda row: row.record["quality"]["flags"]),
    Column("recogniser_confidence", "number", "Mean confidence of the recognised words.",
           lambda row: row.record["quality"]["recogniser_confidence"]),
    Column("model", "text", "The recogniser's model.", lambda row: row.record["provenance"]["model"]),
    Column("licence", "text", "Licence of the record, and whose it is.", lambda row: row.record["licence"]),
    Column("disclaimer", "text", "Always the same; show it.", lambda row: row.record["disclaimer"]),
    Column("synthetic", "truth", "Whether the audio was made, not recorded.", lambda row: row.record["synthetic"]),
)  # fmt: skip
"""The columns, in order. New ones are added at the end only."""
