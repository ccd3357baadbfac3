"""In which form something is wanted: the ending of its address, else what the header Accept likes best."""

from __future__ import annotations

from typing import Literal

Form = Literal["html", "json", "txt", "vtt"]

MEDIA_TYPES: dict[Form, str] = {
    "html": "text/html",
    "json": "application/json",
    "txt": "text/plain",
    "vtt": "text/vtt",
}
"""What is offered, the best first where the reader does not mind."""


def wanted_form(accept: str) -> Form:
    """Return the form that a header Accept likes best (RFC 9110, section 12.5.1); a page where it likes none of them.

    Args:
        accept: The header, empty where there is none.
    """
    liked = [_range(part) for part in accept.split(",") if part.strip()]

    def weight(form: Form) -> float:
        media_type = MEDIA_TYPES[form]
        fitting = [
            (len(pattern), quality)
            for pattern, quality in liked
            if pattern in (media_type, "*/*") or (pattern.endswith("/*") and media_type.startswith(pattern[:-1]))
        ]
        return max(fitting)[1] if fitting else 0.0  # the most exact pattern counts

    best = max(MEDIA_TYPES, key=weight)  # the first of those that are liked alike
    return best if weight(best) > 0 else "html"


def _range(part: str) -> tuple[str, float]:
    media_type, *parameters = (each.strip().lower() for each in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return media_type, min(1.0, max(0.0, float(value)))
            except ValueError:
                return media_type, 0.0
    return media_type, 1.0
