"""The workbench's templates hold no sentence: every string is in a catalogue, so that other languages can follow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workers.web import pages

TEMPLATES = Path(pages.__file__).parent / "templates"
INSIDE = ("account", "audit", "desk", "desk_meeting", "inside", "people", "sign_in")
NAME = "Floorlog"


@pytest.mark.parametrize("name", INSIDE)
def test_a_template_of_the_inside_holds_no_sentence(name: str) -> None:
    """A text that stands in a template is forgotten by whoever translates the catalogue."""
    source = (TEMPLATES / f"{name}.html").read_text(encoding="utf-8")
    source = re.sub(r"\{% block skip %\}\w+", "", source)  # the id of what is skipped to
    without_code = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", source, flags=re.DOTALL)
    shown = re.sub(r"<[^>]*>", " ", without_code)
    attributes = re.findall(r'\b(?:title|alt|placeholder|aria-label)="([^"]*)"', without_code)
    left = [word for text in (shown, *attributes) for word in re.findall(r"[^\W\d_]+", text) if word != NAME]
    assert left == []
