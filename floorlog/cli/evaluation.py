"""Commands that evaluate: eval, eval audio, eval transcripts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from floorlog.cli.edge import emit, fail, ready, say

if TYPE_CHECKING:
    from floorlog.cli.evaluate.evaluated import Evaluated

AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON, the last one, for programs.")]
Report = Annotated[Path | None, typer.Option(help="Folder for a page with plots, timelines and the worst errors.")]
Keep = Annotated[Path | None, typer.Option(help="Folder that keeps what was recognised, for the next evaluation.")]

NEEDED = ("jiwer", "matplotlib", "scipy")
"""Packages of the extra `eval`."""


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    evaluating = typer.Typer(help="Measure attributions and words against truth.")
    evaluating.callback(invoke_without_command=True)(sample)
    evaluating.command()(audio)
    evaluating.command()(transcripts)
    app.add_typer(evaluating, name="eval")


def sample(context: typer.Context, as_json: AsJson = False, report: Report = None, keep: Keep = None) -> None:
    """Measure attributions and words against truth; without a further word, on the bundled sample."""
    if context.invoked_subcommand is None:
        from floorlog.services.meetings import SAMPLE

        audio([SAMPLE], as_json=as_json, report=report, keep=keep)
    elif as_json or report or keep:
        raise typer.BadParameter(f"options come behind `{context.invoked_subcommand}`")


def audio(
    folders: Annotated[list[Path], typer.Argument(help="Folders with sound and truth.json.", exists=True)],
    as_json: AsJson = False,
    audio: Annotated[
        str | None, typer.Option(help="Name of the sound's file in each folder; meeting.opus by default.")
    ] = None,
    report: Report = None,
    keep: Keep = None,
    turns_alone: Annotated[
        bool, typer.Option("--turns-alone", help="Also let the recogniser hear each true turn alone, to compare words.")
    ] = False,
) -> None:
    """Run meetings with truth through the pipeline's stages, and score their logs."""
    _check()
    with tempfile.TemporaryDirectory(prefix="floorlog-eval-") as data:
        settings = ready(
            data_dir=data,
            database_url="sqlite:///{data}/floorlog.db",
            objects_url="{data}/objects",
            log_level="error",
        )
        from floorlog.cli.evaluate import folders_with_truth, sound
        from floorlog.services import recognisers

        chosen = recognisers.settings_of(settings)
        found = []
        for folder in _some(folders_with_truth(folders)):
            say(f"{folder} …")
            kept = keep or settings.data_dir / "kept"
            found.append(sound.evaluate(folder, audio, settings, chosen, kept, turns_alone=turns_alone))
        identity = recognisers.identify(chosen)
        heard_by = {"model": identity.model, "fingerprint": identity.fingerprint, "version": identity.version}
        _tell("audio", found, heard_by, as_json, report)


def transcripts(
    folders: Annotated[list[Path], typer.Argument(help="Folders with texts and truth.json.", exists=True)],
    as_json: AsJson = False,
    report: Report = None,
) -> None:
    """Feed texts with truth to the floor's machine, and score the logs; a folder of such folders may be given."""
    _check()
    from floorlog.cli.evaluate import folders_with_truth, texts

    found: list[Evaluated] = []
    for folder in _some(folders_with_truth(folders)):
        say(f"{folder} …")
        found += texts.evaluate(folder)
    _tell("transcripts", found, None, as_json, report)


def _check() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise fail(f"{', '.join(missing)} is not installed: pip install 'floorlog[eval]'")


def _some(folders: list[Path]) -> list[Path]:
    if not folders:
        raise fail("no folder with a truth.json was given", code=2)
    return folders


def _tell(
    kind: str, found: Iterable[Evaluated], recogniser: dict[str, str] | None, as_json: bool, report: Path | None
) -> None:
    from floorlog.cli.evaluate import result

    meetings = list(found)
    document = result(kind, meetings, recogniser)
    if report is not None:
        from floorlog.cli.evaluate.report import write

        say(f"report: {write(report, document, meetings)}")
    if as_json:
        emit(document)
    else:
        from floorlog.cli.evaluate.table import show

        show(document)
