"""The shapes of the API's answers about entities, speaking time and themes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from workers.web.v1.answers import Labels, Sum, Url


class InLanguages(BaseModel):
    """A name in the six official languages; in English where there is none in one of them."""

    en: str = Field(description="English.")
    fr: str = Field(description="French.")
    es: str = Field(description="Spanish.")
    ar: str = Field(description="Arabic.")
    zh: str = Field(description="Chinese.")
    ru: str = Field(description="Russian.")


class Entity(BaseModel):
    """Who can have the floor, or for whom somebody can speak."""

    scheme: Literal["iso3166-1-alpha-3", "floorlog"] = Field(description="Which list the code is from.")
    code: str = Field(description="The code, for example `FRA`, `EU`, `G77`, `UN:SG`, `CHAIR`.")
    kind: Literal["state", "observer", "organization", "group", "official"] = Field(description="What it is.")
    m49: str | None = Field(description="Code of UN M49; null for what has none.")
    name: str = Field(description="Its name in English on the day.")
    names: InLanguages = Field(description="Its name on the day.")
    formal_names: InLanguages = Field(description="Its formal name on the day.")
    groups: list[str] = Field(description="Codes of the groups and organizations that it is a member of.")
    regional_group: str | None = Field(description="Code of its regional group; null where it is in none.")
    members: list[str] = Field(description="Codes of its members; none where they change or are not published.")
    self: Url = Field(description="Address of the entity in this API.")
    interventions: Url = Field(description="What it said.")


class WholeEntity(Entity, Labels):
    """One entity."""


class EntityList(Labels):
    """Entities."""

    items: list[Entity] = Field(description="The entities.")
    next: None = Field(description="Always null: these are all.")


class SpeakingTime(BaseModel):
    """How often and how long an entity had the floor in one role, with one kind of intervention."""

    entity: str | None = Field(description="Its code; null of all whose speaker is unattributed.")
    name: str | None = Field(description="Its name in English, as of the meeting's date, or today's over many.")
    regional_group: str | None = Field(description="Code of its regional group; null where it is in none.")
    role: str | None = Field(description="In which role the floor was held, for example `member_state`.")
    kind: str = Field(description="Kind of intervention.")
    records: Sum = Field(description="How many interventions.")
    ms: Sum = Field(description="How long they were together, in ms.")
    interventions: Url | None = Field(description="These interventions; null where no entity is named.")


class SpeakingTimes(Labels):
    """Who spoke how long."""

    items: list[SpeakingTime] = Field(description="One row for each entity, role and kind; the longest first.")
    next: None = Field(description="Always null: these are all.")
    records: Sum = Field(description="How many interventions there are in all rows.")
    ms: Sum = Field(description="How long they were together, in ms.")


class ThemeTotal(BaseModel):
    """A theme, and how often it was touched."""

    id: str = Field(description="Id of the theme, as filters take it.")
    lexicon: str | None = Field(description="The lexicon that defines it, with its version; null where none here does.")
    label: str = Field(description="Short title, in English.")
    title: str = Field(description="Whole title, in English.")
    records: Sum = Field(description="In how many interventions it was touched.")
    ms: Sum = Field(description="How long these were together, in ms.")
    interventions: Url = Field(description="These interventions.")


class ThemeTotals(Labels):
    """The themes, and how often each was touched."""

    items: list[ThemeTotal] = Field(description="The themes, in the order of their lexicons.")
    next: None = Field(description="Always null: these are all.")


class ThemeOfEntity(BaseModel):
    """How often an entity touched a theme."""

    theme: str = Field(description="Id of the theme.")
    label: str = Field(description="Short title of the theme, in English.")
    title: str = Field(description="Whole title of the theme, in English.")
    entity: str | None = Field(description="Code of the entity; null of all whose speaker is unattributed.")
    name: str | None = Field(description="Its name in English, as of the meeting's date, or today's over many.")
    regional_group: str | None = Field(description="Code of its regional group; null where it is in none.")
    records: Sum = Field(description="In how many interventions.")
    ms: Sum = Field(description="How long these were together, in ms.")
    interventions: Url | None = Field(description="These interventions; null where no entity is named.")


class ThemesByEntity(Labels):
    """Who spoke about what: a matrix, without what is nothing."""

    items: list[ThemeOfEntity] = Field(description="One row for each theme and entity, by theme, the most first.")
    next: None = Field(description="Always null: these are all.")
