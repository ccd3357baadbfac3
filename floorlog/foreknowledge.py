"""What a meeting's document says beforehand of who may speak: a roster, and a programme or list of speakers.

Each is evidence, and none is required. A list of speakers is a programme whose phases each have a holder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from floorlog.entities import CHAIR


@dataclass(frozen=True, slots=True)
class Foreknowledge:
    """`roster`: who may speak; empty where nobody knows. `holders`: who speaks in each phase; None where it is open."""

    roster: tuple[str, ...] = ()
    holders: tuple[str | None, ...] = ()

    def expected(self, held: int) -> str | None:
        """Return who comes next in the programme, if it says so.

        Args:
            held: How many phases are over.
        """
        return self.holders[held] if held < len(self.holders) else None

    def held_by(self, entity: str | None, held: int) -> int:
        """Return how many phases are over once an entity has had the floor; as many as before if it is in none.

        Args:
            entity: Who had the floor.
            held: How many were over before.
        """
        if entity is None or entity not in self.holders[held:]:
            return held
        return self.holders.index(entity, held) + 1

    def excludes(self, entity: str) -> bool:
        """Return whether there is a roster and an entity is not on it."""
        return bool(self.roster) and entity not in self.roster

    def encode(self) -> list[list[str | None]]:
        """Return its JSON form."""
        return [[*self.roster], [*self.holders]]

    @staticmethod
    def decode(document: list[list[Any]]) -> Foreknowledge:
        """Return what `encode` gave."""
        return Foreknowledge(tuple(document[0]), tuple(document[1]))


def of_meeting(meeting: Mapping[str, Any]) -> Foreknowledge:
    """Return what a meeting document says beforehand; the chair's own phases are left out."""
    holders = (phase["holder"] for phase in meeting.get("programme", ()))
    return Foreknowledge(tuple(meeting.get("roster", ())), tuple(code for code in holders if code != CHAIR))
