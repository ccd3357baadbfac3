"""Find persons where they are introduced: a title and a name with capitals. What is written small is let be."""

from __future__ import annotations

from collections.abc import Sequence

from floorlog.folding import folded

TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "dr", "ambassador", "professor", "prof", "sir", "lord", "judge", "general"}
    | {"mme", "mlle", "monsieur", "madame", "mademoiselle", "docteur", "ambassadeur", "ambassadrice", "professeur"}
    | {"sr", "sra", "srta", "senor", "senora", "senorita", "doctor", "doctora", "embajador", "embajadora"}
)
FRENCH_MISTER = "M."
"""The one title that is a single letter, and counts with its full stop only."""

HONOURS = frozenset(
    {"excellency", "highness", "majesty", "eminence", "excellence", "altesse", "majeste", "excelencia", "alteza"}
)
"""Words before a title, or in its place: "His Excellency Mr. …", "Her Royal Highness …"."""

OFFICES = frozenset(
    {"president", "chair", "chairman", "chairperson", "chairwoman", "speaker", "secretary", "minister", "vice"}
    | {"moderator", "facilitator", "ambassador", "representative", "permanent", "under", "assistant", "assembly"}
    | {"le", "la", "presidente", "presidenta", "vicepresidente", "vicepresidenta", "ministre", "ministro", "ministra"}
    | {"secretaire", "secretario", "secretaria", "ambassadeur", "embajador", "embajadora", "representant"}
    | {"representante", "haut", "alto", "alta"}
)
"""Behind a title these are no names: "Mr. President"."""

PARTICLES = frozenset(
    {"de", "del", "der", "den", "van", "von", "bin", "bint", "ibn", "al", "el", "da", "dos", "du", "y"}
)
"""Small words inside of a name: "Maria de la Cruz"."""

MOST_NAMES = 5
"""So many words of a name are taken."""


def person_in(texts: Sequence[str]) -> str | None:
    """Return the first person who is introduced among words, as said, without the title; None if there is none.

    Args:
        texts: Words as the recogniser wrote them; a comma or a full stop ends a name.
    """
    for index, text in enumerate(texts[:-1]):
        plain = folded(text.strip(".,;:"))
        title = plain in TITLES or text == FRENCH_MISTER
        if not title and plain not in HONOURS:
            continue
        if plain in HONOURS and _is_title(texts[index + 1]):
            continue
        name = person_at(texts[index + 1 :])
        if name is not None and (title or " " in name):
            return name
    return None


def person_at(texts: Sequence[str]) -> str | None:
    """Return the name that words begin with, behind a title if there is one; None if they begin with none."""
    names: list[str] = []
    for index, word in enumerate(texts[: MOST_NAMES + 1]):
        bare = word.strip(".,;:?!")
        if index == 0 and _is_title(word):
            continue
        inside = bool(names) and bare in PARTICLES
        if not inside and (not bare[:1].isupper() or folded(bare).split("-")[0] in OFFICES or len(names) == MOST_NAMES):
            break
        names.append(bare)
        if word[-1] in ",;:?!" or (word[-1] == "." and len(bare) > 1):
            break
    while names and names[-1] in PARTICLES:
        names.pop()
    return " ".join(names) or None


def _is_title(word: str) -> bool:
    return folded(word.strip(".,;:")) in TITLES or word == FRENCH_MISTER
