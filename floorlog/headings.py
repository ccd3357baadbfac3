"""Headings of interventions in the form of the verbatim records: "Ms. Sow (Senegal) (spoke in French)"."""

from __future__ import annotations

from typing import Any, Final

from floorlog.entities import CHAIR

UNATTRIBUTED: Final = "Not attributed"

LANGUAGES: Final = {
    "ar": "Arabic",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "pt": "Portuguese",
    "ru": "Russian",
    "zh": "Chinese",
}
"""Languages in which statements are made, by their primary subtag; any other one is named by its tag."""


def heading(record: dict[str, Any], chair_title: str) -> str:
    """Return who spoke, for whom the floor was given, and in which language, where that was not English.

    Args:
        record: A record document.
        chair_title: What the meeting calls its presiding officer.
    """
    speaker, spoken = record["speaker"], record["language_spoken"]
    primary = (spoken or "en").split("-")[0].lower()
    suffix = "" if primary == "en" else f" (spoke in {LANGUAGES.get(primary, spoken)})"
    if record["interpretation"]:
        suffix += " (interpretation)"
    if speaker is None:
        return UNATTRIBUTED + suffix
    name, person = speaker["entity"]["name"], speaker["person"]
    if speaker["entity"]["code"] == CHAIR:
        name = f"The {chair_title}"
    return (f"{person} ({name})" if person else name) + suffix
