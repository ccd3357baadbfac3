"""Find a text in a whole meeting and replace it by another: one step of the journal."""

from __future__ import annotations

import re
from collections.abc import Sequence

from floorlog.adapters.store import Store
from floorlog.corrections import fault
from floorlog.review_states import PUBLIC
from floorlog.services.asking import asked_of, new_step
from floorlog.services.steps import Author, Changed, StoreDesk, commit


def replace_all(
    store: Store,
    meeting_id: str,
    find: str,
    replace: str,
    person: Author,
    *,
    match_case: bool = True,
    whole_words: bool = False,
    record_ids: Sequence[str] | None = None,
    reason: str | None = None,
) -> Changed:
    """Replace a text by another in a meeting's records, as one step; without a reason, not in what is public.

    Raises:
        InvalidDocument: nothing is looked for, or a text becomes too long.
        UnknownMeeting: it was never added.
        StoreUnavailable: the store does not answer.
    """
    if not find:
        raise fault("$.find", "at least one character")
    pattern = re.compile(
        rf"(?<!\w){re.escape(find)}(?!\w)" if whole_words else re.escape(find), 0 if match_case else re.IGNORECASE
    )
    with store.locked(meeting_id) as tx:
        asked = []
        for row in tx.standing():
            text = row.content["text"]
            left_out = row.content["review"]["state"] in PUBLIC and not reason
            if left_out or (record_ids is not None and row.record_id not in record_ids):
                continue
            if (made := pattern.sub(lambda _: replace, text)) != text:
                item = {"id": new_step("replace"), "operation": "text", "after": {"text": made}, "reason": reason}
                asked.append(asked_of(item, row.record_id))
        return commit(tx, StoreDesk(tx), asked, person, None, {}) if asked else Changed()
