"""A short synthetic sitting in, its records out: the whole output of the floor, kept in a file that is reviewed.

`python -m tests.golden.test_golden` writes the sitting and its records again; review the difference as you would code.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from floorlog import contract, words
from floorlog.announcements import End
from floorlog.clock import after
from floorlog.identity import canonical_json
from floorlog.interventions import Event, begin, hear
from floorlog.records import compose
from floorlog.words import Transcript
from tests.spoken import Line, a_meeting, transcripts_of

FOLDER = Path(__file__).parent
SITTING = FOLDER / "sitting.transcripts.jsonl"
RECORDS = FOLDER / "sitting.records.jsonl"
BEGAN = datetime(2021, 2, 24, 15, 0, tzinfo=UTC)

SCRIPT = [
    Line("chair", "Good morning. I call to order this synthetic meeting. We shall hear a short list of speakers."),
    Line("chair", "I now give the floor to the distinguished representative of Kenya, who will speak on behalf of the "
         "Group of African States."),
    Line("kenya", "Madam President, I have the honour to deliver this statement on behalf of the African Group. "
         "The Group welcomes the invented report that is before us, and thanks those who invented it."),
    Line("chair", "I thank the representative of Kenya. Norway, please."),
    Line("norway", "Thank you, Madam President. Norway aligns itself with the statement of the European Union. "
         "This sentence was made up for a test, and so was the next one."),
    Line("chair", "", lasts_ms=1100),
    Line("peru", "There is a great deal to say about all of this, and very little of it will be said today."),
    Line("chair", "Excuse me, you have exceeded the time limit. Please conclude."),
    Line("peru", "Then let me only add that what was said before could have been said in fewer words."),
    Line("chair", "Je remercie l'orateur. Je donne la parole au représentant de la France.", 500, "fr"),
    Line("france", "Madame la Présidente, la France remercie tous ceux qui ont inventé cette séance. "
         "Elle souhaite qu'elle soit courte.", 500, "fr"),
    Line("chair", "I thank the representative of France. One delegation has asked for the right of reply. I give the "
         "floor to the observer of the holy sea."),
    Line("holy-see", "The Holy See takes the floor in exercise of its right of reply, and has nothing to reply to."),
    Line("chair", "I thank the observer of the Holy See. The meeting is adjourned."),
]  # fmt: skip


def read(path: Path) -> list[dict[str, Any]]:
    """The documents of a file, one a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def records_of(transcripts: list[Transcript]) -> list[dict[str, Any]]:
    """The machine's content of every record of a sitting, in order."""
    meeting = a_meeting("golden")
    last = transcripts[-1]
    end = End("golden", "floor", len(transcripts), last.span.end_ms, len(transcripts) - 1)
    state = begin(meeting)
    latest = {}
    events: list[Event] = [*transcripts, end]
    for event in events:
        heard = hear(state, event)
        state = heard.state
        latest.update({item.intervention.id: item.intervention for item in heard.settled})
    log = sorted(latest.values(), key=lambda item: item.spans[0])
    return [compose(meeting, item, transcripts, [], lambda ms: after(BEGAN, ms)) for item in log]


def test_the_records_of_the_sitting_are_those_on_file() -> None:
    """Any change of what the floor makes of a meeting shows here, in full, before it shows to a reader."""
    transcripts = [words.decode(document) for document in read(SITTING)]
    assert records_of(transcripts) == read(RECORDS)


def test_what_is_on_file_keeps_the_contracts() -> None:
    """The golden files are examples, too."""
    for document in read(SITTING):
        contract.validate("transcript", document)
    for document in read(RECORDS):
        contract.validate("record", document)


def write() -> None:
    """Write the sitting and its records again."""
    transcripts = transcripts_of(SCRIPT, meeting_id="golden")
    kept = [words.encode(transcript) for transcript in transcripts]
    SITTING.write_text("".join(canonical_json(item) + "\n" for item in kept), encoding="utf-8")
    again = [words.decode(document) for document in read(SITTING)]
    RECORDS.write_text("".join(canonical_json(item) + "\n" for item in records_of(again)), encoding="utf-8")


if __name__ == "__main__":
    write()
