"""Word errors: what was said beside what the log holds, turn by turn. Needs the extra `eval`."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import jiwer
from rapidfuzz.distance import Levenshtein
from scipy.optimize import linear_sum_assignment

LEAST_RUN = 3
"""So many deletions in a row are an omission: fewer are words misheard."""

_UNSPACED = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
"""Chinese and Japanese letters, which are counted one by one."""


def normalised(text: str) -> list[str]:
    """Return a text's words without what does not count as an error: case, punctuation, width of letters.

    The rule is that of Whisper's evaluation for any language (`BasicTextNormalizer`): compatible forms, lower case,
    everything that is a mark, a symbol or punctuation becomes a space. Numbers stay as they are written.
    """
    folded = unicodedata.normalize("NFKC", text).lower()
    plain = "".join(" " if unicodedata.category(letter)[0] in "MSP" else letter for letter in folded)
    return _UNSPACED.sub(r" \1 ", plain).split()


@dataclass(slots=True)
class WordErrors:
    """Of one text beside another: all by index of the reference's part in which they lie.

    `errors` are substitutions, deletions and insertions; `omitted` are words in runs of deletions.
    """

    words: Counter[int] = field(default_factory=Counter)
    errors: Counter[int] = field(default_factory=Counter)
    omitted: Counter[int] = field(default_factory=Counter)


def word_errors(parts: Sequence[Sequence[str]], heard: Sequence[str]) -> WordErrors:
    """Align a reference, given in parts, with all that was heard.

    Args:
        parts: The reference's words, in order; parts may be empty, but not all of them.
        heard: The words heard, in order.
    """
    part_of = [index for index, part in enumerate(parts) for _ in part]
    found = WordErrors(words=Counter(part_of))
    reference = [word for part in parts for word in part]
    if not heard:
        found.errors = Counter(part_of)
        found.omitted = Counter(part_of) if len(part_of) >= LEAST_RUN else Counter()
        return found
    aligned = jiwer.process_words(" ".join(reference), " ".join(heard)).alignments[0]
    for chunk in aligned:
        touched = part_of[chunk.ref_start_idx : chunk.ref_end_idx]
        if chunk.type == "insert":
            found.errors[part_of[min(chunk.ref_start_idx, len(part_of) - 1)]] += chunk.hyp_end_idx - chunk.hyp_start_idx
        elif chunk.type in ("substitute", "delete"):
            found.errors.update(touched)
            if chunk.type == "delete" and len(touched) >= LEAST_RUN:
                found.omitted.update(touched)
    return found


def speaker_errors(spoken: Mapping[str, Sequence[str]], heard: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the word errors of each speaker, for concatenated minimum-permutation word error rates (cpWER).

    Each speaker's words are concatenated on both sides, and speakers are assigned to each other one to one such that
    there are the fewest errors. Words of those who are left over on the side that was heard are insertions, under "".
    Chen et al., CHiME-6 (2020), as MeetEval counts it.
    """
    speakers, voices = list(spoken), list(heard)
    size = max(len(speakers), len(voices))
    costs = [
        [
            Levenshtein.distance(
                spoken[speakers[i]] if i < len(speakers) else (), heard[voices[j]] if j < len(voices) else ()
            )
            for j in range(size)
        ]
        for i in range(size)
    ]
    errors: dict[str, int] = {}
    for i, j in zip(*linear_sum_assignment(costs), strict=True):
        name = speakers[i] if i < len(speakers) else ""
        errors[name] = errors.get(name, 0) + costs[i][j]
    return errors
