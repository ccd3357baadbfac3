"""What each observation is worth when it is decided who has the floor: log-odds, all in one place."""

from __future__ import annotations

CHAIR_SAYS: dict[str, float] = {
    # Log-odds that the chair says it, and not the holder of the floor: the log of the ratio of its rates on the
    # development sets, between -4 and 6, for all that was seen twenty times; the others are set by judgement, and so is
    # "presides_weak", which hardly ever comes alone. docs/attribution.md has the counts, and the command.
    "gives_named": 6.0,
    "recognizes": 6.0,
    "thanks_named": 6.0,
    "gives_unnamed": 4.9,
    "resumes": 4.0,
    "interrupts": 4.0,
    "presides": 6.0,
    "presides_weak": 2.0,
    "promises": 4.0,
    "thanks_weak": 1.0,
    "admits": 5.0,
    "gives_bare": 3.0,
    "thanks_or_gives": 3.0,
    "gives_weak": 3.0,
    "gives_more": 2.4,
    "gives_more_bare": 1.0,
    "thanks_unnamed": 2.0,
    "announces": 1.0,
    "opens": -4.0,
    "introduces": -2.9,
    "thanks_host": -3.0,
    "represents": -4.0,
    "speaks_of_itself": -1.1,
}
MOST_SAID = 8.0

SURE_CHAIR = 4.0
"""Only words that are so surely the chair's teach the chair's voice: a wrong lesson is the worst failure measured."""

STRANGER_PRESIDES = -2.5
"""An unknown voice says what only the chair says: the chair may have changed."""

YIELDS = -3.0
"""The holder stops and the chair begins."""

TAKES = {"nothing": -4.0, "perhaps": -2.0, "floor": 0.0, "leave": -4.0}
"""Somebody begins, by what the chair has done; without being given the floor where the recogniser dropped the line."""

STAYS_AFTER_GIVING = -2.5
"""The chair goes on after giving the floor."""

INTERRUPTS = -7.0
"""Somebody else begins with no word of the chair between."""

POINT_OF_ORDER = 7.0
"""The one who begins raises a point of order."""

CLOSES_THEN_OPENS = 4.0
"""Words that end a statement stand before words that begin one."""

CLOSES_THEN_INTRODUCES = 8.0
"""Words that end a statement stand before words that say who speaks, and the holder has spoken for a while."""

A_WHILE_WORDS = 25
A_WHILE_UTTERANCES = 3
"""So much is said before a statement ends; its opening thanks the chair too, and then says who speaks."""

GOES_ON = {"nothing": -3.0, "perhaps": -4.0, "floor": -8.0, "leave": 0.0}
"""The one before goes on after the chair, by what the chair has done."""

NEW_BUT_ALIKE = 0.6
"""How much of the log-odds that it is a known voice counts against a new holder."""

PAUSE_BONUS = 0.5
LONG_PAUSE_MS = 600

CLEAR_MS = 3000
"""A stretch this long tells well enough what a holder sounds like."""

WIDTH = 10
"""Paths kept at each utterance; more changed nothing on the development sets."""
