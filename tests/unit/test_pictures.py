"""The pictures of the guides are there, light, described, and made by one command."""

from __future__ import annotations

import ast
import re
import struct
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
MOST_BYTES = 200_000


def pictures(guide: Path) -> list[tuple[str, Path]]:
    """The pictures that a guide shows: what they are described as, and their files."""
    found = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", guide.read_text(encoding="utf-8"))
    return [(alt, (guide.parent / target).resolve()) for alt, target in found]


def made() -> tuple[str, ...]:
    """The names of the pictures that docs/screenshots.py makes."""
    tree = ast.parse((ROOT / "docs" / "screenshots.py").read_text(encoding="utf-8"))
    (names,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "PAGES"
    )
    found: tuple[str, ...] = ast.literal_eval(names)
    return found


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_picture_that_a_guide_shows_is_there_and_described(guide: Path) -> None:
    """A broken picture is worse than none, and who cannot see it reads what it shows."""
    for alt, path in pictures(guide):
        assert path.is_file(), path
        assert len(alt) >= 10, path


def test_the_reviewers_guide_shows_every_page_that_the_command_makes() -> None:
    """A page that is photographed and never shown would grow old unseen."""
    shown = {path.stem for _, path in pictures(ROOT / "docs" / "reviewers.md")}
    assert shown == set(made())


def test_every_picture_is_light_and_of_a_known_size() -> None:
    """Everybody who clones the repository carries them, and a new one differs from the old by what it shows only."""
    for path in IMAGES.iterdir():
        assert path.stat().st_size < MOST_BYTES, path
    for name in made():
        width, height = struct.unpack(">II", (IMAGES / f"{name}.png").read_bytes()[16:24])  # IHDR, PNG 11.2.2
        assert (width, height) in ((390, 844), (1280, 720)), name
