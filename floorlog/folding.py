"""Fold what is written in different ways into one form, so that words can be compared: marks, letters, scripts."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

HAN = "\u3400-\u4dbf\u4e00-\u9fff"
"""Letters that are words of their own: Chinese is written without spaces (the ranges of CJK ideographs in Unicode)."""

_HAN = re.compile(f"([{HAN}])")

_SAME_LETTERS = str.maketrans({"ى": "ي", "ة": "ه", "ـ": None, "’": "'"})
"""Letters that Arabic hands write for each other at the end of a word, and the stroke that only stretches it."""

ARABIC_PREFIXES = ("و", "ف", "ب", "ل", "ك", "ال", "وال", "فال", "بال", "لل", "كال", "وب", "ول", "ولل", "وبال")
"""And, so, by, to, as, the: written in one with the word behind them."""


def without_marks(text: str) -> str:
    """Return a text without accents, vowel signs and other marks, with its capitals."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """Return what compares equal for all spellings of a text: small letters, no marks, one form of each letter."""
    return without_marks(text).lower().translate(_SAME_LETTERS)


def han_apart(text: str) -> str:
    """Return a text with a space on either side of each Chinese letter."""
    return _HAN.sub(r" \1 ", text)
