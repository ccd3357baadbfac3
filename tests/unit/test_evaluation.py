"""The command that evaluates: one line of JSON whose keys are documented, and a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from floorlog.cli import app
from floorlog.cli.evaluate import texts
from floorlog.errors import InvalidDocument

DOCUMENT = (Path(__file__).parents[2] / "docs/evaluation.md").read_text(encoding="utf-8")

TURNS = [
    ("CHAIR", "I call to order this invented meeting. I now give the floor to the representative of Kenya."),
    ("KEN", "Thank you, Madam President. Kenya has nothing to say, and says it at some length, as is the custom."),
    ("CHAIR", "I thank the representative of Kenya. I now give the floor to the representative of Norway."),
    ("PER", "Thank you, Madam President. Norway has been taken for another state in the truth of this test."),
    ("CHAIR", "I thank the representative of Norway. The meeting is adjourned."),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A text with truth, in which one turn is said to be another state's."""
    turns, said = [], list[str]()
    for entity, text in TURNS:
        role = "chair" if entity == "CHAIR" else "member_state"
        turns.append({"start_word": len(said), "entity": entity, "role": role, "on_behalf_of": None})
        said += text.split()
    variants = {"clean": {"file": "clean.txt", "n_words": len(said), "turns": turns}}
    inside = tmp_path / "texts/invented__recogniser"
    inside.mkdir(parents=True)
    (inside / "clean.txt").write_text(" ".join(said))
    (inside / "truth.json").write_text(json.dumps({"id": inside.name, "tier": "INVENTED", "variants": variants}))
    return tmp_path / "texts"


def test_the_last_line_is_the_scores(folder: Path) -> None:
    """Programs read it; talk goes elsewhere."""
    outcome = CliRunner().invoke(app, ["eval", "transcripts", str(folder), "--json"])
    assert outcome.exit_code == 0
    (line,) = outcome.stdout.splitlines()
    tier = json.loads(line)["tiers"]["INVENTED/clean"]
    assert (tier["boundary_f1"], tier["n_right"], tier["n_wrong"]) == (1.0, 1, 1)
    assert tier["meetings"]["invented__recogniser"]["recording"] == "invented"


def test_every_key_is_documented(folder: Path) -> None:
    """A figure without a definition is read differently by everybody."""
    outcome = CliRunner().invoke(app, ["eval", "transcripts", str(folder), "--json"])
    document = json.loads(outcome.stdout)
    tier = document["tiers"]["INVENTED/clean"]
    assert [key for key in [*document, *tier, *tier["intervals"]] if f"`{key}`" not in DOCUMENT] == []


def test_the_page_shows_the_error_with_its_evidence(folder: Path, tmp_path: Path) -> None:
    """Whoever mends the rules needs to see what led to a wrong name."""
    CliRunner().invoke(app, ["eval", "transcripts", str(folder), f"--report={tmp_path / 'report'}"])
    page = (tmp_path / "report/index.html").read_text(encoding="utf-8")
    assert "PER → " in page
    assert "given" in page
    assert page.count("<svg") == 2
    assert "truth: PER, log: NOR" in page


def test_a_truth_of_another_text_is_refused(folder: Path) -> None:
    """Turns that are counted in other words would all be wrong."""
    inside = folder / "invented__recogniser"
    (inside / "clean.txt").write_text("Only four words here")
    with pytest.raises(InvalidDocument, match="n_words"):
        list(texts.evaluate(inside))


def test_a_folder_without_truth_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    """Scores of nothing would look like scores."""
    assert CliRunner().invoke(app, ["eval", "transcripts", str(tmp_path)]).exit_code == 2
