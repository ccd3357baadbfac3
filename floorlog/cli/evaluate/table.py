"""The scores of an evaluation as a table for a terminal."""

from __future__ import annotations

from typing import Any

COLUMNS = {
    "boundary F1": "boundary_f1",
    "right": "attribution_right",
    "wrong": "attribution_wrong",
    "abstained": "attribution_abstained",
    "on behalf": "on_behalf_of_right",
    "time right": "time_weighted_accuracy",
    "WER": "wer",
    "cpWER": "cpwer",
    "omission": "omission",
}


LEAST_WIDTH = 160
"""Letters of a line; a narrower terminal wraps it, which is still better than figures cut short."""


def show(document: dict[str, Any]) -> None:
    """Print a row for each tier on stdout."""
    from rich.console import Console
    from rich.table import Table

    table = Table(caption="below each figure: its 95 % interval")
    for heading in ("tier", "n", *COLUMNS):
        table.add_column(heading, justify="left" if heading == "tier" else "right", no_wrap=True)
    for name, scores in document["tiers"].items():
        cells = [_cell(scores, key) for key in COLUMNS.values()]
        table.add_row(name, str(scores["n_interventions"]), *cells)
    console = Console()
    console.width = max(console.width, LEAST_WIDTH)
    console.print(table)


def _cell(scores: dict[str, Any], key: str) -> str:
    value, interval = scores[key], scores["intervals"][key]
    return "–" if value is None else f"{value:.3f}" + (f"\n{interval[0]:.2f}–{interval[1]:.2f}" if interval else "")
