"""Read for whom else it is said that somebody speaks, and with whose statement somebody agrees."""

from __future__ import annotations

from collections.abc import Sequence

from floorlog.cues import Cue, Name, Token
from floorlog.entities import EntityTable

CUES = ("on_behalf", "aligns", "cites")
"""Kinds of cue that name groups; "cites" tells of what others have said on somebody's behalf."""

_FOR = frozenset({"behalf", "nom", "nombre", "имени", "باسم"})
"""Words behind which stands for whom somebody speaks."""

_BY = frozenset({"by", "par", "por"})
"""Words behind which stands who speaks."""

_AND = frozenset({"and", "et", "y", "e"})


def is_group(code: str) -> bool:
    """Return whether an entity is a group: others speak for it, one of its members as a rule."""
    return EntityTable.load().get(code).kind == "group"


def is_represented(code: str) -> bool:
    """Return whether an entity has a delegation that speaks for it alone: a state or an observer."""
    return EntityTable.load().get(code).kind in ("state", "observer")


def entities_of(cue: Cue, tokens: Sequence[Token], table: EntityTable) -> tuple[str, ...]:
    """Return the entities that a cue of CUES is about, in order; none for other kinds.

    Of "the statement made by Kenya on behalf of the African Group" it is the group. A state that is named as a member
    of a group beside it, as in "the G4, Brazil, Germany, India and my own country", is not named for itself.
    """
    if cue.kind not in CUES:
        return ()
    names = _spoken_for(cue, tokens) if cue.kind == "aligns" else cue.names
    if cue.kind == "aligns":
        groups = [name for name in names if table.get(name.entity).kind in ("group", "organization")]
        return _codes(groups or names)
    return _codes(_without_members(names, tokens, table))


def _codes(names: Sequence[Name]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.entity for name in names))


def _spoken_for(cue: Cue, tokens: Sequence[Token]) -> tuple[Name, ...]:
    """Return the names behind "on behalf of", or all where nothing is said to be on anybody's behalf."""
    found: list[Name] = []
    behind = False
    at = next(index for index, token in enumerate(tokens) if token.word == cue.first)
    for name in cue.names:
        between = {token.text for token in tokens[at : name.first]}
        behind = bool(between & _FOR) or (behind and not between & _BY)
        if behind:
            found.append(name)
        at = name.last + 1
    return tuple(found) or cue.names


def _without_members(names: Sequence[Name], tokens: Sequence[Token], table: EntityTable) -> list[Name]:
    members = {code for name in names for code in table.get(name.entity).members}
    spelled_out = False  # a list that follows a group's name at once says who belongs to it
    found: list[Name] = []
    for before, name in zip([None, *names], names, strict=False):
        if table.get(name.entity).kind != "state":
            spelled_out = False
        elif before is not None and before.last + 1 == name.first and table.get(before.entity).kind == "group":
            known = table.get(before.entity).members
            spelled_out = not known or name.entity in known
        if not spelled_out and name.entity not in members:
            found.append(name)
    return found
