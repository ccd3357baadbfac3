"""Files of records: what they label, which words they show, and what hostile texts cannot do to them."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from floorlog.exports.captions import cues
from floorlog.exports.csv_lines import csv_lines
from floorlog.exports.formats import FORMATS
from floorlog.exports.frame import Frame
from floorlog.exports.html_log import content_security_policy, html_log
from floorlog.exports.jsonl import jsonl
from floorlog.exports.paragraphs import paragraphs
from floorlog.exports.plain import plain
from floorlog.exports.saying import Said, said
from floorlog.exports.srt import srt
from floorlog.exports.table import COLUMNS
from floorlog.exports.txt import txt
from floorlog.exports.vtt import vtt
from tests.exported import (
    CHAIR,
    EGYPT,
    FRANCE,
    HOSTILE,
    UNION,
    entries,
    hostile,
    interpreted,
    meeting,
    record,
    span,
    words,
)


def as_said(item: dict[str, Any]) -> Said:
    """What was said in a record, as delivered."""
    found = said(item)
    assert found is not None
    return found


FRENCH = record(
    "Monsieur le Président", 10_000, language="fr", interpretations=[interpreted("Mister President", 12_000)]
)


def file(name: str, records: list[dict[str, Any]], **asked: Any) -> str:
    """A file of records of one meeting."""
    write = FORMATS[name].text
    assert write is not None
    return "".join(write(entries(records), Frame(meeting(), **asked)))


@pytest.mark.parametrize("name", ["vtt", "srt", "txt", "html"])
def test_an_interpreters_words_are_labelled(name: str) -> None:
    """Who quotes an interpreter as the delegation misquotes it."""
    assert "nterpretation" not in file(name, [FRENCH])
    text = file(name, [FRENCH], text_language="en")
    assert "interpretation" in text.lower().replace("as interpreted", "")
    assert "Mister President" in re.sub("\\s+", " ", text)
    assert "Monsieur" not in text


def test_a_table_says_whose_words_it_holds() -> None:
    """A column of words in one language, some of them an interpreter's, must tell them apart."""
    for language, expected in ((None, ("floor", "fr", "false")), ("en", ("en", "en", "true"))):
        rows = list(csv.DictReader(io.StringIO(file("csv", [FRENCH], text_language=language))))
        assert [(row["channel"], row["language_text"], row["interpretation"]) for row in rows] == [expected]
        assert rows[0]["interpretations"] == "en"


def test_captions_say_where_there_is_no_interpretation() -> None:
    """A gap in the subtitles looks like silence."""
    spanish = record("Señor Presidente", 20_000, language="es")
    text = file("vtt", [FRENCH, spanish], text_language="en")
    assert "[Speaks Spanish.\nNo interpretation into English.]" in text
    assert "Señor" not in text
    assert "Señor Presidente" in file("txt", [spanish], text_language="en")


def test_a_language_is_found_by_its_first_part() -> None:
    """The recogniser writes `en`, a meeting file `en-GB`: both are English."""
    british = record("hello", language="en-GB")
    assert said(british, "en") is not None
    assert said(british, "fr") is None


@pytest.mark.parametrize("state", ["machine", "in_review", "approved", "published", "corrected"])
@pytest.mark.parametrize("name", FORMATS.keys() - {"parquet"})
def test_the_state_of_review_is_in_every_file(name: str, state: str) -> None:
    """Whether a person has looked at it decides what it is worth."""
    text = file(name, [record("hello", state=state)])
    named = {
        "jsonl": f'"state": "{state}"',
        "csv": f",{state},",
        "vtt": f"state: {state}\n",
        "srt": "France:" if state in ("published", "corrected") else f"France ({state.replace('_', ' ')}):",
        "txt": f"· {state.replace('_', ' ').capitalize()} ·",
        "html": f">{state.replace('_', ' ').capitalize()}</span>",
    }
    expected = named[name]
    if state == "machine" and name not in ("jsonl", "csv", "vtt"):
        expected = expected.replace("machine", "automatic").replace("Machine", "Automatic")
    assert expected in text


def test_nobody_is_named_whom_nobody_attributed() -> None:
    """No name is better than a wrong name, and a caption without any looks like the one before."""
    text = file("vtt", [record("hello", entity=None)])
    assert "<v.published Not attributed>hello</v>" in text
    assert "speaker:" not in text


def test_the_chair_is_called_by_title() -> None:
    """Nobody in the room calls the President "Chair"."""
    document = meeting(chair={"title": "President", "name": None, "entity": None})
    text = "".join(vtt([(document, record("hello", entity=CHAIR))], Frame(document)))
    assert "<v.published President>" in text


def test_a_confirmed_person_is_named_with_the_capacity() -> None:
    """Once a reviewer confirmed it, the name belongs to the record."""
    item = record("hello")
    item["speaker"] |= {"person": "Jane Doe", "capacity": "Minister"}
    for name in ("vtt", "txt", "html"):
        assert "Jane Doe, Minister" in file(name, [item])


def test_a_group_that_speaks_for_itself_is_not_said_to_represent_itself() -> None:
    """ "European Union on behalf of the European Union" makes readers doubt the rest."""
    assert "on behalf of" not in file("txt", [record("hello", entity=UNION, on_behalf_of=[UNION])])
    assert "on behalf of European Union (EU)" in file("txt", [record("hello", on_behalf_of=[UNION])])


def test_interventions_that_interrupt_each_other_have_their_captions_in_order_of_time() -> None:
    """WebVTT demands it, and a player that streams drops what comes late."""
    long = record("one two three four", 0)
    long["spans"] = [span(0, 1000), span(20_000, 22_000)]
    long["words"] = [*words("one two", 0), *words("three four", 20_000)]
    order = record("point of order", 5000, EGYPT)
    text = file("vtt", [long, order])
    assert re.findall(r"\.(\d)\n(\S+) -->", text) == [
        ("1", "00:00:00.000"),
        ("1", "00:00:05.000"),
        ("2", "00:00:20.000"),
    ]


def test_a_text_without_words_has_captions_too() -> None:
    """Lists of the API leave words out: the time is shared out then."""
    item = record("one two three")
    bare = {name: value for name, value in item.items() if name != "words"}
    shown = [line for cue in cues(as_said(bare)) for line in cue.lines]
    assert shown == ["one two three"]


def test_captions_keep_together_what_is_read_together() -> None:
    """A caption that ends behind "Mr." or holds the last word of the sentence before is read twice."""
    expected = [
        "I would like to remind delegations",
        "that there is no pre-established list of speakers.",
        "Those wishing to take the floor should press the button.",
        "It is now my honor to invite his excellency, Mr. Antonio Example.",
    ]
    assert [" ".join(cue.lines) for cue in cues(as_said(record(" ".join(expected))))] == expected


def test_a_line_of_arabic_that_begins_with_latin_letters_is_marked() -> None:
    """Players take the direction of a line from its first letter."""
    item = record("ABC شكرا", language="ar")
    assert [cue.lines for cue in cues(as_said(item))] == [("\u200fABC شكرا",)]
    assert [cue.lines for cue in cues(as_said(record("شكرا", language="ar")))] == [("شكرا",)]


def test_chinese_lines_hold_sixteen_letters() -> None:
    """Letters of two columns fill a line twice as fast."""
    text = "主席先生，各位代表，我们感谢秘书长的报告，并支持关于人权的行动呼吁。"
    shown = [line for cue in cues(as_said(record(text, language="zh"))) for line in cue.lines]
    assert max(map(len, shown)) <= 16
    assert "".join(shown) == text


def test_the_log_has_no_markup_from_texts() -> None:
    """The page is opened from a server that people trust."""
    evil = meeting(title="<script>1</script>", licence='"><img src=x onerror=1>', body="<b>", symbol="<i>")
    nasty = "<script>alert(1)</script>"
    item = record(nasty, entity={**FRANCE, "name": nasty}, on_behalf_of=[{**UNION, "name": nasty}])
    item["speaker"] |= {"person": nasty, "capacity": nasty}
    page = "".join(html_log([(evil, item)], Frame(None, only=(nasty,), base_url='https://x"onclick="1')))
    assert "<script" not in page
    assert "<img" not in page
    assert '"onclick' not in page


def test_the_logs_style_is_all_that_its_policy_allows() -> None:
    """A policy that does not fit the style shows a bare page; one that allows more protects from nothing."""
    assert "script-src" not in content_security_policy()
    assert content_security_policy().startswith("default-src 'none'; style-src 'sha256-")
    assert file("html", []).count("<style>") == 1


def test_a_comment_of_webvtt_cannot_be_ended() -> None:
    """A title with an arrow or an empty line would begin a caption that nobody said."""
    document = meeting(title="a --> b\n\n00:00:01.000 --> 00:00:02.000\nsaid by nobody")
    text = "".join(vtt([], Frame(document)))
    assert "-->" not in text
    assert text.count("\n\n") == 2


def test_markup_of_players_is_defused_in_srt() -> None:
    """SubRip has no escapes, but players read tags and commands of other formats in it."""
    text = "".join(srt(entries([record("<b>bold</b> {\\an8} a --> b")]), Frame(meeting())))
    assert not re.search(r"<[^\u2060]|\{[^\u2060]", text)
    assert text.count("-->") == 2  # of the notice and of the caption


def test_an_empty_file_still_says_what_it_is() -> None:
    """Nothing published yet is not an error, and not a file without a label."""
    for name in ("vtt", "srt", "txt", "html"):
        assert "Automatic transcript. Not an official record." in file(name, [])
    assert file("csv", []).count("\r\n") == 1
    assert file("jsonl", []) == ""


def test_several_meetings_are_told_apart() -> None:
    """The same words in another meeting are another fact, under another licence."""
    both = [*entries([record("FIRST")]), *entries([record("SECOND", meeting_id="other")], licence="CC-BY-4.0")]
    for write in (txt, html_log):
        text = "".join(write(both, Frame()))
        assert text.index("Meeting small") < text.index("FIRST") < text.index("Meeting other") < text.index("SECOND")
        assert "Licence: CC0-1.0" in text
        assert "Licence: CC-BY-4.0" in text


def test_what_was_chosen_is_said() -> None:
    """An excerpt that does not say so looks like the whole."""
    for name in ("vtt", "srt", "txt", "html"):
        assert "Only kind statement; from 1:00:00." in file(name, [], only=("kind statement", "from 1:00:00"))


def test_links_lead_to_the_permanent_address() -> None:
    """A file is copied; the address lets a reader see what became of the record since."""
    address = f"https://log.example/interventions/{FRENCH['id']}"
    for name in ("vtt", "txt", "html", "csv"):
        assert address in file(name, [FRENCH], base_url="https://log.example")
        assert "interventions/" not in file(name, [FRENCH])


def test_paragraphs_end_with_sentences_and_where_it_was_interrupted() -> None:
    """A page without paragraphs is not read; one that hides an interruption tells a wrong story."""
    item = record("one two", 0)
    item["spans"] = [span(0, 1000), span(60_000, 61_000)]
    item["words"] = [*words("one", 0), *words("two", 60_000)]
    found = list(paragraphs(as_said(item)))
    assert [(paragraph.text, paragraph.resumed_ms) for paragraph in found] == [("one", None), ("two", 60_000)]
    long = record(" ".join(["This is a sentence of words."] * 40))
    assert [len(each.text.split()) for each in paragraphs(as_said(long))] == [114, 114, 12]
    assert all(each.text.endswith(".") for each in paragraphs(as_said(long)))


def test_a_cell_of_csv_begins_with_one_apostrophe_more_or_is_as_it_was() -> None:
    """A rule that cannot be turned around loses what somebody said."""
    rows = csv.DictReader(io.StringIO("".join(csv_lines(entries(hostile()), Frame()))))
    for row, item in zip(rows, hostile(), strict=True):
        assert row["text"].removeprefix("'") == item["text"]
        assert not row["text"].startswith(tuple("=+-@\t\r\n"))


def test_each_line_of_json_is_one_line_to_every_reader() -> None:
    """Some readers cut at U+2028 and U+0085, which JSON allows inside of a text."""
    lines = "".join(jsonl(entries(hostile()), Frame())).splitlines()
    assert [json.loads(line) for line in lines] == hostile()


def test_plain_text_loses_nothing_that_can_be_read() -> None:
    """Marks and joiners belong to words: Persian and emoji fall apart without them."""
    assert plain("می\u200cخواهم 👩\u200d👧 e\u0301 \u200fab") == "می\u200cخواهم 👩\u200d👧 e\u0301 \u200fab"
    assert plain(" a\n\n b\tc\u2028d\x00\x1b ") == "a b c d"
    assert all(plain(text) for text in HOSTILE)


def test_each_column_is_documented_once() -> None:
    """A column without a meaning is guessed at, and a name that is there twice is read twice."""
    assert len({column.name for column in COLUMNS}) == len(COLUMNS)
    assert all(column.meaning.endswith(".") for column in COLUMNS)
