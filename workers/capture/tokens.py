"""When the right to a stream runs out: its address says so, as Akamai's tokens do (`__hdnea__=st=…~exp=…~acl=…`)."""

from __future__ import annotations

import re
from urllib.parse import unquote

RENEW_AT = 0.8
"""The part of a token's life after which a new one is asked for."""

SOONEST_S = 5.0
"""A token that comes anew with less life left than that is not asked for more often."""

_EXPIRY = re.compile(r"(?:^|[~?&/;=])(?:exp|expires|Expires)=([0-9]{9,11})(?=$|[~&/;])")
_BEGIN = re.compile(r"(?:^|[~?&/;=])st=([0-9]{9,11})(?=$|[~&/;])")


def renew_at(address: str, now_unix: float) -> float | None:
    """Return when to ask for a new address, in seconds since 1970; None if this one does not say that it runs out.

    Args:
        address: what was given.
        now_unix: when that was; a token that does not say when its life began began then.
    """
    plain = unquote(address)
    expiries = [int(each) for each in _EXPIRY.findall(plain)]
    if not expiries:
        return None
    expiry = min(expiries)
    begins = [int(each) for each in _BEGIN.findall(plain) if int(each) < expiry]
    begin = max(begins, default=now_unix)
    return max(begin + RENEW_AT * (expiry - begin), now_unix + SOONEST_S)
