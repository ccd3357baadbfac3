"""Find persons where they are introduced: a title and a name with capitals. What is written small is let be."""

from __future__ import annotations

from collections.abc import Sequence

TITLES = frozenset(
    {"mr", "mrs", "ms", "miss", "dr", "ambassador", "professor", "prof", "sir", "lord", "judge", "general"}
)
HONOURS = frozenset({"excellency", "highness", "majesty", "eminence"})
"""Words before a title, or in its place: "His Excellency Mr. …", "Her Royal Highness …"."""

OFFICES = frozenset(
    {"president", "chair", "chairman", "chairperson", "chairwoman", "speaker", "secretary", "minister", "vice"}
    | {"moderator", "facilitator", "ambassador", "representative", "permanent", "under", "assistant", "assembly"}
)
"""Behind a title these are no names: "Mr. President"."""

MOST_NAMES = 4
"""So many words of a name are taken."""


def person_in(texts: Sequence[str]) -> str | None:
    """Return the first person who is introduced among words, as said, without the title; None if there is none.

    Args:
        texts: Words as the recogniser wrote them; a comma or a full stop ends a name.
    """
    for index, text in enumerate(texts[:-1]):
        plain = text.strip(".,;:").lower()
        if plain not in TITLES and plain not in HONOURS:
            continue
        if plain in HONOURS and texts[index + 1].strip(".,").lower() in TITLES:
            continue
        names: list[str] = []
        for word in texts[index + 1 : index + 1 + MOST_NAMES]:
            bare = word.strip(".,;:?!")
            if not bare[:1].isupper() or bare.split("-")[0].lower() in OFFICES:
                break
            names.append(bare)
            if word[-1] in ",;:?!" or (word[-1] == "." and len(bare) > 1):
                break
        if names and (len(names) > 1 or plain in TITLES):
            return " ".join(names)
    return None
