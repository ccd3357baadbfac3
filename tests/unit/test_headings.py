"""Headings in the form of the verbatim records."""

from __future__ import annotations

from typing import Any

import pytest

from floorlog.headings import heading
from tests.sitting import a_record


def spoken(code: str | None = "CMR", person: str | None = None, **changes: Any) -> dict[str, Any]:
    record = a_record("good morning", 0, code=code, **changes)
    if record["speaker"]:
        record["speaker"]["person"] = person
    return record


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (spoken(), "Cameroon"),
        (spoken(person="Ms. SOW"), "Ms. SOW (Cameroon)"),
        (spoken(person="Ms. SOW", language_spoken="fr"), "Ms. SOW (Cameroon) (spoke in French)"),
        (spoken(language_spoken="es-419"), "Cameroon (spoke in Spanish)"),
        (spoken(language_spoken="sw"), "Cameroon (spoke in sw)"),
        (spoken(language_spoken="fr", interpretation=True), "Cameroon (spoke in French) (interpretation)"),
        (spoken("CHAIR", kind="chair"), "The President"),
        (spoken(None), "Not attributed"),
    ],
)
def test_who_spoke_is_written_as_in_the_verbatim_records(record: dict[str, Any], expected: str) -> None:
    """Whoever knows United Nations documents reads the log without learning anything new."""
    assert heading(record, "President") == expected
