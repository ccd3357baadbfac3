"""Arabic, Chinese and Russian: no spaces, prefixes and case endings must not hide a name. The wording is invented."""

from __future__ import annotations

import pytest

from floorlog.cues import Cue, find_cues, tokens_of
from floorlog.entities import EntityTable
from floorlog.names import misheard_among, names_among
from floorlog.phrases import Phrases
from tests.spoken import Line, log_of, who

TINY = Phrases(
    [
        {"language": "zh", "gives_named": {"phrases": ["请{name}代表发言"]}, "expects_name": {"phrases": ["请"]}},
        {
            "language": "ar",
            "gives_named": {"phrases": ["+الكلمة [الآن] +ممثل {name}", "+الكلمة {name}"]},
            "expects_name": {"phrases": ["+ممثل", "+الكلمة"]},
        },
        {
            "language": "ru",
            "gives_named": {"phrases": ["слово [предоставля*] представител* {name}"]},
            "expects_name": {"phrases": ["представител*"]},
        },
    ]
)


def cues_in(text: str, phrases: Phrases) -> tuple[Cue, ...]:
    """The cues of a text, names in bent forms included."""
    tokens, table = tokens_of(text.split()), EntityTable.load()
    names = names_among(tokens, table)
    bent = misheard_among(tokens, names, find_cues(tokens, names, phrases), table)
    apart = [name for name in names if not any(item.first <= name.first <= item.last for item in bent)]
    return find_cues(tokens, sorted([*apart, *bent], key=lambda name: name.first), phrases)


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("请法国代表发言。", "FRA"),
        ("我现在 请 肯尼亚 代表 发言。", "KEN"),
        ("天气很好。请埃及代表发言。", "EGY"),
        ("请大韩民国代表发言", "KOR"),
        ("الكلمة الآن لممثل فرنسا.", "FRA"),
        ("والكلمة الآن لممثّل مصر", "EGY"),
        ("الكلمة لكينيا", "KEN"),
        ("الكلمة للصين", "CHN"),
        ("Слово предоставляется представителю Кении.", "KEN"),
        ("слово представительнице франции", "FRA"),
        ("Слово предоставляется представителю Российской Федерации.", "RUS"),
        ("Слово предоставляется представителю Соединенных Штатов Америки.", "USA"),
    ],
)
def test_a_few_phrases_are_enough_to_find_who_gets_the_floor(text: str, entity: str) -> None:
    """Whoever writes a file for a language must not have to write down its grammar."""
    assert [cue.entity for cue in cues_in(text, TINY) if cue.kind == "gives_named"] == [entity]


@pytest.mark.parametrize(
    "text",
    [
        "沿海地区很漂亮。",
        "我们中国人民很高兴。",
        "لكن المالية مهمة.",
        "Малый бизнес важен.",
        "请大家坐下。",
        "Слово предоставляется представителю молодежи.",
    ],
)
def test_a_bent_name_is_looked_for_only_where_one_is_expected(text: str) -> None:
    """Two Chinese letters, or a Russian stem of three, stand by chance in many other words."""
    assert [cue for cue in cues_in(text, TINY) if cue.entity] == []


def test_accents_vowel_signs_and_stretched_letters_do_not_matter() -> None:
    """Hands and recognisers differ in all of them."""
    assert [token.text for token in tokens_of(["الكلـــمةُ", "Ёлка", "إلى"])] == ["الكلمه", "елка", "الي"]


def test_chinese_letters_are_words_of_their_own_and_sentences_end_inside_of_a_word() -> None:
    """It is written without spaces, and recognisers cut it anywhere."""
    tokens = tokens_of(["谢谢。请法国", "代表发言。"])
    assert "".join(token.text for token in tokens) == "谢谢.请法国代表发言."
    assert [token.word for token in tokens] == [0] * 6 + [1] * 5


REST = "The matter before us is of some weight, and it will be with us for many more years."


@pytest.mark.parametrize(
    ("opening", "change"),
    [
        ("现在开会。 我现在请法国代表发言。", "我感谢法国代表的发言。 我现在请尊敬的肯尼亚代表发言。"),
        (
            "Объявляю заседание открытым. Я предоставляю слово уважаемому представителю Франции.",
            "Я благодарю представителя Франции. Слово предоставляется представителю Кении.",
        ),
        (
            "أعلن افتتاح الجلسة. أعطي الكلمة الآن لسعادة ممثل فرنسا.",
            "أشكر ممثل فرنسا على بيانه. أعطي الكلمة الآن لممثلة كينيا الموقرة.",
        ),
    ],
)
def test_a_meeting_is_chaired_in_the_other_official_languages(opening: str, change: str) -> None:
    """The central phrases are there, though no native speaker has reviewed them yet."""
    chair = [Line("chair", opening), Line("france", REST), Line("chair", change), Line("kenya", REST)]
    log = log_of(chair)
    assert who(log) == ["CHAIR", "FRA", "CHAIR", "KEN"]
    assert {item.type for item in log[1].attribution.evidence} == {"given", "thanked"}
