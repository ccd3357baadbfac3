"""Moments in addresses: a day or an instant of UTC as filters take it, and a place on the meeting clock (`?t=`)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

LONGEST_MS = 172_800_000
"""The latest moment that the contracts know on a meeting clock: two days."""

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Moments of filters beyond are taken as these: no meeting was recorded before, and what is stored knows none after."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d):(\d\d)(\.\d+)?([Zz]|[+\- ]\d\d:\d\d)")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})(?:\.(\d{1,3}))?")
_SECONDS = re.compile(r"(\d{1,6})(?:\.(\d{1,3}))?s?")

FORMS: dict[str, Any] = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}


def utc_ms(text: object) -> int:
    """Return the ms since 1970 of a day's beginning, or of an instant (RFC 3339).

    A plus that an address turned into a space is taken as a plus. A leap second is the one after it.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(text, str) and _DAY.fullmatch(text):
        return _ms(datetime.combine(date.fromisoformat(text), time(tzinfo=UTC)))
    found = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("a day (2021-02-24) or a moment (2021-02-24T15:00:00Z) is expected")
    day, minute, seconds, fraction, offset = found.groups()
    offset = offset.replace(" ", "+").upper()
    leap = seconds == "60"
    spelled = f"{day}T{minute}:{'59' if leap else seconds}{(fraction or '')[:7]}{offset}"
    moment = datetime.fromisoformat(spelled)
    return _ms(moment) + (1000 if leap else 0)


def clock_ms(text: str) -> int:
    """Return the ms on the meeting clock that `1:23:45`, `83:45`, `5025` or `5025s` names.

    Raises:
        ValueError: it is no such place, or lies behind the end of any meeting.
    """
    if found := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
        if seconds > 59 or (found[1] and minutes > 59):
            raise ValueError("a place on the meeting clock (1:23:45) is expected")
        whole_s, fraction = hours * 3600 + minutes * 60 + seconds, found[4]
    elif found := _SECONDS.fullmatch(text):
        whole_s, fraction = int(found[1]), found[2]
    else:
        raise ValueError("a place on the meeting clock (1:23:45) is expected")
    at_ms = whole_s * 1000 + int((fraction or "").ljust(3, "0"))
    if at_ms > LONGEST_MS:
        raise ValueError("no meeting is that long")
    return at_ms


def _ms(moment: datetime) -> int:
    # Compared with its own offset: turning it to UTC first would leave the calendar at its two ends.
    return (min(max(moment, EARLIEST), LATEST) - EPOCH) // timedelta(milliseconds=1)


def day(text: object) -> date:
    """Return the day that RFC 3339 writes like that.

    Raises:
        ValueError: it is none.
    """
    if isinstance(text, str) and _DAY.fullmatch(text):
        return date.fromisoformat(text)
    raise ValueError("a day (2021-02-24) is expected")


Day = Annotated[date, BeforeValidator(day), WithJsonSchema({"type": "string", "format": "date"})]
UtcMs = Annotated[int, BeforeValidator(utc_ms), WithJsonSchema(FORMS)]
