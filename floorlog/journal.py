"""The journal of a meeting: steps of corrections, each carried out at once, undone and done again exactly.

A step is what a person does at once. Undoing it is a step, too: it restores each record byte for byte where it still is
as the step left it; where others went on, it takes back what the step changed and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from floorlog.clock import Span
from floorlog.corrections import Content, before_of, correct, fault, spans_of
from floorlog.errors import UndoBlocked, UnknownRecord
from floorlog.held_records import Carried, Correction, Desk, Held, Overlay, based, new_id
from floorlog.inserting import insert
from floorlog.reapplying import reapply, still_open
from floorlog.restructuring import merge, respan, split
from floorlog.review_states import PUBLIC, check_step, corrected_state


def carry_out(desk: Desk, corrections: Sequence[Correction]) -> Carried:
    """Carry out a step; nothing is changed but what is returned.

    Args:
        desk: The meeting's records.
        corrections: The corrections of the step, in order.

    Raises:
        InvalidDocument: a correction does not fit its record.
        TransitionRefused: a record cannot be corrected in its state, or not without a reason.
        UnknownRecord: there is no such record.
        StaleRevision: a record is retired.
    """
    done = Carried()
    overlay = Overlay(desk, done)
    gone: list[str] = []
    for correction in corrections:
        operation, key = correction["operation"], correction["record_id"]
        before = correction["before"]
        match operation:
            case "insert":
                _insert(overlay, correction)
            case "restore":
                before = _restore(overlay, correction, gone)
            case "split":
                before = {"records": [key]}
                _split(overlay, correction)
            case "merge":
                _merge(overlay, correction)
            case "span":
                before = before_of(overlay.content(key), operation)
                _respan(overlay, correction)
            case _:
                before = before_of(overlay.content(key), operation)
                _correct(overlay, correction)
        done.corrections.append({**correction, "before": before})
    for key in gone:
        done.retired[key] = _stand_for(overlay, key)
    return done


def _correct(overlay: Overlay, correction: Correction) -> None:
    operation, key, after = correction["operation"], correction["record_id"], correction["after"]
    content = overlay.content(key)
    state, reason = content["review"]["state"], correction["reason"]
    if operation == "state":
        check_step(key, state, (after or {}).get("state", ""), reason)
    made = correct(based(overlay.desk, content), operation, after, overlay.desk.tag)
    if operation not in ("state", "note"):
        made = _in_state(made, corrected_state(key, state, reason))
    overlay.done.contents[key] = still_open(content, made, operation, correction.get("resolves"))


def _in_state(content: Content, state: str) -> Content:
    return {**content, "review": {**content["review"], "state": state}}


def _next_state(content: Content, correction: Correction) -> Content:
    return _in_state(content, corrected_state(content["id"], content["review"]["state"], correction["reason"]))


def _split(overlay: Overlay, correction: Correction) -> None:
    after, key = correction["after"] or {}, correction["record_id"]
    if "at_ms" not in after:
        raise fault("$.after.at_ms", "where the second part begins")
    content = _next_state(based(overlay.desk, overlay.content(key)), correction)
    named = [each for each in after.get("records", ()) if each != key]
    second = named[0] if named else new_id(overlay.desk, content["channel"], after["at_ms"])
    held = overlay.desk.held(second)
    if held is not None and not held.retired:
        raise fault("$.after.records", f"an id that no record has; {second} stands")
    for part in split(content, after["at_ms"], second):
        overlay.done.contents[part["id"]] = part
    correction["after"] = {"at_ms": after["at_ms"], "records": [key, second]}


def _merge(overlay: Overlay, correction: Correction) -> None:
    key = correction["record_id"]
    keys = dict.fromkeys([key, *(correction["before"] or {}).get("records", ())])
    after = correction["after"] or {}
    if after.get("records") != [key]:
        raise fault("$.after.records", "the corrected record alone: the others are merged into it")
    contents = [_next_state(based(overlay.desk, overlay.content(each)), correction) for each in keys]
    overlay.done.contents[key] = merge(contents, key)
    for each in keys:
        if each != key:
            overlay.done.retired[each] = (key,)
            overlay.done.contents.pop(each, None)


def _respan(overlay: Overlay, correction: Correction) -> None:
    content = overlay.content(correction["record_id"])
    spans = [Span.decode(span) for span in (correction["after"] or {}).get("spans", ())]
    if not spans:
        raise fault("$.after.spans", "at least one span")
    others = [
        item for item in overlay.standing() if item["channel"] == content["channel"] and item["id"] != content["id"]
    ]
    for made in respan(content, spans, others).values():
        made = _next_state(based(overlay.desk, made), correction)
        overlay.done.contents[made["id"]] = still_open(content, made, "span", correction.get("resolves"))


def _insert(overlay: Overlay, correction: Correction) -> None:
    key = correction["record_id"]
    if correction["after"] is None:
        raise fault("$.after", "what is inserted")
    held = overlay.desk.held(key)
    if key in overlay.done.contents or (held is not None and not held.retired):
        raise fault("$.record_id", f"an id that no record has; {key} stands")
    overlay.done.contents[key] = insert(overlay.desk.meeting, key, correction["after"], overlay.standing())


def _restore(overlay: Overlay, correction: Correction, gone: list[str]) -> dict[str, Any] | None:
    key, after = correction["record_id"], correction["after"]
    held = overlay.desk.held(key)
    if held is None:
        raise UnknownRecord(key)
    before = None if held.retired else {"revision": held.revision}
    if after is None:
        _next_state(held.content, correction)
        gone.append(key)
        overlay.done.contents.pop(key, None)
        return before
    content = overlay.desk.revision(key, after["revision"])
    if content is None:
        raise fault("$.after.revision", "a revision of the record")
    if held.retired:
        overlay.done.contents[key] = content
        return before
    if "since" in after:
        content = _taken_back(overlay, key, held, content, after["since"])
    stands = held.content["review"]["state"]
    state = corrected_state(key, stands, correction["reason"])
    exactly = "undoes" in correction or "redoes" in correction
    exact = exactly and "since" not in after and stands not in PUBLIC and stands != "withdrawn"
    if not exact or content["review"]["state"] in PUBLIC:
        content = _in_state(_based_on_itself(content, after["revision"]), state)
    overlay.done.contents[key] = content
    return before


def _based_on_itself(content: Content, revision: int) -> Content:
    """Return an earlier content that says what it is based on: where it does not, it is the machine's."""
    if "based_on" in content["review"]:
        return content
    basis = [{"record_id": content["id"], "revision": revision}]
    return {**content, "review": {**content["review"], "based_on": basis}}


def _taken_back(overlay: Overlay, key: str, held: Held, content: Content, since: int) -> Content:
    left = overlay.desk.revision(key, since)
    if left is None:
        raise fault("$.after.since", "a revision of the record")
    outcome = reapply(left, content, held.content, overlay.desk.tag)
    if outcome.conflicts:
        raise UndoBlocked(key, tuple(dict.fromkeys(item["field"] for item in outcome.conflicts)))
    review = {**held.content["review"], **_told_apart(left, content, held.content)}
    return {**outcome.content, "review": {name: value for name, value in review.items() if value is not None}}


def _told_apart(left: Content, back: Content, stands: Content) -> dict[str, Any]:
    """Return the parts of the review that the step had changed, as they were; None where there was nothing."""
    names = ("note", "off_record", "person_confirmed", "conflicts")
    return {
        name: back["review"].get(name)
        for name in names
        if left["review"].get(name) != back["review"].get(name)
        and stands["review"].get(name) == left["review"].get(name)
    }


def _stand_for(overlay: Overlay, key: str) -> tuple[str, ...]:
    """Return the records that stand where one stood, the one with most of its time first."""
    held = overlay.desk.held(key)
    if held is None:
        return ()
    own = spans_of(held.content)
    over = {
        content["id"]: sum(one.overlap_ms(span) for one in own for span in spans_of(content))
        for content in overlay.standing()
        if content["id"] != key and content["channel"] == held.content["channel"]
    }
    return tuple(sorted((other for other, ms in over.items() if ms), key=lambda other: (-over[other], other)))
