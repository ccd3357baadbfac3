"""What a person may call a meeting by: the address of its page, its asset id, its entry id, or a stream's address."""

from __future__ import annotations

from dataclasses import dataclass

from floorlog.adapters.webtv import facts
from floorlog.addresses import host_of
from floorlog.errors import UnknownSource


@dataclass(frozen=True, slots=True)
class Named:
    """What was named: a page and its entry, an entry alone, or the address of something else."""

    asset_id: str | None = None
    entry_id: str | None = None
    address: str | None = None


def understand(what: str) -> Named:
    """Return what a person means.

    Args:
        what: any form that is accepted; see `facts`.

    Raises:
        UnknownSource: it is none of them.
        AddressRefused: it is an address without a host.
    """
    what = what.strip()
    is_address = what.lower().startswith(("http://", "https://"))
    if "://" in what and not is_address:
        raise UnknownSource(what)
    for pattern in (facts.IN_PARENTHESES, facts.AFTER_ID):
        if (found := pattern.search(what)) and not (is_address and "/playManifest/" in what):
            return Named(entry_id=found[1].lower())
    if facts.ENTRY_ID.fullmatch(what):
        return Named(entry_id=what.lower())
    leaf = facts.IN_ASSET_PATH.search(what) or (None if is_address else facts.LEAF_AT_END.search(what))
    if leaf:
        return Named(asset_id=asset_of(leaf[1]), entry_id=entry_of(leaf[1]))
    if is_address and host_of(what) not in facts.PAGE_HOSTS:
        return Named(address=what)
    raise UnknownSource(what)


def asset_of(leaf: str) -> str:
    """Return the asset id of its last part: `k1h/k1hrmtg9f4` of `k1hrmtg9f4`."""
    return f"{leaf[:3]}/{leaf}".lower()


def entry_of(leaf: str) -> str:
    """Return the entry id of the last part of an asset id: `1_hrmtg9f4` of `k1hrmtg9f4`."""
    return f"{leaf[1]}_{leaf[2:]}".lower()
