"""Following a live playlist: what to load, fetch, give up and hand on, and when.

A machine without a clock of its own: every call is told the time, in seconds of any clock that never runs backwards.
Media segments are handed on strictly in order. One that cannot be had is tried until it is hopeless and then handed on
as lost, with the reason; nothing is passed over in silence. The rules are those of RFC 8216; what origins and caches do
to them is in the issue trackers of hls.js, ExoPlayer and nginx-vod-module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from floorlog.announcements import GapCause
from floorlog.listing import Listing, Media, compare, overlap
from floorlog.polling import Polling
from floorlog.slots import IN_FLIGHT, Following, Position, Settled, Slot, Start

RETRY_S = (0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts at a media segment; the last one from then on."""

GRACE_S = 30.0
"""A media segment that left the window is tried for this long: origins keep what they no longer list."""

HOLD_S = 120.0
"""What was listed and could not be had for this long is lost, though it is still listed: windows of hours exist."""

STALE = 10
"""Target durations for which an older list may come (caches are behind by seconds); then it is the list there is."""

LEAST_ATTEMPTS = 3
"""Attempts before a media segment is lost, however long each of them takes."""

KNOWN = 64
"""Listed media segments that are remembered, to tell a restarted origin from a stale copy of its list."""

Fault = Literal["media-missing", "media-unreadable", "key-missing"]


def begin(start: Start, position: Position, held: Sequence[Media], now_s: float, pace: float) -> Following:
    """Return the state before the first listing.

    Args:
        start: where in the window to begin, if this is the first time.
        position: where to go on.
        held: media segments behind the position that were fetched already, in order.
        now_s: the time.
        pace: how many times faster than real time the origin plays; 1 for a live one.
    """
    state = Following(start, position.epoch, position.sequence, position.known, tuple(held), Polling.begin(now_s, pace))
    for epoch in sorted({media.epoch for media in held} - {position.epoch}):
        state = _append(state, [], 0, now_s)  # of an origin that has restarted since: nothing can be added to it
        first = next(media.sequence for media in held if media.epoch == epoch)
        state = replace(state, epoch=epoch, next_sequence=first, known=())
    known = (*state.known, *(media for media in held if media.epoch == state.epoch))[-KNOWN:]
    return replace(state, known=known)


def hear_listing(
    state: Following,
    listing: Listing,
    began_s: float,
    now_s: float,
    *,
    other: bool = False,
    missed: GapCause = "fell-behind",
) -> Following:
    """Take in a listing.

    Args:
        state: where following stands.
        listing: what is listed now.
        began_s: when its loading began.
        now_s: when it was complete.
        other: it is that of another stream than the one before, whatever its names and numbers are.
        missed: why media segments are lost that were never seen listed.
    """
    target_s = listing.target_ms / 1000
    what = "restarted" if other and state.known and listing.media else compare(state.known, listing.media)
    if what == "stale":
        stale_s = now_s if state.stale_s is None else state.stale_s
        if now_s - stale_s < STALE * target_s / state.polling.pace:
            return replace(state, stale_s=stale_s, polling=state.polling.unchanged(began_s, target_s))
        what = "restarted"
    state = replace(state, stale_s=None)
    listed = listing.media
    if what == "restarted":
        state = _append(state, [], listing.target_ms, now_s)  # what was fetched before a restart of our own
        state = _leave(state, frozenset(), now_s)
        known = overlap(state.known, listed)
        next_sequence = listed[known].sequence if known < len(listed) else listed[-1].sequence + 1
        kept = tuple(replace(media, epoch=state.epoch + 1) for media in listed[:known])
        state = replace(state, epoch=state.epoch + 1, next_sequence=next_sequence, known=kept)
        if not known:
            listed = (replace(listed[0], discontinuity=True), *listed[1:])
    listed = tuple(replace(media, epoch=state.epoch) for media in listed)
    if state.next_sequence is None and listed:
        first = listed[0] if state.start == "oldest" else listed[-1]
        state = replace(state, next_sequence=first.sequence)
    fresh_s = [media.duration_ms / 1000 for media in listed if media.sequence >= (state.next_sequence or 0)]
    state = _append(_renew(state, listed), listed, listing.target_ms, now_s, missed)
    state = _leave(state, frozenset() if listing.ended else frozenset(media.sequence for media in listed), now_s)
    polling = state.polling
    polling = polling.changed(began_s, target_s, fresh_s) if fresh_s else polling.unchanged(began_s, target_s)
    return replace(state, ended=listing.ended, polling=polling)


def hear_no_listing(state: Following, now_s: float) -> Following:
    """Take in that the listing could not be had."""
    return replace(state, polling=state.polling.failed(now_s))


def hear_media(state: Following, media: Media) -> Following:
    """Take in that a media segment was fetched."""
    return _change(state, media, lambda slot: replace(slot, in_flight=False, settled=True))


def hear_no_media(state: Following, media: Media, fault: Fault, now_s: float, *, for_good: bool = False) -> Following:
    """Take in that an attempt at a media segment failed, `for_good` or until it was tried for long enough."""
    pace = state.polling.pace

    def fail(slot: Slot) -> Slot:
        wait_s = RETRY_S[min(slot.attempts, len(RETRY_S) - 1)] / pace
        gone = slot.left_s is not None and now_s >= slot.left_s + GRACE_S / pace
        tried = slot.attempts + 1 >= LEAST_ATTEMPTS
        hopeless = for_good or (tried and (gone or now_s >= slot.listed_s + HOLD_S / pace))
        return replace(
            slot,
            in_flight=False,
            attempts=slot.attempts + 1,
            due_s=now_s + wait_s,
            settled=hopeless,
            lost=fault if hopeless else None,
        )

    return _change(state, media, fail)


def next_actions(state: Following, now_s: float) -> tuple[Following, tuple[Media, ...], tuple[Settled, ...]]:
    """Return the state, the media segments to fetch now, and those to hand on now, in order.

    The listing is to be loaded when `state.polling.next_s` has come and no load is under way.
    """
    slots = list(state.slots)
    done = 0
    while done < len(slots) and slots[done].settled:
        done += 1
    settled = tuple(Settled(slot.media, slot.lost) for slot in slots[:done])
    slots = slots[done:]
    free = IN_FLIGHT - sum(slot.in_flight for slot in slots)
    fetch: list[Media] = []
    for index, slot in enumerate(slots):
        if len(fetch) < free and not slot.in_flight and not slot.settled and slot.due_s <= now_s:
            fetch.append(slot.media)
            slots[index] = replace(slot, in_flight=True)
    return replace(state, slots=tuple(slots)), tuple(fetch), settled


def _renew(state: Following, listed: Sequence[Media]) -> Following:
    """Take over the addresses of media segments on their way: those listed before may have run out."""
    by_sequence = {media.sequence: media for media in listed}

    def renew(slot: Slot) -> Slot:
        media = by_sequence.get(slot.media.sequence)
        if media is None or slot.settled or slot.media.epoch != state.epoch:
            return slot
        media = replace(slot.media, uri=media.uri, init_uri=media.init_uri, key_uri=media.key_uri)
        return replace(slot, media=media)

    return replace(state, slots=tuple(renew(slot) for slot in state.slots))


def _append(
    state: Following, listed: Sequence[Media], target_ms: int, now_s: float, missed: GapCause = "fell-behind"
) -> Following:
    """Make slots for all that is listed or was fetched before, from the next one on; what is neither is lost."""
    held = {media.sequence: media for media in state.held if media.epoch == state.epoch}
    wanted = {media.sequence: media for media in listed} | held
    last = max(wanted, default=-1)
    first = last + 1 if state.next_sequence is None else state.next_sequence
    slots = list(state.slots)
    fresh: list[Media] = []
    for sequence in range(first, last + 1):
        media = wanted.get(sequence)
        if media is None:
            media = Media(state.epoch, sequence, "", None, target_ms, False, None, False)
            slots.append(Slot(media, now_s, now_s, settled=True, lost=missed))
            continue
        lost: GapCause | None = "media-missing" if media.absent else None
        slots.append(Slot(media, now_s, now_s, settled=sequence in held or media.absent, lost=lost))
        fresh.append(media)
    following = max(first, last + 1) if wanted or state.next_sequence is not None else None
    known = (*state.known, *(media for media in fresh if media.sequence not in held))[-KNOWN:]
    later = tuple(media for media in state.held if media.epoch > state.epoch)
    return replace(state, next_sequence=following, known=known, slots=tuple(slots), held=later)


def _leave(state: Following, listed: frozenset[int], now_s: float) -> Following:
    """Note which media segments on their way are no longer listed."""

    def note(slot: Slot) -> Slot:
        gone = slot.media.epoch != state.epoch or slot.media.sequence not in listed
        return replace(slot, left_s=now_s) if gone and slot.left_s is None and not slot.settled else slot

    return replace(state, slots=tuple(note(slot) for slot in state.slots))


def _change(state: Following, media: Media, change: Callable[[Slot], Slot]) -> Following:
    key = (media.epoch, media.sequence)
    return replace(
        state,
        slots=tuple(change(slot) if (slot.media.epoch, slot.media.sequence) == key else slot for slot in state.slots),
    )
