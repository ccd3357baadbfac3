"""Find an entity by what a person types: any part of its name or code, in six languages, misspelled or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from floorlog.entities import LANGUAGES, Entity, EntityTable
from floorlog.folding import folded

EXACT, STARTS, WORD_STARTS, INSIDE, MISSPELLED = range(5)
"""How well an entity fits, the best first."""

LONGEST_QUERY: Final = 200
"""Characters that are looked at; the longest formal name has fewer."""


SHORTEST_STEM, LONGEST_ENDING = 4, 2
"""Where nothing fits, so many letters may be another ending of the name: "Россия" for "Российская Федерация"."""


@dataclass(frozen=True, slots=True)
class _Spelled:
    entity: Entity
    forms: tuple[str, ...]


def search(table: EntityTable, query: str, on: date, limit: int) -> tuple[Entity, ...]:
    """Return the entities that fit, best first; for an empty query the first ones by their English name.

    Args:
        table: All entities.
        query: What was typed; case, accents and the marks of Arabic do not matter.
        on: The meeting's day: an entity with several names is ordered by the one of that day.
        limit: How many are returned at most.
    """
    wanted = _plain(query[:LONGEST_QUERY])
    codes = _ranked(table, wanted, on)
    if len(codes) < limit and wanted:
        known = set(codes)
        codes += [found.code for found in table.match_misheard(query[:LONGEST_QUERY]) if found.code not in known]
    shortest = max(SHORTEST_STEM, len(wanted) - LONGEST_ENDING)
    while not codes and len(wanted) > shortest:
        wanted = wanted[:-1]
        codes = _ranked(table, wanted, on)
    return tuple(table.get(code) for code in codes[:limit])


def _ranked(table: EntityTable, wanted: str, on: date) -> list[str]:
    found: list[tuple[int, int, str, str]] = []
    for spelled in _spelled(table):
        rank, length = _rank(wanted, spelled.forms)
        if rank < MISSPELLED:
            found.append((rank, length, folded(spelled.entity.name(on)), spelled.entity.code))
    return [code for *_, code in sorted(found)]


def _rank(wanted: str, forms: Iterable[str]) -> tuple[int, int]:
    """Return how well the best form fits, and its length where that is part of a longer one."""
    best = (MISSPELLED, 0)
    for form in forms:
        if form == wanted:
            return (EXACT, 0)
        at = form.find(wanted)
        if at < 0:
            continue
        rank = STARTS if at == 0 else WORD_STARTS if form[at - 1] == " " else INSIDE
        best = min(best, (rank, len(form) if wanted else 0))
    return best


@lru_cache(maxsize=4)
def _spelled(table: EntityTable) -> tuple[_Spelled, ...]:
    return tuple(
        _Spelled(
            entity,
            tuple(
                dict.fromkeys(
                    _plain(text)
                    for text in (
                        entity.code,
                        *(alias.text for alias in entity.spoken(LANGUAGES) if alias.form == "name"),
                        *(text for names in entity.names for text in names.short.values()),
                    )
                )
            ),
        )
        for entity in table
    )


def _plain(text: str) -> str:
    return " ".join(folded(text).replace("-", " ").replace("_", " ").split())
