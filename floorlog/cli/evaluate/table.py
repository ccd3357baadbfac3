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


def show(document: dict[str, Any]) -> None:
    """Print a row for each tier on stdout."""
    from rich.console import Console
    from rich.table import Table

    table = Table("tier", "n", *COLUMNS, caption="in brackets: 95 % intervals")
    for name, scores in document["tiers"].items():
        cells = [_cell(scores, key) for key in COLUMNS.values()]
        table.add_row(name, str(scores["n_interventions"]), *cells)
    Console(width=160).print(table)


def _cell(scores: dict[str, Any], key: str) -> str:
    value, interval = scores[key], scores["intervals"][key]
    return "–" if value is None else f"{value:.3f}" + (f"\n[{interval[0]:.3f} {interval[1]:.3f}]" if interval else "")
