"""Curves of an evaluation as SVG: reliability, and risk over coverage. A line for each tier, never pooled."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#999999", "#000000")
"""Told apart by everybody: Okabe and Ito (2008), less the yellow that a white page swallows."""

MARKS = "osD^vPXd*"
"""One more than there are colours, so that the two together are not soon repeated."""

DASHES = ("-", "--", ":")


def reliability(tiers: Mapping[str, dict[str, Any]]) -> Markup:
    """Return what share of names is right, over the confidence that the log gave them."""
    figure, axes = _axes("confidence of the log", "share that is right")
    axes.plot([0, 1], [0, 1], color="#9aa3ad", linewidth=1, linestyle="--")
    for number, (name, scores) in enumerate(tiers.items()):
        bins = scores["reliability"]
        x, y = [item["confidence"] for item in bins], [item["right"] for item in bins]
        axes.plot(x, y, color=_colour(number), linewidth=1, alpha=0.6)
        sizes = [12 + 6 * item["count"] ** 0.5 for item in bins]
        axes.scatter(x, y, s=sizes, color=_colour(number), marker=MARKS[number % len(MARKS)], label=name, zorder=3)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.03)
    return _svg(figure, "reliability")


def risk_coverage(tiers: Mapping[str, dict[str, Any]]) -> Markup:
    """Return what share of names is wrong, over the share of interventions that get one, as the threshold falls."""
    figure, axes = _axes("coverage: share of interventions with a name", "risk: share of names that is wrong")
    highest = 0.02
    for number, (name, scores) in enumerate(tiers.items()):
        points = scores["risk_coverage"]
        x, y = [item["coverage"] for item in points], [item["risk"] for item in points]
        highest = max(highest, *y) if y else highest
        axes.plot(
            x,
            y,
            color=_colour(number),
            linewidth=1.4,
            drawstyle="steps-post",
            label=name,
            linestyle=DASHES[number // len(COLOURS) % len(DASHES)],
        )
        if points:
            axes.plot(x[-1], y[-1], color=_colour(number), marker=MARKS[number % len(MARKS)], markersize=6)
    axes.axhline(0.01, color="#9aa3ad", linewidth=1, linestyle="--")
    axes.set_xlim(0, 1.02)
    axes.set_ylim(-0.02 * highest, highest * 1.1)
    return _svg(figure, "risk-coverage")


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _axes(x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6.2, 4.4), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(color="#e4e9ee", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _svg(figure: Figure, name: str) -> Markup:
    """Return a figure as an element of a page, the same bytes each time. `name` keeps its ids apart from others'."""
    handles, labels = figure.axes[0].get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower left", ncols=2, fontsize=8, frameon=False)
    text = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure.savefig(text, format="svg", metadata={"Date": None}, transparent=True)
    svg = text.getvalue()[text.getvalue().index("<svg") :]
    return Markup(re.sub(r'\b(id="|href="#|url\(#)', rf"\g<1>{name}-", svg))
