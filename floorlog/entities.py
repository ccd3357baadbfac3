"""Who can have the floor: states, observers, organizations, groups and officials, with their names as of a day."""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final, Literal

from floorlog.entity_matching import THRESHOLD, Alias, Candidate, Finder, Match, MisheardNames

Kind = Literal["state", "observer", "organization", "group", "official"]
Scheme = Literal["iso3166-1-alpha-3", "floorlog"]

LANGUAGES: Final = ("en", "fr", "es", "ar", "zh", "ru")
"""The official languages of the United Nations."""

REGIONAL_GROUPS: Final = ("AFRICAN_GROUP", "ASIA_PACIFIC", "EEG", "GRULAC", "WEOG")

CHAIR: Final = "CHAIR"
"""The code that stands for the presiding officer's own turns."""

_SHORTEST_HAN = 3
"""Han characters; two of them can stand by chance inside a longer word (海地 in 沿海地区)."""


@dataclass(frozen=True, slots=True)
class Names:
    """What an entity is called from a day (None: always) until the day before another, by language."""

    valid_from: date | None
    valid_to: date | None
    short: Mapping[str, str]
    formal: Mapping[str, str]

    def holds(self, on: date) -> bool:
        """Return whether these were its names on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True, slots=True)
class Entity:
    """A row of the table.

    `names` are in order of their days. `aliases` and `demonyms` are by language; `not_aliases` are names that are also
    everyday words or first names. `members` are codes, as of the day that the file names; empty for what has none.
    """

    code: str
    scheme: Scheme
    kind: Kind
    names: tuple[Names, ...]
    m49: str | None
    alpha3: str | None
    aliases: Mapping[str, tuple[str, ...]]
    not_aliases: tuple[str, ...]
    demonyms: Mapping[str, tuple[str, ...]]
    members: tuple[str, ...]
    sources: tuple[str, ...]

    def name(self, on: date, language: str = "en", *, formal: bool = False) -> str:
        """Return its name on that day; in English where there is none in that language."""
        names = next((each for each in self.names if each.holds(on)), self.names[-1])
        chosen = names.formal if formal else names.short
        return chosen.get(language) or chosen["en"]

    def spoken(self, languages: Iterable[str] = LANGUAGES) -> Iterator[Alias]:
        """Yield every way to say or write it in some languages."""
        avoided = {each.casefold() for each in self.not_aliases}
        for names in self.names:
            for written in (names.short, names.formal):
                for language in languages:
                    text = written.get(language, written["en"])
                    for form in (text, text.split(" (")[0].split("（")[0]):  # "Iran (Islamic Republic of)"
                        if form.casefold() not in avoided and not (language == "zh" and len(form) < _SHORTEST_HAN):
                            yield Alias(form, self.code)
        for language in languages:
            for text in self.aliases.get(language, ()):
                yield Alias(text, self.code)
            for text in self.demonyms.get(language, ()):
                yield Alias(text, self.code, "demonym")


class EntityTable:
    """All entities, and the search for their names in text."""

    def __init__(self, entities: tuple[Entity, ...], not_names: tuple[str, ...]) -> None:
        self._entities = {entity.code: entity for entity in entities}
        self._finder = Finder(
            (alias for entity in entities if entity.code != CHAIR for alias in entity.spoken()), not_names
        )
        self._misheard: dict[str, MisheardNames] = {}

    @staticmethod
    @functools.cache
    def load() -> EntityTable:
        """Return the table that Floorlog ships; read once for each process."""
        entities: list[Entity] = []
        not_names: list[str] = []
        for file in ("entities_states.json", "entities_groups.json"):
            path = importlib.resources.files("floorlog") / "data" / file
            document = json.loads(path.read_text("utf-8"))
            entities += [_decode(each) for each in document["entities"]]
            not_names += document.get("not_names", [])
        return EntityTable(tuple(entities), tuple(not_names))

    def __contains__(self, code: str) -> bool:
        return code in self._entities

    def __iter__(self) -> Iterator[Entity]:
        return iter(self._entities.values())

    def get(self, code: str) -> Entity:
        """Return the entity.

        Raises:
            KeyError: no entity has that code.
        """
        return self._entities[code]

    def name(self, code: str, on: date, language: str = "en") -> str:
        """Return what the entity was called on that day.

        Raises:
            KeyError: no entity has that code.
        """
        return self.get(code).name(on, language)

    def reference(self, code: str, on: date) -> dict[str, str]:
        """Return the entity as a record holds it: scheme, code, and English name on that day.

        Raises:
            KeyError: no entity has that code.
        """
        entity = self.get(code)
        return {"scheme": entity.scheme, "code": code, "name": entity.name(on)}

    def groups_of(self, code: str) -> tuple[str, ...]:
        """Return the codes of the groups and organizations that it is a member of."""
        return tuple(entity.code for entity in self if code in entity.members)

    def find(self, text: str) -> tuple[Match, ...]:
        """Return who is named in a text, in order, without overlap, by longest match.

        A group's name wins over a state's inside it: "the Group of 77 and China" names one entity. Case, accents,
        hyphens and apostrophes do not matter, except in "US". Demonyms are marked, because "French" may be a language.
        """
        return self._finder.find(text)

    def match_misheard(self, text: str, threshold: float = THRESHOLD, language: str = "en") -> tuple[Candidate, ...]:
        """Return who may be meant by a misheard name, best first; use it only where a name is expected.

        Names in one language are compared, and those of officials are not: they are made of everyday words. Two
        candidates with nearly one score are a reason to abstain.
        """
        if language not in self._misheard:
            spoken = (alias for entity in self if entity.kind != "official" for alias in entity.spoken((language,)))
            self._misheard[language] = MisheardNames(alias for alias in spoken if alias.form == "name")
        return self._misheard[language].rank(text, threshold)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _by_language(words: dict[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({language: tuple(each) for language, each in words.items()})


def _decode(row: dict[str, Any]) -> Entity:
    return Entity(
        code=row["code"],
        scheme=row["scheme"],
        kind=row["kind"],
        names=tuple(
            Names(
                _day(names["valid_from"]),
                _day(names["valid_to"]),
                MappingProxyType(names["short"]),
                MappingProxyType(names["formal"]),
            )
            for names in row["names"]
        ),
        m49=row.get("m49"),
        alpha3=row.get("alpha3"),
        aliases=_by_language(row.get("aliases", {})),
        not_aliases=tuple(row.get("not_aliases", ())),
        demonyms=_by_language(row.get("demonyms", {})),
        members=tuple(row.get("members", ())),
        sources=tuple(row.get("sources", ())),
    )
